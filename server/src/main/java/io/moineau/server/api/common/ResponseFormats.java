package io.moineau.server.api.common;

import io.moineau.ResponseFormat;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Field;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/** Reads what an answer must look like: OpenAI's response_format, llama.cpp's and vLLM's fields. */
public final class ResponseFormats {
  private ResponseFormats() {}

  /** The fields beside {@code response_format}. */
  public static List<Field> extra() {
    return List.of(
        Field.supported("grammar", "string", "GBNF, as llama.cpp's server has it"),
        Field.supported("json_schema", "object", "JSON Schema, as llama.cpp's server has it"),
        Field.supported("guided_json", "object", "JSON Schema, as vLLM has it"),
        Field.supported("guided_regex", "string", "a regular expression, as vLLM has it"),
        Field.supported("guided_choice", "array of string", "one of these texts, as vLLM has it"),
        Field.supported("guided_grammar", "string", "GBNF"));
  }

  /** What a body asks for. */
  public static ResponseFormat read(JsonObject body) {
    List<ResponseFormat> formats = new ArrayList<>();
    body.object("response_format").ifPresent(format -> formats.add(openAi(format)));
    for (String name : List.of("json_schema", "guided_json")) {
      body.find(name).ifPresent(schema -> formats.add(schema("answer", schema)));
    }
    for (String name : List.of("grammar", "guided_grammar")) {
      body.find(name)
          .map(JsonValue::asString)
          .filter(text -> !text.isEmpty())
          .ifPresent(text -> formats.add(new ResponseFormat.Gbnf(text)));
    }
    body.find("guided_regex")
        .ifPresent(pattern -> formats.add(new ResponseFormat.Regex(pattern.asString())));
    body.find("guided_choice")
        .ifPresent(choice -> formats.add(new ResponseFormat.Gbnf(choice(choice))));
    formats.remove(ResponseFormat.TEXT);
    if (formats.size() > 1) {
      throw ApiException.badValue(
          "response_format", "the form of the answer is asked for more than once", "", "once");
    }
    return formats.isEmpty() ? ResponseFormat.TEXT : formats.getFirst();
  }

  /** {@code response_format} itself. */
  public static ResponseFormat openAi(JsonObject format) {
    return switch (format.get("type").asWord("text", "json_object", "json_schema")) {
      case "text" -> ResponseFormat.TEXT;
      case "json_object" ->
          format.has("schema")
              ? schema("answer", format.get("schema")) // llama.cpp's server allows it here
              : ResponseFormat.JSON_OBJECT;
      default -> {
        JsonObject named = format.get("json_schema").asObject();
        yield schema(named.string("name", "answer"), named.get("schema"));
      }
    };
  }

  private static ResponseFormat schema(String name, JsonValue schema) {
    Object value = schema.isBool() ? schema.asBool() : schema.asObject().values();
    return new ResponseFormat.JsonSchema(name, value);
  }

  private static String choice(JsonValue choice) {
    List<String> texts = choice.asList().stream().map(JsonValue::asString).toList();
    if (texts.isEmpty()) {
      throw choice.outOfRange("empty", "one text or more");
    }
    List<String> literals = texts.stream().map(ResponseFormats::literal).toList();
    return "root ::= " + String.join(" | ", literals);
  }

  private static String literal(String text) {
    StringBuilder literal = new StringBuilder("\"");
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '"' -> literal.append("\\\"");
            case '\\' -> literal.append("\\\\");
            case '\n' -> literal.append("\\n");
            case '\r' -> literal.append("\\r");
            case '\t' -> literal.append("\\t");
            default -> literal.appendCodePoint(c);
          }
        });
    return literal.append('"').toString();
  }
}
