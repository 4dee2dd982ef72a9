package io.moineau.server.metrics;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.http.HttpRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** The figures of the server, for Prometheus. */
public final class MetricsEndpoint implements Endpoint {
  /** Headers that a proxy adds: who comes through one is not on this machine. */
  private static final List<String> FORWARDED =
      List.of("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via");

  private final Service service;

  /** Of a service. */
  public MetricsEndpoint(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/metrics";
  }

  @Override
  public String summary() {
    return "Figures for Prometheus, as text or, where `Accept` names it, as OpenMetrics; see"
        + " [metrics.md](metrics.md)";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public boolean openTo(HttpRequest http) {
    return service.metrics().options().open() || isOnThisMachine(http);
  }

  private static boolean isOnThisMachine(HttpRequest http) {
    if (FORWARDED.stream().anyMatch(header -> http.header(header).isPresent())) {
      return false;
    }
    try {
      // An address, not a name: nothing is looked up.
      return InetAddress.getByName(http.remote()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    Scraped scraped = service.metrics().scrape(request.header("Accept").orElse(""));
    reply.header("Cache-Control", "no-store");
    reply.body(200, scraped.contentType(), scraped.text());
  }
}
