package io.moineau.server.api.common;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the server lives, and whether it is ready for requests: {@code /health/live} is 200 as
 * long as the process can answer, {@code /health/ready} and {@code /health} are 503 once it ends.
 */
public final class Health implements Endpoint {
  private final Service service;
  private final String path;
  private final boolean readiness;

  private Health(Service service, String path, boolean readiness) {
    this.service = service;
    this.path = path;
    this.readiness = readiness;
  }

  /** All three. */
  public static List<Endpoint> endpoints(Service service) {
    return List.of(
        new Health(service, "/health", true),
        new Health(service, "/health/ready", true),
        new Health(service, "/health/live", false));
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String summary() {
    return readiness
        ? "200 while new requests are answered, 503 once the server ends"
        : "200 while the process lives";
  }

  @Override
  public boolean open() {
    return true;
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    if (!readiness || service.ready()) {
      Optional<String> trouble = readiness ? service.gatekeeper().trouble() : Optional.empty();
      reply.json(
          trouble.isEmpty()
              ? Map.of("status", "ok")
              : Map.of("status", "ok", "trouble", trouble.get()));
    } else {
      reply.json(503, Map.of("status", "shutting down"));
    }
  }
}
