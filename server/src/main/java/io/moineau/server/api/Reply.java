package io.moineau.server.api;

import io.moineau.server.http.HttpResponse;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The answer of an endpoint: one JSON value, a stream of events, or lines of JSON. */
public final class Reply {
  private static final int LONG_SECONDS = 60;

  private final HttpResponse http;
  private final Duration heartbeat;
  private @Nullable EventStream events;
  private @Nullable LineStream lines;

  /**
   * An answer that has not begun.
   *
   * @param heartbeat how long a stream of events is silent at most
   */
  public Reply(HttpResponse http, Duration heartbeat) {
    this.http = http;
    this.heartbeat = heartbeat;
  }

  /** Sets a header. */
  public void header(String name, String value) {
    http.header(name, value);
  }

  /** Answers 200 with a JSON value. */
  public void json(Object value) throws IOException {
    json(200, value);
  }

  /** Answers with a JSON value. */
  public void json(int status, Object value) throws IOException {
    body(status, "application/json", Json.write(value));
  }

  /** Answers with a text. */
  public void body(int status, String type, String text) throws IOException {
    http.status(status);
    http.header("Content-Type", type);
    http.send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Begins a stream of server-sent events. */
  public EventStream events() throws IOException {
    http.header("Content-Type", "text/event-stream; charset=utf-8");
    http.header("Cache-Control", "no-cache");
    http.header("X-Accel-Buffering", "no"); // nginx in between must not wait for more
    events = new EventStream(http.stream(), heartbeat);
    return events;
  }

  /** Begins lines of JSON. */
  public LineStream lines() throws IOException {
    http.header("Content-Type", "application/x-ndjson");
    http.header("X-Accel-Buffering", "no");
    lines = new LineStream(http.stream());
    return lines;
  }

  /** Tells an error: as the answer, or as the last of a stream that has begun. */
  public void error(ErrorForm form, ApiError error, String requestId) throws IOException {
    Map<String, Object> body = form.body(error, requestId);
    if (events != null) {
      if (form == ErrorForm.ANTHROPIC) {
        events.event("error", body);
      } else {
        events.data(body);
      }
      events.close();
    } else if (lines != null) {
      lines.line(body);
    } else if (!http.started()) {
      if (error.retryAfterSeconds() > 0) {
        http.header("Retry-After", Integer.toString(error.retryAfterSeconds()));
        if (error.retryAfterSeconds() > LONG_SECONDS) {
          http.header("X-Should-Retry", "false"); // clients would try within seconds all the same
        }
      }
      json(error.status(), body);
    }
  }

  /** Ends what runs beside a stream. */
  public void end() {
    if (events != null) {
      events.close();
    }
  }

  /** The status told. */
  public int status() {
    return http.status();
  }
}
