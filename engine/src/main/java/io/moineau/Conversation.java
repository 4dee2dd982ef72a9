package io.moineau;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A chat with its history. Keys and values of earlier turns are still there when the next turn
 * comes, as far as memory allows, so that only what is new is computed.
 *
 * <p>Used by one thread at a time.
 */
public final class Conversation {
  private final Moineau moineau;
  private final List<Message> messages = new ArrayList<>();
  private ResponseFormat format = ResponseFormat.TEXT;

  Conversation(Moineau moineau, List<Message> messages) {
    this.moineau = moineau;
    this.messages.addAll(messages);
  }

  /** What was said, oldest first. */
  public List<Message> messages() {
    return List.copyOf(messages);
  }

  /** Adds a message without asking the model, as when a saved chat is loaded. */
  public void add(Message message) {
    messages.add(message);
  }

  /** Sets or replaces the instructions at the beginning; an empty text takes them away. */
  public void system(String content) {
    if (!messages.isEmpty() && messages.getFirst().role() == Role.SYSTEM) {
      messages.removeFirst();
    }
    if (!content.isEmpty()) {
      messages.addFirst(Message.system(content));
    }
  }

  /** Sets what answers must look like from now on. */
  public void format(ResponseFormat value) {
    format = value;
  }

  /** Takes back the last exchange: the answer and the question before it. */
  public void undo() {
    while (!messages.isEmpty() && messages.getLast().role() != Role.SYSTEM) {
      if (messages.removeLast().role() == Role.USER) {
        return;
      }
    }
  }

  /** Forgets everything but the instructions. */
  public void clear() {
    messages.removeIf(message -> message.role() != Role.SYSTEM);
  }

  /** Tokens that the history takes in the context. */
  public int countTokens() {
    return moineau.countTokens(messages);
  }

  /** Says something and waits for the answer, which becomes part of the history. */
  public Answer say(String userText, Sampling sampling) {
    return say(userText, sampling, piece -> {});
  }

  /** Says something; the answer's pieces go to {@code onText} as they come. */
  public Answer say(String userText, Sampling sampling, Consumer<String> onText) {
    try (Generation generation = ask(userText, sampling)) {
      generation.forEachRemaining(onText);
      return generation.answer();
    }
  }

  /**
   * Says something and streams the answer; what the model reasons is left out. The question and
   * what came of the answer are part of the history once the generation has ended, was cancelled or
   * closed; if it failed, neither is.
   */
  public Generation ask(String userText, Sampling sampling) {
    return new ContentGeneration(askParts(userText, sampling));
  }

  /** As {@link #ask}, with what the model reasons told apart from what it says. */
  public ChatStream askParts(String userText, Sampling sampling) {
    List<Message> next = new ArrayList<>(messages);
    Message question = Message.user(userText);
    next.add(question);
    return moineau.chat(
        ChatRequest.of(next).withSampling(sampling).withResponseFormat(format),
        answer -> {
          messages.add(question);
          messages.add(answer.message());
        });
  }
}
