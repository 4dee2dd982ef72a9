package io.moineau.server.api.ollama;

import static io.moineau.server.api.Field.ignored;
import static io.moineau.server.api.Field.refused;
import static io.moineau.server.api.Field.supported;

import io.moineau.server.api.Field;
import io.moineau.server.api.FieldTable;
import java.util.ArrayList;
import java.util.List;

/** What is made of each field of Ollama's API. */
final class OllamaFields {
  private static final Field MODEL = supported("model", "string", "the served model's name");
  private static final Field STREAM =
      supported("stream", "boolean", "a line for each piece; true unless given");
  private static final Field KEEP_ALIVE =
      ignored("keep_alive", "string or number", "the model stays while the server runs");
  private static final Field SETTINGS = supported("options", "object", "see options");

  /** Options that say how tokens are chosen, and those of Ollama's own engine. */
  static final List<Field> OPTIONS = options();

  static final List<Field> CHAT =
      List.of(
          MODEL,
          supported("messages", "array of object", "the conversation; with none nothing is said"),
          supported("tools", "array of object", "functions that may be called"),
          supported("format", "string or object", "json, or a JSON Schema"),
          SETTINGS,
          STREAM,
          supported(
              "think",
              "boolean or string",
              "the chat template's enable_thinking; low, medium, high are its reasoning_effort"),
          supported("logprobs", "boolean", "log-probabilities of the tokens"),
          supported("top_logprobs", "integer", "and of the 0 to 20 most likely"),
          KEEP_ALIVE,
          ignored("truncate", "boolean", "what does not fit is refused with an error"),
          ignored("shift", "boolean", "what does not fit is refused with an error"));

  static final List<Field> GENERATE =
      List.of(
          MODEL,
          supported("prompt", "string", "what the user says; with raw, tokens to go on from"),
          supported("system", "string", "the system's message"),
          supported("raw", "boolean", "the prompt as it is, without the chat template"),
          supported("format", "string or object", "json, or a JSON Schema"),
          SETTINGS,
          STREAM,
          supported(
              "think",
              "boolean or string",
              "the chat template's enable_thinking; low, medium, high are its reasoning_effort"),
          supported("logprobs", "boolean", "log-probabilities of the tokens"),
          supported("top_logprobs", "integer", "and of the 0 to 20 most likely"),
          KEEP_ALIVE,
          refused("suffix", "string", "no text is filled in before another", ""),
          refused("images", "array of string", "there is text only", List.of()),
          refused("template", "string", "the model's own template is used; see raw", ""),
          refused("context", "array of integer", "deprecated; use /api/chat", List.of()),
          refused("width", "integer", "no images are made", 0L),
          refused("height", "integer", "no images are made", 0L),
          refused("steps", "integer", "no images are made", 0L),
          ignored("truncate", "boolean", "what does not fit is refused with an error"),
          ignored("shift", "boolean", "what does not fit is refused with an error"));

  static final List<Field> MESSAGE =
      List.of(
          supported("role", "string", "system, user, assistant, tool"),
          supported("content", "string", "what is said"),
          supported("thinking", "string", "what the assistant thought"),
          supported("tool_calls", "array of object", "calls that the assistant asked for"),
          supported("tool_name", "string", "the function whose result a tool's message is"),
          supported("tool_call_id", "string", "the call whose result a tool's message is"),
          supported("name", "string", "another name of tool_name"),
          refused("images", "array of string", "there is text only", List.of()));

  static final List<Field> EMBED =
      List.of(
          MODEL,
          supported("input", "string or array of string", "texts"),
          supported("dimensions", "integer", "the first so many numbers, scaled to length 1 again"),
          ignored("truncate", "boolean", "what does not fit is refused with an error"),
          ignored("options", "object", "nothing is generated"),
          KEEP_ALIVE);

  static final List<Field> EMBEDDINGS =
      List.of(
          MODEL,
          supported("prompt", "string", "a text"),
          ignored("options", "object", "nothing is generated"),
          KEEP_ALIVE);

  static final List<Field> SHOW =
      List.of(
          MODEL,
          supported("name", "string", "another name of model"),
          ignored("verbose", "boolean", "lists of tokens are not shown"),
          refused("system", "string", "nothing is overridden here", ""),
          refused("template", "string", "nothing is overridden here", ""),
          refused("options", "object", "nothing is overridden here"));

  static final List<FieldTable> CHAT_PARTS =
      List.of(new FieldTable("messages[]", MESSAGE), new FieldTable("options", OPTIONS));

  static final List<FieldTable> GENERATE_PARTS = List.of(new FieldTable("options", OPTIONS));

  private OllamaFields() {}

  private static List<Field> options() {
    List<Field> fields = new ArrayList<>();
    fields.add(supported("num_predict", "integer", "most tokens; -1 and -2 for as many as fit"));
    fields.add(
        supported("num_ctx", "integer", "refused above the server's context; it is never less"));
    fields.add(
        supported("temperature", "number", "0 takes the most likely token; 0.8 unless given"));
    fields.add(supported("top_k", "integer", "0 for all; 40 unless given"));
    fields.add(supported("top_p", "number", "0.95 unless given"));
    fields.add(supported("min_p", "number", "0.05 unless given"));
    fields.add(supported("typical_p", "number", "1 for off"));
    fields.add(supported("seed", "integer", "below 0 for a new one"));
    fields.add(
        supported("stop", "string or array of string", "up to 64 texts that end the answer"));
    fields.add(supported("repeat_penalty", "number", "1, for none, unless given"));
    fields.add(supported("repeat_last_n", "integer", "tokens that penalties see; -1 for all"));
    fields.add(supported("frequency_penalty", "number", "for each time a token was seen"));
    fields.add(supported("presence_penalty", "number", "once if a token was seen"));
    fields.add(supported("mirostat", "integer", "0 for off, 1, 2"));
    fields.add(supported("mirostat_tau", "number", ""));
    fields.add(supported("mirostat_eta", "number", ""));
    fields.add(refused("tfs_z", "number", "not here", 1L));
    fields.add(refused("penalize_newline", "boolean", "penalties see every token", true));
    fields.add(ignored("num_keep", "integer", "no token is ever left out"));
    for (String name :
        List.of(
            "num_batch",
            "num_gpu",
            "main_gpu",
            "num_thread",
            "num_gqa",
            "rope_frequency_base",
            "rope_frequency_scale")) {
      fields.add(ignored(name, "number", "how the model runs is set when the server starts"));
    }
    for (String name :
        List.of(
            "numa",
            "low_vram",
            "f16_kv",
            "use_mmap",
            "use_mlock",
            "logits_all",
            "vocab_only",
            "embedding_only")) {
      fields.add(ignored(name, "boolean", "how the model runs is set when the server starts"));
    }
    return List.copyOf(fields);
  }
}
