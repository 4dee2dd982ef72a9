package io.moineau;

import io.moineau.ModelCard.TemplateSource;
import io.moineau.text.ChatTemplate;
import io.moineau.text.MarkedText;
import io.moineau.text.Tokenizer;
import java.util.ArrayList;
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

  private ModelText(Tokenizer tokenizer, @Nullable ChatTemplate template, TemplateSource source) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.source = source;
  }

  /** With the template of the options, else of the model, else of its vocabulary's making. */
  static ModelText of(Tokenizer tokenizer, String fromOptions, String fromModel) {
    if (!fromOptions.isEmpty()) {
      return new ModelText(tokenizer, ChatTemplate.compile(fromOptions), TemplateSource.OPTIONS);
    }
    if (!fromModel.isEmpty()) {
      return new ModelText(tokenizer, ChatTemplate.compile(fromModel), TemplateSource.MODEL);
    }
    if (tokenizer.find("<|im_start|>").isPresent() && tokenizer.find("<|im_end|>").isPresent()) {
      return new ModelText(
          tokenizer, ChatTemplate.compile(ChatTemplate.CHATML), TemplateSource.CHATML);
    }
    return new ModelText(tokenizer, null, TemplateSource.PLAIN);
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  TemplateSource source() {
    return source;
  }

  /** The prompt for an answer to these messages. */
  MarkedText render(List<Message> messages) {
    return template == null ? plain(messages) : template.render(context(messages));
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
  private Map<String, Object> context(List<Message> messages) {
    List<Object> list = new ArrayList<>();
    for (Message message : messages) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("role", message.role().word());
      entry.put("content", message.content());
      list.add(entry);
    }
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("messages", list);
    putNull(context, "tools");
    putNull(context, "documents");
    context.put("add_generation_prompt", true);
    putToken(context, "bos_token", tokenizer.bosId());
    putToken(context, "eos_token", tokenizer.eosId());
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
    int[] tokens = tokenizer.encode(render(messages), false);
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
