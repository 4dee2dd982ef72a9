package io.moineau;

import io.moineau.ModelCard.TemplateSource;
import io.moineau.text.ChatTemplate;
import io.moineau.text.Json;
import io.moineau.text.MarkedText;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import io.moineau.text.answer.AnswerFormat;
import io.moineau.text.answer.ReasoningGrammar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The text side of a model: its tokenizer, and the chat template that turns messages into a prompt.
 *
 * <p>What comes from messages is marked by the template as untrusted, so that special tokens
 * written in it stay text.
 */
final class ModelText {
  private final Tokenizer tokenizer;
  private final @Nullable ChatTemplate template; // null: plain text
  private final TemplateSource source;
  private final ReasoningGrammar reasoning;
  private final AnswerFormat format;

  private ModelText(Tokenizer tokenizer, String template, TemplateSource source) {
    this.tokenizer = tokenizer;
    this.template = source == TemplateSource.PLAIN ? null : ChatTemplate.compile(template);
    this.source = source;
    this.reasoning = ReasoningGrammar.of(template, tokenizer);
    this.format = AnswerFormat.of(template, tokenizer);
  }

  /** With the template of the options, else of the model, else of its vocabulary's making. */
  static ModelText of(Tokenizer tokenizer, String fromOptions, String fromModel) {
    if (!fromOptions.isEmpty()) {
      return new ModelText(tokenizer, fromOptions, TemplateSource.OPTIONS);
    }
    if (!fromModel.isEmpty()) {
      return new ModelText(tokenizer, fromModel, TemplateSource.MODEL);
    }
    if (tokenizer.find("<|im_start|>").isPresent() && tokenizer.find("<|im_end|>").isPresent()) {
      return new ModelText(tokenizer, ChatTemplate.CHATML, TemplateSource.CHATML);
    }
    return new ModelText(tokenizer, "", TemplateSource.PLAIN);
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  TemplateSource source() {
    return source;
  }

  /** How the model reasons before an answer that must have a form. */
  ReasoningGrammar reasoning() {
    return reasoning;
  }

  /** How the model writes reasoning and calls. */
  AnswerFormat format() {
    return format;
  }

  /** The prompt for an answer to these messages. */
  MarkedText render(List<Message> messages) {
    return render(ChatRequest.of(messages));
  }

  /** The prompt for an answer to this request. */
  MarkedText render(ChatRequest request) {
    return template == null ? plain(request.messages()) : template.render(context(request));
  }

  private static MarkedText plain(List<Message> messages) {
    StringBuilder text = new StringBuilder();
    for (Message message : messages) {
      if (!text.isEmpty()) {
        text.append('\n');
      }
      text.append(message.content());
    }
    return MarkedText.untrusted(text.toString());
  }

  /** What Hugging Face's {@code apply_chat_template} passes, its explicit nulls included. */
  private Map<String, Object> context(ChatRequest request) {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("messages", request.messages().stream().map(ModelText::entry).toList());
    if (request.tools().isEmpty() || request.toolChoice().kind() == ToolChoice.Kind.NONE) {
      putNull(context, "tools");
    } else {
      context.put("tools", request.tools().stream().map(ModelText::entry).toList());
    }
    putNull(context, "documents");
    context.put("add_generation_prompt", true);
    putToken(context, "bos_token", tokenizer.bosId());
    putToken(context, "eos_token", tokenizer.eosId());
    context.putAll(request.templateArguments());
    return context;
  }

  private static Map<String, Object> entry(Message message) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("role", message.role().word());
    entry.put("content", message.content());
    if (!message.reasoning().isEmpty()) {
      entry.put("reasoning_content", message.reasoning());
    }
    if (!message.toolCalls().isEmpty()) {
      entry.put("tool_calls", message.toolCalls().stream().map(ModelText::entry).toList());
    }
    if (!message.toolCallId().isEmpty()) {
      entry.put("tool_call_id", message.toolCallId());
    }
    if (!message.name().isEmpty()) {
      entry.put("name", message.name());
    }
    return entry;
  }

  private static Map<String, Object> entry(ToolCall call) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", call.name());
    function.put("arguments", Json.parse(call.arguments()));
    return Map.of("id", call.id(), "type", "function", "function", function);
  }

  private static Map<String, Object> entry(Tool tool) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", tool.name());
    function.put("description", tool.description());
    function.put("parameters", tool.parameters());
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("type", "function");
    entry.put("function", function);
    return entry;
  }

  @SuppressWarnings("NullAway") // a template tells a null from a variable that is not there
  private static void putNull(Map<String, Object> context, String name) {
    context.put(name, null);
  }

  private void putToken(Map<String, Object> context, String name, OptionalInt id) {
    if (id.isPresent()) {
      context.put(name, tokenizer.token(id.getAsInt()));
    }
  }

  /** Tokens of the prompt for an answer to these messages. */
  int[] encode(List<Message> messages) {
    return encode(ChatRequest.of(messages));
  }

  /** Tokens of the prompt for an answer to this request. */
  int[] encode(ChatRequest request) {
    return encode(render(request));
  }

  /** Tokens of a rendered prompt. */
  int[] encode(MarkedText rendered) {
    int[] tokens = tokenizer.encode(rendered, false);
    // As llama.cpp does: a template that leaves out the begin token of a model that wants one gets
    // it, and one that writes it does not get it twice.
    int[] empty = tokenizer.encode("", true, false);
    OptionalInt bos = tokenizer.bosId();
    boolean wantsBos = bos.isPresent() && empty.length > 0 && empty[0] == bos.getAsInt();
    if (!wantsBos || (tokens.length > 0 && tokens[0] == bos.getAsInt())) {
      return tokens;
    }
    int[] whole = new int[tokens.length + 1];
    whole[0] = bos.getAsInt();
    System.arraycopy(tokens, 0, whole, 1, tokens.length);
    return whole;
  }
}
