package io.moineau;

import io.moineau.text.MarkedText;
import io.moineau.text.TokenConstraint;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import io.moineau.text.answer.AnswerFormat;
import io.moineau.text.answer.AnswerParser;
import io.moineau.text.answer.AnswerPart;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * Reads an answer's parts out of the text that is generated. Stop strings end the text as it is
 * generated, reasoning and calls included, as in llama.cpp and vLLM.
 */
final class PartStream implements ChatStream {
  private final GenerationStream generation;
  private final AnswerParser parser;
  private final Consumer<ChatAnswer> onEnd;
  private final Deque<AnswerPart> waiting = new ArrayDeque<>();
  private final StringBuilder content = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final List<AnswerPart.ToolCallStart> calls = new ArrayList<>();
  private final List<StringBuilder> arguments = new ArrayList<>();
  private boolean ended;

  /**
   * Renders the prompt and submits it.
   *
   * @param contextLength tokens that fit
   * @param constraints for its form
   * @param generate submits a request, given which special tokens are written out
   * @param onEnd is told the answer once, when it is at its end
   */
  PartStream(
      ModelText text,
      int contextLength,
      Constraints constraints,
      ChatRequest request,
      BiFunction<GenerationRequest, IntPredicate, GenerationStream> generate,
      Consumer<ChatAnswer> onEnd) {
    this.onEnd = onEnd;
    AnswerFormat format = text.format();
    MarkedText prompt = text.render(request);
    LongPrompts.refuse(text.tokenizer(), prompt, contextLength);
    List<Tool> tools = PromptContext.offered(request);
    parser = format.parser(tools, prompt.text());
    GenerationRequest asked =
        GenerationRequest.of(text.encode(prompt), request.sampling())
            .withContinues(false)
            .withShowSpecial(true)
            .withShare(request.share())
            .withExperts(request.experts());
    Optional<TokenConstraint> form = constraints.answer(request, format, prompt.text());
    generation = generate.apply(form.map(asked::withConstraint).orElse(asked), format::shows);
  }

  @Override
  public boolean hasNext() {
    while (waiting.isEmpty() && !ended) {
      if (generation.hasNext()) {
        take(parser.push(generation.next()));
      } else {
        end();
      }
    }
    return !waiting.isEmpty();
  }

  private void end() {
    FinishReason reason = generation.answer().finishReason();
    take(parser.flush(reason != FinishReason.STOP));
    ended = true;
    onEnd.accept(whole());
  }

  private void take(List<AnswerPart> parts) {
    for (AnswerPart part : parts) {
      waiting.add(part);
      switch (part) {
        case AnswerPart.Content c -> content.append(c.text());
        case AnswerPart.Reasoning r -> reasoning.append(r.text());
        case AnswerPart.ToolCallStart call -> {
          calls.add(call);
          arguments.add(new StringBuilder());
        }
        case AnswerPart.ToolCallArguments more -> arguments.get(more.index()).append(more.delta());
      }
    }
  }

  @Override
  public AnswerPart next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the answer has ended");
    }
    return waiting.remove();
  }

  @Override
  public void cancel() {
    generation.cancel();
  }

  @Override
  public ChatAnswer answer() {
    while (!ended) {
      if (generation.hasNext()) {
        take(parser.push(generation.next()));
      } else {
        end();
      }
    }
    return whole();
  }

  private ChatAnswer whole() {
    Answer answer = generation.answer();
    List<ToolCall> called = new ArrayList<>();
    for (AnswerPart.ToolCallStart call : calls) {
      called.add(new ToolCall(call.id(), call.name(), arguments.get(call.index()).toString()));
    }
    FinishReason reason =
        !called.isEmpty() && answer.finishReason() == FinishReason.STOP
            ? FinishReason.TOOL_CALLS
            : answer.finishReason();
    return new ChatAnswer(
        Message.assistant(content.toString(), reasoning.toString(), called),
        reason,
        answer.usage(),
        answer.timings(),
        answer.seed(),
        answer.tokens(),
        answer.logprobs(),
        answer.experts());
  }

  @Override
  public Usage usage() {
    return generation.usage();
  }

  @Override
  public String stopString() {
    return generation.stopString();
  }

  @Override
  public List<TokenLogprobs> logprobsFrom(int first) {
    return generation.logprobsFrom(first);
  }

  @Override
  public long seed() {
    return generation.seed();
  }

  @Override
  public void close() {
    generation.close();
    if (!ended && !generation.hasFailed()) {
      answer();
    }
  }
}
