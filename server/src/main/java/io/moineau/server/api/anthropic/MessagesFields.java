package io.moineau.server.api.anthropic;

import static io.moineau.server.api.Field.ignored;
import static io.moineau.server.api.Field.refused;
import static io.moineau.server.api.Field.supported;

import io.moineau.server.api.Field;
import io.moineau.server.api.FieldTable;
import java.util.ArrayList;
import java.util.List;

/** What is made of each field of Anthropic's messages. */
final class MessagesFields {
  private static final String CACHE = "prefixes are always found";

  /** Fields that say what the prompt is. */
  private static final List<Field> PROMPT =
      List.of(
          supported("model", "string", "the served model's name"),
          supported(
              "messages", "array of object", "the conversation; the last one is no assistant's"),
          supported("system", "string or array of object", "a text, or blocks of type text"),
          supported("tools", "array of object", "functions that may be called"),
          supported("tool_choice", "object", "auto, any, tool, none"),
          supported(
              "thinking",
              "object",
              "enabled or adaptive lets the model think, disabled or nothing does not, where its"
                  + " chat template knows how"),
          supported("output_config", "object", "effort, format"),
          supported("output_format", "object", "the older name of output_config.format"),
          ignored("cache_control", "object", CACHE),
          ignored("speed", "string", "there is one"),
          supported(
              "context_management",
              "object",
              "edits that keep everything; others are refused by their type"),
          refused("mcp_servers", "array of object", "no tool runs here", List.of()));

  static final List<Field> COUNT = PROMPT;

  static final List<Field> CREATE = create();

  static final List<Field> MESSAGE =
      List.of(
          supported("role", "string", "user, assistant, system"),
          supported("content", "string or array of object", "a text, or blocks"));

  static final List<Field> TEXT =
      List.of(
          supported("type", "string", "text"),
          supported("text", "string", ""),
          ignored("cache_control", "object", CACHE),
          ignored("citations", "array of object", "told to no chat template"));

  static final List<Field> TOOL_USE =
      List.of(
          supported("type", "string", "tool_use"),
          supported("id", "string", "names the call"),
          supported("name", "string", "the function"),
          supported("input", "object", "its arguments"),
          ignored("cache_control", "object", CACHE),
          ignored("caller", "object", "the model is the only one"));

  static final List<Field> TOOL_RESULT =
      List.of(
          supported("type", "string", "tool_result"),
          supported("tool_use_id", "string", "the call whose result it is"),
          supported("content", "string or array of object", "a text, or blocks of type text"),
          supported("is_error", "boolean", "the model reads the result after the word Error"),
          ignored("cache_control", "object", CACHE));

  static final List<Field> THINKING =
      List.of(
          supported("type", "string", "thinking; redacted_thinking holds nothing to read"),
          supported("thinking", "string", "told to the chat template"),
          ignored("signature", "string", "not checked"),
          ignored("data", "string", "of redacted_thinking; cannot be read"),
          ignored("cache_control", "object", CACHE));

  static final List<Field> TOOL =
      List.of(
          supported(
              "type", "string", "custom, or nothing; tools that run at Anthropic are refused"),
          supported("name", "string", "up to 128 letters, digits, _, -, ."),
          supported("description", "string", "told to the model"),
          supported("input_schema", "object", "JSON Schema of the arguments"),
          supported("strict", "boolean", "the arguments keep to the schema, by force"),
          ignored("cache_control", "object", CACHE),
          ignored("eager_input_streaming", "boolean", "arguments always stream at once"),
          ignored("allowed_callers", "array of string", "the model is the only one"),
          refused("defer_loading", "boolean", "there is no search among tools", false),
          refused("input_examples", "array of object", "put them into the description", List.of()));

  static final List<Field> TOOL_CHOICE =
      List.of(
          supported("type", "string", "auto, any, tool, none"),
          supported("name", "string", "the function, for type tool"),
          supported("disable_parallel_tool_use", "boolean", "at most one call in an answer"));

  static final List<Field> THINKING_CONFIG =
      List.of(
          supported("type", "string", "enabled, adaptive, disabled"),
          supported(
              "budget_tokens",
              "integer",
              "1024 or more and below max_tokens; max_tokens is what holds the model back"),
          supported(
              "display", "string", "omitted leaves the text out; summarized gives all of it"));

  static final List<Field> OUTPUT_CONFIG =
      List.of(
          supported("effort", "string", "told to the chat template as reasoning_effort"),
          supported("format", "object", "type json_schema with a schema"),
          refused("task_budget", "object", "there are no tasks here"));

  static final List<Field> OUTPUT_FORMAT =
      List.of(
          supported("type", "string", "json_schema"),
          supported("schema", "object", "JSON Schema that the answer keeps to, by force"),
          ignored("name", "string", "told to nobody"));

  private MessagesFields() {}

  private static List<Field> create() {
    List<Field> fields = new ArrayList<>(PROMPT);
    fields.add(1, supported("max_tokens", "integer", "most tokens, thinking included; required"));
    fields.add(supported("stream", "boolean", "server-sent events"));
    fields.add(
        supported("stop_sequences", "array of string", "up to 64 texts that end the answer"));
    fields.add(
        supported("temperature", "number", "0 takes the most likely token; 0.8 unless given"));
    fields.add(supported("top_p", "number", "0.95 unless given"));
    fields.add(supported("top_k", "integer", "0 for all; 40 unless given"));
    fields.add(ignored("metadata", "object", "nothing is kept"));
    fields.add(ignored("service_tier", "string", "there is one"));
    fields.add(ignored("inference_geo", "string", "the model runs where this server is"));
    fields.add(ignored("diagnostics", "object", "nothing is kept to compare with"));
    fields.add(refused("container", "string or object", "no code runs here"));
    return List.copyOf(fields);
  }

  /** The tables of what is inside the body. */
  static final List<FieldTable> PARTS =
      List.of(
          new FieldTable("messages[]", MESSAGE),
          new FieldTable("content[] of type text", TEXT),
          new FieldTable("content[] of type tool_use", TOOL_USE),
          new FieldTable("content[] of type tool_result", TOOL_RESULT),
          new FieldTable("content[] of type thinking, redacted_thinking", THINKING),
          new FieldTable("tools[]", TOOL),
          new FieldTable("tool_choice", TOOL_CHOICE),
          new FieldTable("thinking", THINKING_CONFIG),
          new FieldTable("output_config", OUTPUT_CONFIG),
          new FieldTable("output_config.format", OUTPUT_FORMAT));
}
