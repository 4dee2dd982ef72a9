package io.moineau.server;

import io.moineau.error.MoineauException;
import io.moineau.server.access.Caller;
import io.moineau.server.api.ApiError;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.ClientGoneException;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.http.HttpException;
import io.moineau.server.http.HttpHandler;
import io.moineau.server.http.HttpRequest;
import io.moineau.server.http.HttpResponse;
import io.moineau.server.web.WebPage;
import io.moineau.text.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Finds the endpoint of a request, tells its errors, and writes one line to the log. */
final class Dispatcher implements HttpHandler {
  /** What nginx logs where the client went away. */
  private static final int CLIENT_CLOSED = 499;

  private static final System.Logger LOG = System.getLogger("io.moineau.server");

  private final Routes routes;
  private final ModelService service;
  private final ServerOptions options;
  private final Cors cors;
  private final WebPage page = new WebPage();

  Dispatcher(Routes routes, ModelService service, ServerOptions options, Cors cors) {
    this.cors = cors;
    this.routes = routes;
    this.service = service;
    this.options = options;
  }

  @Override
  public void handle(HttpRequest received, HttpResponse response) throws IOException {
    long start = System.nanoTime();
    HttpRequest http = options.trustedProxies().seen(received);
    String id = requestId(http);
    Visit visit = new Visit(http, response, id);
    int status = CLIENT_CLOSED;
    try {
      response.header("X-Request-Id", id);
      response.header("X-Content-Type-Options", "nosniff");
      response.header("Cache-Control", "no-store");
      status = answer(visit);
    } finally {
      tell(visit.http, visit.entry(status, System.nanoTime() - start, service.modelId()));
    }
  }

  /** A request and what is known of it up to now. */
  private static final class Visit {
    private final HttpRequest http;
    private final HttpResponse response;
    private final String id;
    private final String path;
    private final Instant startedAt = Instant.now();
    private String endpoint = "";
    private Caller caller;
    private @Nullable Request request;

    Visit(HttpRequest http, HttpResponse response, String id) {
      this.http = http;
      this.response = response;
      this.id = id;
      this.path = http.path();
      this.caller = Caller.at(http.remote());
    }

    AccessEntry entry(int status, long nanos, String model) {
      return new AccessEntry(
          startedAt,
          http.remote(),
          http.method(),
          path,
          status,
          nanos,
          id,
          endpoint,
          caller,
          model,
          request == null ? List.of() : request.answers(),
          "");
    }
  }

  /** What hears of a request that was answered can do nothing about it, nor to it. */
  private void tell(HttpRequest http, AccessEntry entry) {
    service.metrics().answered(entry);
    AccessEntry traced = entry;
    try {
      traced = entry.withTraceId(options.tracer().answered(http, entry));
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "a trace failed");
    }
    try {
      options.accessLog().accept(traced);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "the access log failed");
    }
  }

  private int answer(Visit visit) throws IOException {
    HttpResponse response = visit.response;
    Reply reply = new Reply(response, options.heartbeat());
    ErrorForm form = Routes.form(visit.path);
    try {
      if (WebPage.owns(visit.path) && page.answer(visit.http, response)) {
        visit.endpoint = WebPage.endpoint(visit.path);
        return response.status();
      }
      Optional<Routes.Match> match = routes.find(visit.http.method(), visit.path);
      if (match.isPresent()) {
        form = match.get().endpoint().errors();
      }
      cors.check(visit.http, response);
      if (!service.ready() && !visit.path.startsWith("/health")) {
        throw ApiException.shuttingDown();
      }
      if (match.isEmpty()) {
        return noEndpoint(visit.http, response, visit.path);
      }
      match.get().endpoint().handle(request(visit, match.get()), reply);
      return response.status();
    } catch (ClientGoneException e) {
      throw new IOException("the client is gone", e);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      ApiError error = ApiError.of(e, visit.id);
      if (error.status() >= 500 && error.status() != 503) {
        LOG.log(System.Logger.Level.ERROR, trouble(e, visit.id));
      }
      if (e instanceof HttpException || error.status() == 401 || !service.ready()) {
        response.close(); // what is left of the request is not read
      }
      if (error.status() == 401) {
        response.header("WWW-Authenticate", "Bearer");
      }
      reply.error(form, error, visit.id);
      return error.status();
    } finally {
      reply.end();
    }
  }

  /** A request of somebody who may make it. */
  private Request request(Visit visit, Routes.Match match) {
    Endpoint endpoint = match.endpoint();
    visit.endpoint = endpoint.path();
    if (!endpoint.openTo(visit.http)) {
      visit.caller = options.gatekeeper().identify(visit.http);
    }
    Request request =
        new Request(
                visit.http,
                endpoint,
                match.parameters(),
                visit.caller,
                visit.id,
                options.ignoreUnknownFields())
            .withAnswerHeaders(visit.response::header);
    visit.request = request;
    request.checkQuery();
    return request;
  }

  private int noEndpoint(HttpRequest http, HttpResponse response, String path) throws IOException {
    Set<String> methods =
        WebPage.owns(path) ? WebPage.methods(http.method()) : routes.methods(path);
    if (methods.isEmpty()) {
      throw new ApiException(
          404,
          "unknown_path",
          "",
          0,
          "there is nothing at this path",
          http.method() + " " + shortened(path),
          "",
          "GET /openapi.json lists what there is");
    }
    response.header("Allow", String.join(", ", methods));
    if (http.method().equals("OPTIONS")) {
      cors.preflight(http, response, methods);
      response.status(204);
      response.send(new byte[0]);
      return 204;
    }
    throw new ApiException(
        405,
        "method_not_allowed",
        "",
        0,
        "this path does not have that method",
        http.method() + " " + shortened(path),
        String.join(", ", methods),
        "");
  }

  private static String shortened(String path) {
    return path.length() <= 200 ? path : path.substring(0, 200) + "...";
  }

  /** The client's own name for the request if it is a plain one, or a new one. */
  private static String requestId(HttpRequest http) {
    String given = http.header("X-Request-Id").orElse("");
    if (!given.isEmpty()
        && given.length() <= 128
        && given.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      return given;
    }
    return "req_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  /**
   * A failure for the log: its kind and place. No message of a foreign exception, which may hold
   * what the user wrote, and no stack.
   */
  private static String trouble(Throwable failure, String id) {
    StringBuilder text = new StringBuilder(id).append(": ").append(failure.getClass().getName());
    if (failure instanceof MoineauException own) {
      text.append(' ').append(own.code()).append(": ").append(own.what());
    }
    for (StackTraceElement frame : failure.getStackTrace()) {
      if (frame.getClassName().startsWith("io.moineau.")) {
        return text.append(" at ")
            .append(frame.getClassName())
            .append('.')
            .append(frame.getMethodName())
            .append(':')
            .append(frame.getLineNumber())
            .toString();
      }
    }
    return text.toString();
  }

  @Override
  public String refusal(int status, String message) {
    ApiError error = new ApiError(status, "http_error", message, "", 0);
    Map<String, Object> body = ErrorForm.OPENAI.body(error, "");
    return Json.write(body);
  }
}
