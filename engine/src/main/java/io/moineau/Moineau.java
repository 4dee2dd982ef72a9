package io.moineau;

import io.moineau.engine.EngineException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A model, open for use: chat with it, let it complete text, count tokens.
 *
 * <pre>{@code
 * try (Moineau moineau = Moineau.open(Path.of("model.gguf"))) {
 *   System.out.println(moineau.chat("What is a sparrow?").text());
 * }
 * }</pre>
 *
 * <p>Safe for several threads: requests wait their turn and share the weights.
 */
public final class Moineau implements AutoCloseable {
  private Moineau() {}

  /** Opens a GGUF file with {@link ModelOptions#defaults()}. */
  public static Moineau open(Path model) {
    return open(model, ModelOptions.defaults());
  }

  /** Opens a GGUF file; of a split model, any of its files. */
  public static Moineau open(Path model, ModelOptions options) {
    throw notReady();
  }

  /** Opens the model that is embedded; {@link ModelCard#placeholder()} says if it cannot talk. */
  public static Moineau openDefault() {
    return openDefault(ModelOptions.defaults());
  }

  /** Opens the model that is embedded. */
  public static Moineau openDefault(ModelOptions options) {
    throw notReady();
  }

  /** What was loaded, and how it runs. */
  public ModelCard card() {
    throw notReady();
  }

  /** Asks one question, with {@link Sampling#defaults()}. */
  public Answer chat(String userText) {
    return chat(List.of(Message.user(userText)), Sampling.defaults());
  }

  /** Answers a conversation. */
  public Answer chat(List<Message> messages, Sampling sampling) {
    return chat(messages, sampling, piece -> {});
  }

  /** Answers a conversation; the pieces go to {@code onText} as they come. */
  public Answer chat(List<Message> messages, Sampling sampling, Consumer<String> onText) {
    try (Generation generation = chatStream(messages, sampling)) {
      generation.forEachRemaining(onText);
      return generation.answer();
    }
  }

  /** Answers a conversation, piece by piece. */
  public Generation chatStream(List<Message> messages, Sampling sampling) {
    return chatStream(messages, sampling, answer -> {});
  }

  Generation chatStream(List<Message> messages, Sampling sampling, Consumer<Answer> onEnd) {
    throw notReady();
  }

  /** Continues a text, with no template; special tokens written in it are recognised. */
  public Answer complete(String prompt, Sampling sampling) {
    return complete(prompt, sampling, piece -> {});
  }

  /** Continues a text; the pieces go to {@code onText} as they come. */
  public Answer complete(String prompt, Sampling sampling, Consumer<String> onText) {
    try (Generation generation = completeStream(prompt, sampling)) {
      generation.forEachRemaining(onText);
      return generation.answer();
    }
  }

  /** Continues a text, piece by piece. */
  public Generation completeStream(String prompt, Sampling sampling) {
    throw notReady();
  }

  /** Continues tokens as they are, with nothing added. */
  public Generation generate(int[] promptTokens, Sampling sampling) {
    throw notReady();
  }

  /** A chat that keeps its history. */
  public Conversation conversation() {
    return new Conversation(this, List.of());
  }

  /** A chat that begins with these messages. */
  public Conversation conversation(List<Message> messages) {
    return new Conversation(this, messages);
  }

  /** The text that the chat template makes of messages, with the beginning of the answer. */
  public String renderPrompt(List<Message> messages) {
    throw notReady();
  }

  /** Tokens of a text, with the special ones that the model begins with. */
  public int[] tokenize(String text) {
    return tokenize(text, true, true);
  }

  /**
   * Tokens of a text.
   *
   * @param addSpecial whether the special tokens that the model begins or ends with are added
   * @param parseSpecial whether special tokens written in the text are recognised
   */
  public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
    throw notReady();
  }

  /** The text of tokens, special ones left out. */
  public String detokenize(int[] tokens) {
    return detokenize(tokens, true);
  }

  /** The text of tokens, special ones included if they are not to be skipped. */
  public String detokenize(int[] tokens, boolean skipSpecial) {
    throw notReady();
  }

  /** A token as the vocabulary has it, such as {@code <|im_end|>}. */
  public String token(int id) {
    throw notReady();
  }

  /** How many tokens {@link #tokenize} gives. */
  public int countTokens(String text) {
    return tokenize(text).length;
  }

  /** How many tokens messages take in the context, template included. */
  public int countTokens(List<Message> messages) {
    throw notReady();
  }

  /** Looks at logits: for comparing engines, perplexity, and measuring. */
  public Evaluator evaluator() {
    throw notReady();
  }

  /** Sets who is told which experts are chosen, from the next request on. */
  public void onExperts(ExpertUsageListener listener) {
    throw notReady();
  }

  /** Takes the listener away. */
  public void clearExpertListener() {
    throw notReady();
  }

  /**
   * Frees the model. A generation that runs ends with the error {@code model-closed}, and so does
   * every later call. A second close does nothing.
   */
  @Override
  public void close() {}

  private static EngineException notReady() {
    return new EngineException("not-ready", "the engine is not there yet", "", "", "");
  }
}
