package io.moineau.server.api.openai;

import static io.moineau.server.api.Field.ignored;
import static io.moineau.server.api.Field.refused;
import static io.moineau.server.api.Field.supported;

import io.moineau.server.api.Field;
import io.moineau.server.api.FieldTable;
import java.util.List;

/** What is made of each field of OpenAI's responses. */
final class ResponsesFields {
  private static final String KEPT = "nothing is kept: send the whole conversation as input";
  private static final String ONE_STATUS = "an item counts as it is";

  static final List<Field> BODY =
      List.of(
          supported("model", "string", "the served model's name; may be left out"),
          supported("input", "string or array of object", "a text of the user, or items"),
          supported("instructions", "string", "the system's message, before the input"),
          supported("stream", "boolean", "server-sent events"),
          supported("max_output_tokens", "integer", "most tokens, reasoning included"),
          supported("temperature", "number", "0 takes the most likely token; 0.8 unless given"),
          supported("top_p", "number", "0.95 unless given"),
          supported(
              "top_logprobs", "integer", "0 to 20, with include message.output_text.logprobs"),
          supported(
              "include", "array of string", "message.output_text.logprobs; others add nothing"),
          supported("tools", "array of object", "functions that may be called"),
          supported(
              "tool_choice", "string or object", "auto, none, required, a function, allowed_tools"),
          supported("parallel_tool_calls", "boolean", "several calls in an answer; true"),
          supported("reasoning", "object", "effort"),
          supported("text", "object", "format"),
          supported("metadata", "object", "given back; nothing is kept"),
          ignored("store", "boolean", "nothing is kept"),
          ignored("stream_options", "object", "nothing is obfuscated"),
          ignored("max_tool_calls", "integer", "no tool runs here"),
          ignored("user", "string", "nothing is kept"),
          ignored("safety_identifier", "string", "nothing is kept"),
          ignored("prompt_cache_key", "string", "prefixes are found by their tokens"),
          ignored("prompt_cache_retention", "string", "prefixes stay while there is room"),
          ignored("prompt_cache_options", "object", "prefixes stay while there is room"),
          ignored("service_tier", "string", "there is one"),
          refused("truncation", "string", "no item is ever left out", "disabled"),
          refused("previous_response_id", "string", KEPT),
          refused("conversation", "string or object", KEPT),
          refused("background", "boolean", "an answer ends when its client goes", false),
          refused("prompt", "object", "there are no stored prompts"),
          refused("moderation", "object", "nothing is moderated"),
          refused("context_management", "array of object", "no item is ever left out", List.of()),
          refused("access_programs", "object", "there are none"),
          refused("image", "object", "there is text only"));

  static final List<Field> MESSAGE =
      List.of(
          supported("type", "string", "message, or nothing"),
          supported("role", "string", "user, assistant, system, developer"),
          supported("content", "string or array of object", "input_text, output_text, refusal"),
          ignored("id", "string", "nothing is kept"),
          ignored("status", "string", ONE_STATUS),
          ignored("phase", "string", "told to no chat template"));

  static final List<Field> CALL =
      List.of(
          supported("type", "string", "function_call"),
          supported("call_id", "string", "names the call"),
          supported("name", "string", "the function"),
          supported("arguments", "string", "JSON text of an object"),
          ignored("id", "string", "nothing is kept"),
          ignored("status", "string", ONE_STATUS),
          ignored("caller", "object", "the model is the only one"),
          refused("namespace", "string", "there are none", ""),
          refused("async", "boolean", "results come before the next answer", false));

  static final List<Field> OUTPUT =
      List.of(
          supported("type", "string", "function_call_output"),
          supported("call_id", "string", "the call whose result it is"),
          supported("output", "string or array of object", "a text, or parts of type input_text"),
          ignored("id", "string", "nothing is kept"),
          ignored("name", "string", "that of the call counts"),
          ignored("status", "string", ONE_STATUS),
          ignored("caller", "object", "the model is the only one"),
          refused("namespace", "string", "there are none", ""));

  static final List<Field> REASONING =
      List.of(
          supported("type", "string", "reasoning"),
          supported("content", "array of object", "reasoning_text, told to the chat template"),
          supported("summary", "array of object", "summary_text, where there is no content"),
          ignored("id", "string", "nothing is kept"),
          ignored("status", "string", ONE_STATUS),
          ignored("encrypted_content", "string", "cannot be read"));

  static final List<Field> TOOL =
      List.of(
          supported("type", "string", "function; tools that run at OpenAI are refused"),
          supported("name", "string", "up to 128 letters, digits, _, -, ."),
          supported("description", "string", "told to the model"),
          supported("parameters", "object", "JSON Schema of the arguments"),
          supported("strict", "boolean", "the arguments keep to the schema, by force; false"),
          ignored("allowed_callers", "array of string", "the model is the only one"),
          ignored("output_schema", "object", "told to no chat template"),
          refused("defer_loading", "boolean", "there is no search among tools", false),
          refused("async", "boolean", "results come before the next answer", false));

  static final List<Field> TEXT =
      List.of(
          supported("format", "object", "text, json_object, json_schema"),
          refused("verbosity", "string", "models here are not trained for it", "medium"));

  static final List<Field> FORMAT =
      List.of(
          supported("type", "string", "text, json_object, json_schema"),
          supported("name", "string", "of the schema"),
          supported("schema", "object", "JSON Schema that the answer keeps to, by force"),
          ignored("description", "string", "told to nobody"),
          ignored("strict", "boolean", "a schema always holds"));

  static final List<Field> REASONING_CONFIG =
      List.of(
          supported(
              "effort", "string", "told to the chat template; none and minimal turn thinking off"),
          ignored("summary", "string", "the reasoning itself is given"),
          ignored("generate_summary", "string", "the reasoning itself is given"),
          ignored("context", "string", "all items of the input are told to the chat template"),
          refused("mode", "string", "there is one", "standard"));

  static final List<FieldTable> PARTS =
      List.of(
          new FieldTable("input[] of type message", MESSAGE),
          new FieldTable("input[] of type function_call", CALL),
          new FieldTable("input[] of type function_call_output", OUTPUT),
          new FieldTable("input[] of type reasoning", REASONING),
          new FieldTable("tools[]", TOOL),
          new FieldTable("text", TEXT),
          new FieldTable("text.format", FORMAT),
          new FieldTable("reasoning", REASONING_CONFIG));

  private ResponsesFields() {}
}
