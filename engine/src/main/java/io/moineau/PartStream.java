package io.moineau;

import io.moineau.text.answer.AnswerPart;
import java.util.function.Function;

/** Reads an answer's parts out of the text that is generated. */
final class PartStream implements ChatStream {
  private final Generation generation;
  private final int promptTokens;

  /** Renders the prompt and submits it. */
  PartStream(
      ModelText text, ChatRequest request, Function<GenerationRequest, Generation> generate) {
    int[] prompt = text.encode(request);
    promptTokens = prompt.length;
    generation =
        generate.apply(
            GenerationRequest.of(prompt, request.sampling())
                .withContinues(false)
                .withShare(request.share()));
  }

  @Override
  public boolean hasNext() {
    return generation.hasNext();
  }

  @Override
  public AnswerPart next() {
    return new AnswerPart.Content(generation.next());
  }

  @Override
  public void cancel() {
    generation.cancel();
  }

  @Override
  public ChatAnswer answer() {
    Answer answer = generation.answer();
    return new ChatAnswer(
        Message.assistant(answer.text()),
        answer.finishReason(),
        answer.usage(),
        answer.timings(),
        answer.seed(),
        answer.tokens(),
        answer.logprobs());
  }

  @Override
  public Usage usage() {
    return new Usage(promptTokens, 0, generation.tokensSoFar());
  }

  @Override
  public String stopString() {
    return generation.stopString();
  }

  @Override
  public long seed() {
    return generation.seed();
  }

  @Override
  public void close() {
    generation.close();
  }
}
