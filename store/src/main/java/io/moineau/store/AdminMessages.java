package io.moineau.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What {@link AdminSocket} and {@link AdminClient} say to each other: an object of JSON per line.
 */
final class AdminMessages {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_LINE = 4 << 20;

  private AdminMessages() {}

  /** {@code add} with a request, {@code list}, or {@code revoke} with an id or a name. */
  record Question(String verb, Optional<KeyRequest> request, String key) {
    static Question add(KeyRequest request) {
      return new Question("add", Optional.of(request), "");
    }

    static Question list() {
      return new Question("list", Optional.empty(), "");
    }

    static Question revoke(String key) {
      return new Question("revoke", Optional.empty(), key);
    }
  }

  /** Keys, and the secret of a new one. */
  record Answer(List<KeyUse> keys, String secret) {}

  static String write(Question question) {
    return line(json -> {
      json.writeStringField("do", question.verb());
      if (!question.key().isEmpty()) {
        json.writeStringField("key", question.key());
      }
      if (question.request().isPresent()) {
        KeyRequest request = question.request().get();
        json.writeStringField("name", request.name());
        limits(json, request.tokensPerDay(), request.requestsPerMinute(), request.models());
        time(json, "expires", request.expires());
      }
    });
  }

  static Question question(String line) throws IOException {
    Map<String, Object> fields = parse(line);
    String verb = text(fields, "do");
    Optional<KeyRequest> request = Optional.empty();
    if (verb.equals("add")) {
      request =
          Optional.of(
              new KeyRequest(
                  text(fields, "name"),
                  number(fields, "tokens_per_day"),
                  smallNumber(fields, "requests_per_minute"),
                  texts(fields, "models"),
                  time(fields, "expires")));
    }
    return new Question(verb, request, text(fields, "key"));
  }

