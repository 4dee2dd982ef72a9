package io.moineau.adapt;

import io.moineau.text.ChatTemplate;
import io.moineau.text.MarkedText;
import io.moineau.text.Span;
import io.moineau.text.TextException;
import io.moineau.text.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Makes tokens of chats with the model's own template, and finds which of them the assistant said.
 *
 * <p>A template is a program, so where its parts are is found by running it: a turn begins where
 * the prompt for it ends, and its text ends where a mark put behind it appears. The end-of-turn
 * token is the first special token after that. A template that marks the assistant's parts itself
 * ({@code generation} tags) is believed.
 */
final class ChatEncoder {
  /** Put behind a message to see where its end comes out; of the private use area. */
  private static final String MARK = "\uE0F1";

  private final Tokenizer tokenizer;
  private final ChatTemplate template;
  private final boolean wantsBos;

  /**
   * An encoder.
   *
   * @param source the template of the file; empty for ChatML where the vocabulary has its tokens
   * @throws AdaptException {@code finetune-no-template} if there is none
   */
  ChatEncoder(Tokenizer tokenizer, String source) {
    this.tokenizer = tokenizer;
    boolean chatMl =
        tokenizer.find("<|im_start|>").isPresent() && tokenizer.find("<|im_end|>").isPresent();
    if (source.isEmpty() && !chatMl) {
      throw new AdaptException(
          "finetune-no-template",
          "the model has no chat template",
          "tokenizer.chat_template is missing",
          "a template, or a vocabulary with <|im_start|> and <|im_end|>",
          "use a model that was made for chats");
    }
    template = ChatTemplate.compile(source.isEmpty() ? ChatTemplate.CHATML : source);
    int[] empty = tokenizer.encode("", true, false);
    OptionalInt bos = tokenizer.bosId();
    wantsBos = bos.isPresent() && empty.length > 0 && empty[0] == bos.getAsInt();
  }

  /**
   * A chat as tokens.
   *
   * @param tokens up to the end of the last turn that is learnt
   * @param learnt whether each is to be predicted
   * @param ends for each turn of the assistant that is learnt, one past its last token
   */
  record Encoded(int[] tokens, boolean[] learnt, List<Integer> ends) {}

  /**
   * Encodes a chat.
   *
   * @throws AdaptException {@code finetune-template} if the template refuses the chat, {@code
   *     finetune-unclear-turn} if it does not show where a turn begins or ends
   */
  Encoded encode(ChatReader.Chat chat) {
    ChatTemplate.Rendered whole = render(chat, chat.messages(), false);
    MarkedText text = whole.text();
    int[] tokens = encode(text);
    List<Integer> ends = new ArrayList<>();
    boolean[] learnt;
    if (whole.generations().isEmpty()) {
      tokens = ended(chat, text, tokens);
      learnt = new boolean[tokens.length];
      turns(chat, text, tokens, learnt, ends);
    } else {
      learnt = new boolean[tokens.length];
      marked(chat, whole, tokens, learnt, ends);
    }
    int last = ends.getLast();
    return new Encoded(
        java.util.Arrays.copyOf(tokens, last), java.util.Arrays.copyOf(learnt, last), ends);
  }

  /** The template says itself what the assistant's parts are, one for each of its messages. */
  private void marked(
      ChatReader.Chat chat,
      ChatTemplate.Rendered whole,
      int[] tokens,
      boolean[] learnt,
      List<Integer> ends) {
    List<Integer> said = new ArrayList<>();
    for (int i = 0; i < chat.messages().size(); i++) {
      if ("assistant".equals(chat.messages().get(i).get("role"))) {
        said.add(i);
      }
    }
    if (said.size() != whole.generations().size()) {
      throw unclear(
          chat,
          whole.generations().size() + " generation parts",
          said.size() + ", as the assistant has messages");
    }
    for (int turn = 0; turn < said.size(); turn++) {
      Span span = whole.generations().get(turn);
      int from = same(tokens, encode(part(whole.text(), span.start())));
      int to = same(tokens, encode(part(whole.text(), span.end())));
      if (chat.learnt().get(said.get(turn))) {
        learn(chat, learnt, ends, from, to);
      }
    }
  }

