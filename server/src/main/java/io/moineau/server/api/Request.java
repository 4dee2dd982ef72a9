package io.moineau.server.api;

import io.moineau.server.access.AnswerEnd;
import io.moineau.server.access.Caller;
import io.moineau.server.http.HttpRequest;
import io.moineau.server.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

/** A request to an endpoint. */
public final class Request {
  private final HttpRequest http;
  private final Endpoint endpoint;
  private final Map<String, String> parameters;
  private final Caller caller;
  private final String id;
  private final boolean lenient;
  private final List<AnswerEnd> answers = new CopyOnWriteArrayList<>();
  private final AtomicBoolean asked = new AtomicBoolean();
  private BiConsumer<String, String> answerHeaders = (name, value) -> {};

  /** By a caller, with the parameters that the path holds, and an id that logs and errors name. */
  public Request(
      HttpRequest http,
      Endpoint endpoint,
      Map<String, String> parameters,
      Caller caller,
      String id,
      boolean lenient) {
    this.http = http;
    this.endpoint = endpoint;
    this.parameters = Map.copyOf(parameters);
    this.caller = caller;
    this.id = id;
    this.lenient = lenient;
  }

  /** Where headers of the answer go that are known before it begins. */
  public Request withAnswerHeaders(BiConsumer<String, String> headers) {
    answerHeaders = headers;
    return this;
  }

  /** Sets a header of the answer, which has not begun. */
  public void answerHeader(String name, String value) {
    answerHeaders.accept(name, value);
  }

  /** Whether nothing was asked of the engine for this request before; true once. */
  public boolean firstAnswer() {
    return asked.compareAndSet(false, true);
  }

  /** Names the request in logs and errors. */
  public String id() {
    return id;
  }

  /** A part of the path in braces. */
  public String parameter(String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException(endpoint.path() + " has no parameter " + name);
    }
    return value;
  }

  /** Whether nothing but the headers of the answer is wanted: those of a stream have no end. */
  public boolean headersOnly() {
    return http.method().equals("HEAD");
  }

  /** A parameter of the query. */
  public Optional<String> query(String name) {
    return http.query(name);
  }

  /** All values of a parameter of the query, in their order. */
  public List<String> queries(String name) {
    return http.queries(name);
  }

  /**
   * Checks the names in the query of an endpoint that has a table of them.
   *
   * @throws ApiException 400 {@code unknown_parameter}
   */
  public void checkQuery() {
    List<Field> known = endpoint.query();
    if (known.isEmpty() || lenient) {
      return;
    }
    for (String name : http.queryNames()) {
      if (known.stream().noneMatch(field -> field.name().equals(name))) {
        throw ApiException.unknownParameter(name);
      }
    }
  }

  /** A header. */
  public Optional<String> header(String name) {
    return http.header(name);
  }

  /** The body as an object, checked against the fields of the endpoint. */
  public JsonObject json() {
    JsonObject body = JsonObject.parse(http.body());
    Field.check(body, endpoint.fields(), lenient);
    return body;
  }

  /** Checks an object within the body against a table of its own. */
  public void check(JsonObject object, List<Field> fields) {
    Field.check(object, fields, lenient);
  }

  /** Who asks. */
  public Caller caller() {
    return caller;
  }

  /** Who asks, for fairness: the key or the address. */
  public String share() {
    return caller.share();
  }

  /** Notes what an answer took. */
  public void ended(AnswerEnd end) {
    answers.add(end);
  }

  /** What the answers took that are at their end. */
  public List<AnswerEnd> answers() {
    return List.copyOf(answers);
  }

  /** The path of the endpoint, with the names of its parameters. */
  public String path() {
    return endpoint.path();
  }

  /** Calls {@code action} when the client goes away. */
  public void onGone(Runnable action) {
    http.onGone(action);
  }
}
