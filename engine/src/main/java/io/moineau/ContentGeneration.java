package io.moineau;

import io.moineau.text.answer.AnswerPart;
import java.util.NoSuchElementException;

/** What an answer says, without what the model reasoned. */
final class ContentGeneration implements Generation {
  private final ChatStream parts;
  private String piece = "";

  ContentGeneration(ChatStream parts) {
    this.parts = parts;
  }

  @Override
  public boolean hasNext() {
    while (piece.isEmpty() && parts.hasNext()) {
      if (parts.next() instanceof AnswerPart.Content content) {
        piece = content.text();
      }
    }
    return !piece.isEmpty();
  }

  @Override
  public String next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the answer has ended");
    }
    String next = piece;
    piece = "";
    return next;
  }

  @Override
  public void cancel() {
    parts.cancel();
  }

  @Override
  public Answer answer() {
    ChatAnswer answer = parts.answer();
    return new Answer(
        answer.message().content(),
        answer.finishReason(),
        answer.usage(),
        answer.timings(),
        answer.seed(),
        answer.tokens(),
        answer.logprobs(),
        answer.experts());
  }

  @Override
  public long seed() {
    return parts.seed();
  }

  @Override
  public String stopString() {
    return parts.stopString();
  }

  @Override
  public int tokensSoFar() {
    return parts.usage().completionTokens();
  }

  @Override
  public void close() {
    parts.close();
  }
}