  private void turns(
      ChatReader.Chat chat, MarkedText text, int[] tokens, boolean[] learnt, List<Integer> ends) {
    int before = 0;
    for (int i = 0; i < chat.messages().size(); i++) {
      if (!chat.learnt().get(i)) {
        continue;
      }
      int begin = begin(chat, text, i);
      int from = same(tokens, encode(part(text, begin)));
      int end = contentEnd(chat, text, i, begin);
      int at = end < 0 ? from : same(tokens, encode(part(text, end)));
      at = special(tokens, at);
      while (end < 0 && at < tokens.length && !isEnd(tokens[at])) {
        at++;
      }
      if (at == tokens.length || from < before) {
        throw unclear(chat, "no end-of-turn token after message " + (i + 1), "one, as <|im_end|>");
      }
      int next = nextAnswer(chat, i);
      if (next >= 0 && at >= same(tokens, encode(part(text, begin(chat, text, next))))) {
        throw unclear(
            chat, "no end-of-turn token between two answers, from message " + (i + 1), "one");
      }
      learn(chat, learnt, ends, from, at + 1);
      before = at + 1;
    }
  }

  /**
   * The tokens of a chat, with the one behind the last answer that some templates write with the
   * next turn only.
   */
  private int[] ended(ChatReader.Chat chat, MarkedText text, int[] tokens) {
    int last = chat.messages().size() - 1;
    int end = chat.learnt().get(last) ? contentEnd(chat, text, last, 0) : -1;
    int at = end < 0 ? tokens.length : same(tokens, encode(part(text, end)));
    if (end < 0 || special(tokens, at) < tokens.length) {
      return tokens;
    }
    List<Map<String, Object>> more = new ArrayList<>(chat.messages());
    more.add(Map.of("role", "user", "content", "."));
    MarkedText followed = render(chat, more, false).text();
    if (!followed.text().startsWith(text.text().substring(0, end))) {
      return tokens;
    }
    int[] longer = encode(followed);
    int token = special(longer, same(longer, encode(part(followed, end))));
    return token < longer.length ? java.util.Arrays.copyOf(longer, token + 1) : tokens;
  }

  /** The first special token from one on, or the number of all. */
  private int special(int[] tokens, int from) {
    int at = from;
    while (at < tokens.length && !isSpecial(tokens[at])) {
      at++;
    }
    return at;
  }

  private void learn(ChatReader.Chat chat, boolean[] learnt, List<Integer> ends, int from, int to) {
    if (to <= from) {
      throw unclear(chat, "an empty turn of the assistant", "at least one token");
    }
    java.util.Arrays.fill(learnt, from, to, true);
    ends.add(to);
  }

  private static int nextAnswer(ChatReader.Chat chat, int i) {
    for (int j = i + 1; j < chat.messages().size(); j++) {
      if ("assistant".equals(chat.messages().get(j).get("role"))) {
        return j;
      }
    }
    return -1;
  }

  /** Where in the whole text what message {@code i} says begins: behind the prompt for it. */
  private int begin(ChatReader.Chat chat, MarkedText text, int i) {
    List<Map<String, Object>> before = chat.messages().subList(0, i);
    String prompt = render(chat, before, true).text().text();
    int same = same(text.text(), prompt);
    if (same == prompt.length()) {
      return same;
    }
    // Some prompts open a thought, which is left out of what was said before.
    String history = render(chat, before, false).text().text();
    if (same > history.length() && text.text().startsWith(history)) {
      return same;
    }
    int at = Math.max(0, same - 20);
    throw unclear(
        chat,
        "the prompt for message "
            + (i + 1)
            + " is no beginning of the chat: it goes on with "
            + quoted(prompt, at, same + 20)
            + " and the chat with "
            + quoted(text.text(), at, same + 20),
        "templates that write earlier turns as they were");
  }

