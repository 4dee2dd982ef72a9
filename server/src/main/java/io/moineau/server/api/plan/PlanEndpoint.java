package io.moineau.server.api.plan;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Service;
import io.moineau.server.plan.PlanData;

/**
 * What the endpoints of the plan share.
 *
 * <p>These classes are loaded with the server, those of the plan with the first question: no field,
 * no constant and no {@code catch} here may need one of them.
 */
abstract class PlanEndpoint implements Endpoint {
  static final String ROOT = "/moineau/plan/";

  private final Service service;
  private final String method;
  private final String path;
  private final String summary;

  PlanEndpoint(Service service, String method, String path, String summary) {
    this.service = service;
    this.method = method;
    this.path = ROOT + path;
    this.summary = summary;
  }

  final PlanData data() {
    return service.plan();
  }

  @Override
  public final String method() {
    return method;
  }

  @Override
  public final String path() {
    return path;
  }

  @Override
  public final String summary() {
    return summary;
  }

  @Override
  public final ErrorForm errors() {
    return ErrorForm.OPENAI;
  }
}
