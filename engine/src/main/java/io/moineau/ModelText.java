package io.moineau;

import io.moineau.ModelCard.TemplateSource;
import io.moineau.text.ChatTemplate;
import io.moineau.text.MarkedText;
import io.moineau.text.TextException;
import io.moineau.text.Tokenizer;
import io.moineau.text.answer.AnswerFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
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
  private final AnswerFormat format;
  private @Nullable TemplateShape shape; // null until it is needed

  private ModelText(Tokenizer tokenizer, String template, TemplateSource source) {
    this.tokenizer = tokenizer;
    this.template = source == TemplateSource.PLAIN ? null : ChatTemplate.compile(template);
    this.source = source;
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

  /** How the model writes reasoning and calls. */
  AnswerFormat format() {
    return format;
  }

  /** The prompt for an answer to these messages. */
  MarkedText render(List<Message> messages) {
    return render(ChatRequest.of(messages));
  }

  /**
   * The prompt for an answer to this request.
   *
   * @throws io.moineau.text.TextException {@code template-raised} if the template refuses the
   *     messages
   */
  MarkedText render(ChatRequest request) {
    boolean needsShape = PromptContext.needsShape(request);
    TemplateShape shape = needsShape ? shape() : TemplateShape.FULL;
    List<Map<String, Object>> messages = PromptContext.messages(request, shape, format);
    if (template == null) {
      return plain(messages);
    }
    List<Map<String, Object>> tools =
        shape.tools() ? PromptContext.tools(PromptContext.offered(request)) : List.of();
    return template.render(context(messages, tools, request.templateArguments()));
  }

  /** What the template can show; found out once. */
  private synchronized TemplateShape shape() {
    TemplateShape known = shape;
    if (known == null) {
      ChatTemplate probed = template;
      known =
          probed == null
              ? TemplateShape.NONE
              : TemplateShape.probe((messages, tools) -> {
                try {
                  return Optional.of(probed.render(context(messages, tools, Map.of())).text());
                } catch (TextException e) {
                  return Optional.empty();
                }
              });
      known = format.isGeneric() ? known.withoutTools() : known;
      shape = known;
    }
    return known;
  }

  private static MarkedText plain(List<Map<String, Object>> messages) {
    return MarkedText.untrusted(
        messages.stream()
            .map(message -> String.valueOf(message.get("content")))
            .collect(Collectors.joining("\n")));
  }

  /** What Hugging Face's {@code apply_chat_template} passes, its explicit nulls included. */
  private Map<String, Object> context(
      List<Map<String, Object>> messages,
      List<Map<String, Object>> tools,
      Map<String, Object> arguments) {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("messages", messages);
    if (tools.isEmpty()) {
      putNull(context, "tools");
    } else {
      context.put("tools", tools);
    }
    putNull(context, "documents");
    context.put("add_generation_prompt", true);
    putToken(context, "bos_token", tokenizer.bosId());
    putToken(context, "eos_token", tokenizer.eosId());
    context.putAll(arguments);
    return context;
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
