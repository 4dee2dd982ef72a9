package io.moineau.server.api;

import io.moineau.server.access.Caller;
import io.moineau.server.http.HttpRequest;
import io.moineau.server.http.HttpResponse;
import io.moineau.text.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A request to one endpoint and its answer, without a socket. */
public final class Exchange implements HttpRequest, HttpResponse {
  private final Endpoint endpoint;
  private final byte[] body;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int status = 200;
  private boolean started;

  private Exchange(Endpoint endpoint, String body) {
    this.endpoint = endpoint;
    this.body = body.getBytes(StandardCharsets.UTF_8);
  }

  /** Asks and waits for the end; errors are told as a server tells them. */
  public static Exchange of(Endpoint endpoint, String body) throws IOException {
    Exchange exchange = new Exchange(endpoint, body);
    Reply reply = new Reply(exchange, Duration.ofMinutes(1));
    try {
      endpoint.handle(
          new Request(exchange, endpoint, Map.of(), Caller.at("127.0.0.1"), "req_1", false), reply);
    } catch (RuntimeException e) {
      reply.error(endpoint.errors(), ApiError.of(e, "req_1"), "req_1");
    } finally {
      reply.end();
    }
    return exchange;
  }

  /** The body of the answer. */
  public String text() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** The body of the answer as an object. */
  @SuppressWarnings("unchecked")
  public Map<String, Object> json() {
    return (Map<String, Object>) Json.parse(text());
  }

  /** The value at a path such as {@code content[0].text}. */
  public Object at(String path) {
    return at(json(), path);
  }

  /** The value at a path within another; a missing one is the text "(missing)". */
  public static Object at(Object value, String path) {
    Object here = value;
    for (String step : path.replace("[", ".[").split("\\.")) {
      if (step.isEmpty()) {
        continue;
      }
      if (step.startsWith("[")) {
        int index = Integer.parseInt(step.substring(1, step.length() - 1));
        if (!(here instanceof List<?> list) || index >= list.size()) {
          return "(missing)";
        }
        here = list.get(index);
      } else {
        if (!(here instanceof Map<?, ?> map) || !map.containsKey(step)) {
          return "(missing)";
        }
        here = map.get(step);
      }
    }
    return here == null ? "null" : here;
  }

  /** The events of a stream; the data of each. */
  public List<Map<String, Object>> events() {
    return events(text());
  }

  /** The events of a stream; each must be named as its type is. */
  @SuppressWarnings("unchecked")
  public static List<Map<String, Object>> events(String text) {
    List<Map<String, Object>> events = new ArrayList<>();
    for (String block : text.split("\n\n")) {
      if (block.startsWith(":")) {
        continue;
      }
      String[] lines = block.split("\n");
      if (lines.length != 2 || !lines[0].startsWith("event: ") || !lines[1].startsWith("data: ")) {
        throw new AssertionError("no event: " + block);
      }
      Map<String, Object> event = (Map<String, Object>) Json.parse(lines[1].substring(6));
      if (!lines[0].substring(7).equals(event.get("type"))) {
        throw new AssertionError("a name that is not the type: " + block);
      }
      events.add(event);
    }
    return events;
  }

  /** The lines of a stream. */
  @SuppressWarnings("unchecked")
  public static List<Map<String, Object>> lines(String text) {
    return text.lines().map(line -> (Map<String, Object>) Json.parse(line)).toList();
  }

  /** A header of the answer. */
  public String sent(String name) {
    return headers.getOrDefault(name, "");
  }

  @Override
  public String method() {
    return endpoint.method();
  }

  @Override
  public String path() {
    return endpoint.path();
  }

  @Override
  public Optional<String> query(String name) {
    return Optional.empty();
  }

  @Override
  public List<String> queries(String name) {
    return List.of();
  }

  @Override
  public Set<String> queryNames() {
    return Set.of();
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.empty();
  }

  @Override
  public List<String> headers(String name) {
    return header(name).stream().toList();
  }

  @Override
  public String remote() {
    return "127.0.0.1";
  }

  @Override
  public byte[] body() {
    return body.clone();
  }

  @Override
  public void onGone(Runnable action) {}

  @Override
  public void status(int value) {
    status = value;
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public void header(String name, String value) {
    headers.put(name, value);
  }

  @Override
  public void close() {}

  @Override
  public void send(byte[] bytes) throws IOException {
    started = true;
    out.write(bytes);
  }

  @Override
  public OutputStream stream() {
    started = true;
    return out;
  }

  @Override
  public boolean started() {
    return started;
  }
}
