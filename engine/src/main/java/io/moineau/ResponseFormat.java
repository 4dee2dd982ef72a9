package io.moineau;

/** What an answer must look like. */
public sealed interface ResponseFormat {
  /** Anything. */
  record Text() implements ResponseFormat {}

  /** A JSON object. */
  record JsonObject() implements ResponseFormat {}

  /**
   * JSON that keeps to a schema.
   *
   * @param name what the schema is called
   * @param schema JSON Schema as plain values: a map, or true or false
   */
  record JsonSchema(String name, Object schema) implements ResponseFormat {}

  /** Text of llama.cpp's grammars. */
  record Gbnf(String grammar) implements ResponseFormat {}

  /** Text that a regular expression matches as a whole. */
  record Regex(String pattern) implements ResponseFormat {}

  /** Anything. */
  ResponseFormat TEXT = new Text();

  /** A JSON object. */
  ResponseFormat JSON_OBJECT = new JsonObject();
}