  private static String quoted(String text, int from, int to) {
    return '"' + text.substring(Math.min(from, text.length()), Math.min(to, text.length())) + '"';
  }

  /** Where in the whole text the content of message {@code i} ends; -1 if it is not told. */
  private int contentEnd(ChatReader.Chat chat, MarkedText text, int i, int begin) {
    Map<String, Object> message = chat.messages().get(i);
    if (message.containsKey("tool_calls")
        || !(message.get("content") instanceof String content)
        || content.isBlank()) {
      return -1;
    }
    List<Map<String, Object>> changed = new ArrayList<>(chat.messages());
    Map<String, Object> other = new LinkedHashMap<>(message);
    other.put("content", content + MARK);
    changed.set(i, other);
    String with = render(chat, changed, false).text().text();
    int end = with.indexOf(MARK);
    int same = same(text.text(), with);
    // Space at the end of a message may be trimmed when nothing follows it.
    return same >= begin && end >= same && with.substring(same, end).isBlank() ? same : -1;
  }

  private boolean isEnd(int token) {
    for (int end : tokenizer.endOfGenerationIds()) {
      if (end == token) {
        return true;
      }
    }
    return false;
  }

  private boolean isSpecial(int token) {
    return tokenizer.isSpecial(token) || isEnd(token);
  }

  private static AdaptException unclear(ChatReader.Chat chat, String found, String allowed) {
    return new AdaptException(
        "finetune-unclear-turn",
        "the chat template does not show what the assistant says",
        chat.place() + ": " + found,
        allowed,
        "leave the chat out, or use a model with another template");
  }

  private ChatTemplate.Rendered render(
      ChatReader.Chat chat, List<Map<String, Object>> messages, boolean prompt) {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("messages", messages);
    if (chat.tools().isEmpty()) {
      putNull(context, "tools");
    } else {
      context.put("tools", chat.tools());
    }
    putNull(context, "documents");
    context.put("add_generation_prompt", prompt);
    tokenizer.bosId().ifPresent(id -> context.put("bos_token", tokenizer.token(id)));
    tokenizer.eosId().ifPresent(id -> context.put("eos_token", tokenizer.token(id)));
    try {
      return template.renderMarked(context);
    } catch (TextException e) {
      throw new AdaptException(
          "finetune-template",
          "the model's chat template refuses a chat: " + e.what(),
          chat.place() + (e.where().isEmpty() ? "" : " (" + e.where() + ")"),
          "chats that the template takes",
          "correct the chat, or leave it out");
    }
  }

  @SuppressWarnings("NullAway") // a template tells a null from a variable that is not there
  private static void putNull(Map<String, Object> context, String name) {
    context.put(name, null);
  }

  /** The tokens that the engine makes of the same prompt. */
  private int[] encode(MarkedText text) {
    int[] tokens = tokenizer.encode(text, false);
    int bos = tokenizer.bosId().orElse(-1);
    if (!wantsBos || (tokens.length > 0 && tokens[0] == bos)) {
      return tokens;
    }
    int[] whole = new int[tokens.length + 1];
    whole[0] = bos;
    System.arraycopy(tokens, 0, whole, 1, tokens.length);
    return whole;
  }

  private static MarkedText part(MarkedText text, int length) {
    List<Span> spans = new ArrayList<>();
    for (Span span : text.untrusted()) {
      if (span.start() < length) {
        spans.add(new Span(span.start(), Math.min(length, span.end())));
      }
    }
    return new MarkedText(text.text().substring(0, length), spans);
  }

  private static int same(String a, String b) {
    int i = 0;
    int most = Math.min(a.length(), b.length());
    while (i < most && a.charAt(i) == b.charAt(i)) {
      i++;
    }
    return i;
  }

  /** How many tokens both begin with: a token that goes over the end of b is not among them. */
  private static int same(int[] a, int[] b) {
    int i = java.util.Arrays.mismatch(a, b);
    return i < 0 ? a.length : i;
  }
}