  static String write(Answer answer) {
    return line(json -> {
      if (!answer.secret().isEmpty()) {
        json.writeStringField("secret", answer.secret());
      }
      json.writeArrayFieldStart("keys");
      for (KeyUse use : answer.keys()) {
        json.writeStartObject();
        write(json, use);
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  private static void write(JsonGenerator json, KeyUse use) throws IOException {
    ApiKey key = use.key();
    json.writeStringField("id", key.id());
    json.writeStringField("name", key.name());
    json.writeStringField("hint", key.hint());
    limits(json, key.tokensPerDay(), key.requestsPerMinute(), key.models());
    time(json, "created", Optional.of(key.created()));
    time(json, "expires", key.expires());
    time(json, "revoked", key.revoked());
    json.writeStringField("day", use.today().day().toString());
    json.writeNumberField("prompt_tokens", use.today().promptTokens());
    json.writeNumberField("completion_tokens", use.today().completionTokens());
    json.writeNumberField("requests", use.today().requests());
  }

  static String write(StoreException error) {
    return line(json -> {
      json.writeObjectFieldStart("error");
      json.writeStringField("code", error.code());
      json.writeStringField("what", error.what());
      json.writeStringField("where", error.where());
      json.writeStringField("allowed", error.allowed());
      json.writeStringField("action", error.action());
      json.writeEndObject();
    });
  }

  /**
   * Reads an answer.
   *
   * @throws StoreException the error that the line holds
   */
  static Answer answer(String line) throws IOException {
    Map<String, Object> fields = parse(line);
    if (fields.get("error") instanceof Map<?, ?> map) {
      Map<String, Object> error = strings(map);
      throw new StoreException(
          text(error, "code"),
          text(error, "what"),
          text(error, "where"),
          text(error, "allowed"),
          text(error, "action"));
    }
    List<KeyUse> keys = new ArrayList<>();
    if (fields.get("keys") instanceof List<?> list) {
      for (Object entry : list) {
        if (entry instanceof Map<?, ?> map) {
          keys.add(keyUse(strings(map)));
        }
      }
    }
    return new Answer(keys, text(fields, "secret"));
  }

  private static KeyUse keyUse(Map<String, Object> fields) throws IOException {
    try {
      return new KeyUse(
          new ApiKey(
              text(fields, "id"),
              text(fields, "name"),
              text(fields, "hint"),
              number(fields, "tokens_per_day"),
              smallNumber(fields, "requests_per_minute"),
              texts(fields, "models"),
              time(fields, "created").orElse(Instant.EPOCH),
              time(fields, "expires"),
              time(fields, "revoked")),
          new DayUsage(
              LocalDate.parse(text(fields, "day")),
              number(fields, "prompt_tokens").orElse(0),
              number(fields, "completion_tokens").orElse(0),
              number(fields, "requests").orElse(0)));
    } catch (DateTimeException e) {
      throw new IOException("no such day: " + text(fields, "day"), e);
    }
  }

  private static void limits(
      JsonGenerator json, OptionalLong tokens, OptionalInt requests, List<String> models)
      throws IOException {
    if (tokens.isPresent()) {
      json.writeNumberField("tokens_per_day", tokens.getAsLong());
    }
    if (requests.isPresent()) {
      json.writeNumberField("requests_per_minute", requests.getAsInt());
    }
    json.writeArrayFieldStart("models");
    for (String model : models) {
      json.writeString(model);
    }
    json.writeEndArray();
  }

  private static void time(JsonGenerator json, String name, Optional<Instant> time)
      throws IOException {
    if (time.isPresent()) {
      json.writeStringField(name, time.get().toString());
    }
  }

  private static String text(Map<String, Object> fields, String name) {
    return fields.get(name) instanceof String text ? text : "";
  }

  private static OptionalLong number(Map<String, Object> fields, String name) {
    return fields.get(name) instanceof Long number ? OptionalLong.of(number) : OptionalLong.empty();
  }

  private static OptionalInt smallNumber(Map<String, Object> fields, String name)
      throws IOException {
    OptionalLong number = number(fields, name);
    if (number.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Math.toIntExact(number.getAsLong()));
    } catch (ArithmeticException e) {
      throw new IOException(name + " is too large", e);
    }
  }

  private static List<String> texts(Map<String, Object> fields, String name) {
    return fields.get(name) instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of();
  }

  private static Optional<Instant> time(Map<String, Object> fields, String name)
      throws IOException {
    String text = text(fields, name);
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      throw new IOException("no such time: " + text, e);
    }
  }

  @FunctionalInterface
  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private static String line(Fields fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("a string cannot fail", e);
    }
    return text.append('\n').toString();
  }

  private static Map<String, Object> parse(String line) throws IOException {
    try (JsonParser json = JSON.createParser(line)) {
      if (json.nextToken() == JsonToken.START_OBJECT && value(json) instanceof Map<?, ?> map) {
        return strings(map);
      }
      throw new IOException("an object of JSON is expected");
    }
  }

  private static Map<String, Object> strings(Map<?, ?> map) {
    Map<String, Object> fields = new LinkedHashMap<>();
    map.forEach((name, value) -> fields.put(String.valueOf(name), value));
    return fields;
  }

  /** Maps, lists, strings and whole numbers; anything else is left out by those who ask for it. */
  private static Object value(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
          json.nextToken();
          map.put(name, value(json));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(json));
        }
        yield list;
      }
      case VALUE_NUMBER_INT -> json.getLongValue();
      default -> String.valueOf(json.getText());
    };
  }

  static void send(ByteChannel channel, String line) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** A line, without its end. */
  static String receive(ByteChannel channel) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (line.size() <= MAX_LINE) {
      if (channel.read(buffer.clear()) < 0) {
        throw new EOFException("the connection was closed");
      }
      buffer.flip();
      int end = 0;
      while (end < buffer.limit() && buffer.get(end) != '\n') {
        end++;
      }
      line.write(buffer.array(), 0, end);
      if (end < buffer.limit()) {
        return line.toString(StandardCharsets.UTF_8);
      }
    }
    throw new IOException("a line is longer than " + MAX_LINE + " bytes");
  }
}
