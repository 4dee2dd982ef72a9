package io.moineau.server.api.common;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code GET /openapi.json}: what there is, made from the tables of the endpoints, in the form of
 * OpenAPI 3.1.
 */
public final class OpenApi implements Endpoint {
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");

  private final Service service;

  /** For this server. */
  public OpenApi(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/openapi.json";
  }

  @Override
  public String summary() {
    return "This API in the form of OpenAPI 3.1";
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
    reply.json(describe(service.endpoints()));
  }

  /** The description of some endpoints. */
  public static Map<String, Object> describe(List<Endpoint> endpoints) {
    Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
    for (Endpoint endpoint : endpoints) {
      paths
          .computeIfAbsent(endpoint.path(), path -> new LinkedHashMap<>())
          .put(endpoint.method().toLowerCase(Locale.ROOT), operation(endpoint));
    }
    String version = OpenApi.class.getPackage().getImplementationVersion();
    Map<String, Object> schemas = new LinkedHashMap<>();
    for (ErrorForm form : ErrorForm.values()) {
      schemas.put(error(form), errorSchema(form));
    }
    return JsonMap.of(
        "openapi",
        "3.1.0",
        "info",
        JsonMap.of(
            "title",
            "Moineau",
            "version",
            version == null ? "development" : version,
            "license",
            JsonMap.of("name", "Apache-2.0", "identifier", "Apache-2.0")),
        "paths",
        paths,
        "components",
        JsonMap.of("schemas", schemas));
  }

  private static Map<String, Object> operation(Endpoint endpoint) {
    Map<String, Object> operation =
        JsonMap.of(
            "operationId",
            operationId(endpoint),
            "summary",
            endpoint.summary(),
            "tags",
            List.of(tag(endpoint.errors())));
    List<Object> parameters = new ArrayList<>();
    Matcher matcher = PARAMETER.matcher(endpoint.path());
    while (matcher.find()) {
      parameters.add(
          JsonMap.of(
              "name",
              matcher.group(1),
              "in",
              "path",
              "required",
              true,
              "schema",
              Map.of("type", "string")));
    }
    for (Field field : endpoint.query()) {
      parameters.add(
          JsonMap.of(
              "name",
              field.name(),
              "in",
              "query",
              "required",
              false,
              "description",
              field.note(),
              "schema",
              schema(field.type())));
    }
    if (!parameters.isEmpty()) {
      operation.put("parameters", parameters);
    }
    if (!endpoint.fields().isEmpty()) {
      Map<String, Object> properties = new LinkedHashMap<>();
      endpoint.fields().forEach(field -> properties.put(field.name(), property(field)));
      operation.put(
          "requestBody",
          JsonMap.of(
              "required",
              true,
              "content",
              json(JsonMap.of("type", "object", "properties", properties))));
    }
    operation.put(
        "responses",
        JsonMap.of(
            "200",
            JsonMap.of("description", "The answer"),
            "default",
            JsonMap.of(
                "description",
                "An error",
                "content",
                json(Map.of("$ref", "#/components/schemas/" + error(endpoint.errors()))))));
    return operation;
  }

  private static Map<String, Object> json(Object schema) {
    return Map.of("application/json", Map.of("schema", schema));
  }

  /** The method and the words of the path: {@code post_v1_chat_completions}. */
  private static String operationId(Endpoint endpoint) {
    String words = endpoint.path().replaceAll("[^A-Za-z0-9]+", "_").replaceAll("^_|_$", "");
    return endpoint.method().toLowerCase(Locale.ROOT) + "_" + words;
  }

  private static String tag(ErrorForm form) {
    return switch (form) {
      case OPENAI -> "openai";
      case ANTHROPIC -> "anthropic";
      case OLLAMA -> "ollama";
    };
  }

  private static Map<String, Object> property(Field field) {
    Map<String, Object> property = schema(field.type());
    String support = field.support().name().toLowerCase(Locale.ROOT);
    String note =
        switch (field.support()) {
          case SUPPORTED -> field.note();
          case IGNORED -> "No effect: " + field.note();
          case REFUSED -> "Refused: " + field.note();
        };
    if (!note.isEmpty()) {
      property.put("description", note);
    }
    property.put("x-moineau-support", support);
    return property;
  }

  /**
   * JSON Schema of a type as tables write it.
   *
   * @throws IllegalArgumentException if it is not made of JSON Schema's words
   */
  static Map<String, Object> schema(String type) {
    if (type.contains(" or ")) {
      List<Object> any = new ArrayList<>();
      for (String one : type.split(" or ")) {
        any.add(schema(one));
      }
      return JsonMap.of("anyOf", any);
    }
    if (type.startsWith("array of ")) {
      return JsonMap.of("type", "array", "items", schema(type.substring("array of ".length())));
    }
    if (type.startsWith("object of ")) {
      Object values = schema(type.substring("object of ".length()));
      return JsonMap.of("type", "object", "additionalProperties", values);
    }
    return switch (type) {
      case "string", "integer", "number", "boolean", "object" -> JsonMap.of("type", type);
      case "array" -> JsonMap.of("type", "array", "items", Map.of());
      case "any" -> JsonMap.of();
      default -> throw new IllegalArgumentException("no type: " + type);
    };
  }

  private static String error(ErrorForm form) {
    return switch (form) {
      case OPENAI -> "OpenAiError";
      case ANTHROPIC -> "AnthropicError";
      case OLLAMA -> "OllamaError";
    };
  }

  private static Map<String, Object> errorSchema(ErrorForm form) {
    Map<String, Object> string = Map.of("type", "string");
    Map<String, Object> nullable = Map.of("type", List.of("string", "null"));
    return switch (form) {
      case OPENAI ->
          object(
              "error",
              object("message", string, "type", string, "param", nullable, "code", nullable));
      case ANTHROPIC ->
          object(
              "type",
              Map.of("const", "error"),
              "error",
              object("type", string, "message", string),
              "request_id",
              string);
      case OLLAMA -> object("error", string);
    };
  }

  private static Map<String, Object> object(Object... namesAndSchemas) {
    Map<String, Object> properties = JsonMap.of(namesAndSchemas);
    return JsonMap.of(
        "type", "object", "properties", properties, "required", List.copyOf(properties.keySet()));
  }
}
