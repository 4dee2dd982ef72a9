package io.moineau.server.api.openai;

import io.moineau.Answer;
import io.moineau.Generation;
import io.moineau.GenerationRequest;
import io.moineau.ResponseFormat;
import io.moineau.Sampling;
import io.moineau.TokenLogprob;
import io.moineau.TokenLogprobs;
import io.moineau.Usage;
import io.moineau.server.api.EventStream;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.api.common.Together;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One or several continuations of one or several prompts, as OpenAI's older API tells them. */
final class CompletionChoices implements AutoCloseable {
  private final Service service;
  private final List<int[]> prompts;
  private final int perPrompt;
  private final boolean echo;
  private final List<Generation> generations = new ArrayList<>();
  private final String id = OpenAiJson.newId("cmpl-");
  private final long created = System.currentTimeMillis() / 1000;

  /** Submits them. */
  CompletionChoices(
      Service service,
      Request request,
      List<int[]> prompts,
      Sampling sampling,
      ResponseFormat format,
      int perPrompt,
      boolean echo) {
    this.service = service;
    this.prompts = prompts;
    this.perPrompt = perPrompt;
    this.echo = echo;
    try {
      for (int[] prompt : prompts) {
        for (int i = 0; i < perPrompt; i++) {
          Sampling own =
              i == 0 || sampling.seed().isEmpty()
                  ? sampling
                  : sampling.withSeed(sampling.seed().getAsLong() + i);
          GenerationRequest plain = GenerationRequest.of(prompt, own).withShare(request.share());
          generations.add(
              service.generate(
                  request,
                  // A constraint has the state of one answer, so each gets its own.
                  service.moineau().constraint(format).map(plain::withConstraint).orElse(plain)));
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private String echoed(int index) {
    return echo ? service.moineau().detokenize(prompts.get(index / perPrompt)) : "";
  }

  /** Waits for all and tells them at once. */
  Map<String, Object> whole() {
    List<Object> choices = new ArrayList<>();
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < generations.size(); i++) {
      Answer answer = generations.get(i).answer();
      answers.add(answer);
      choices.add(
          choice(
              i,
              echoed(i) + answer.text(),
              logprobs(answer.logprobs(), 0),
              answer.finishReason().word()));
    }
    Map<String, Object> body = head();
    body.put("choices", choices);
    body.put("usage", OpenAiJson.usage(usage(answers), 0));
    return body;
  }

  private Map<String, Object> head() {
    return OpenAiJson.head(service, id, "text_completion", created);
  }

  /** Each prompt counts once, each answer by itself. */
  private Usage usage(List<Answer> answers) {
    Usage sum = new Usage(0, 0, 0);
    for (int i = 0; i < answers.size(); i++) {
      Usage usage = answers.get(i).usage();
      boolean first = i % perPrompt == 0;
      sum =
          new Usage(
              sum.promptTokens() + (first ? usage.promptTokens() : 0),
              sum.cachedTokens() + (first ? usage.cachedTokens() : 0),
              sum.completionTokens() + usage.completionTokens());
    }
    return sum;
  }

  private static Map<String, Object> choice(
      int index, String text, @Nullable Object logprobs, @Nullable String finishReason) {
    Map<String, Object> choice = new LinkedHashMap<>();
    choice.put("text", text);
    choice.put("index", index);
    OpenAiJson.put(choice, "logprobs", logprobs);
    OpenAiJson.put(choice, "finish_reason", finishReason);
    return choice;
  }

  /** The form of the older API: a list for each part. */
  private static @Nullable Map<String, Object> logprobs(List<TokenLogprobs> steps, int start) {
    if (steps.isEmpty()) {
      return null;
    }
    List<Object> tokens = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    List<Object> tops = new ArrayList<>();
    List<Object> offsets = new ArrayList<>();
    int offset = start;
    for (TokenLogprobs step : steps) {
      tokens.add(step.chosen().text());
      values.add(OpenAiJson.finite(step.chosen().logprob()));
      Map<String, Object> top = new LinkedHashMap<>();
      for (TokenLogprob candidate : step.top()) {
        top.put(candidate.text(), OpenAiJson.finite(candidate.logprob()));
      }
      tops.add(top);
      offsets.add(offset);
      offset += step.chosen().text().length();
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("tokens", tokens);
    body.put("token_logprobs", values);
    body.put("top_logprobs", tops);
    body.put("text_offset", offsets);
    return body;
  }

  /** Tells them as they are made. */
  void stream(Reply reply, StreamUsage told) throws IOException {
    EventStream events = reply.events();
    List<Answer> answers =
        Together.run(
            generations.size(),
            index -> stream(events, index, told),
            () -> generations.forEach(Generation::cancel));
    if (told.atEnd()) {
      Map<String, Object> chunk = head();
      chunk.put("choices", List.of());
      chunk.put("usage", OpenAiJson.usage(usage(answers), 0));
      events.data(chunk);
    }
    events.text("[DONE]");
  }

  private Answer stream(EventStream events, int index, StreamUsage usage) throws IOException {
    Generation generation = generations.get(index);
    String before = echoed(index);
    if (!before.isEmpty()) {
      send(events, index, choice(index, before, null, null), usage);
    }
    int told = 0;
    int offset = 0;
    while (generation.hasNext()) {
      String text = generation.next();
      List<TokenLogprobs> more = generation.logprobsFrom(told);
      send(events, index, choice(index, text, logprobs(more, offset), null), usage);
      told += more.size();
      offset += length(more);
    }
    Answer answer = generation.answer();
    List<TokenLogprobs> rest = generation.logprobsFrom(told);
    send(
        events,
        index,
        choice(index, "", logprobs(rest, offset), answer.finishReason().word()),
        usage);
    return answer;
  }

  private static int length(List<TokenLogprobs> steps) {
    return steps.stream().mapToInt(step -> step.chosen().text().length()).sum();
  }

  private void send(EventStream events, int index, Map<String, Object> choice, StreamUsage usage)
      throws IOException {
    Map<String, Object> chunk = head();
    int promptTokens = prompts.get(index / perPrompt).length;
    usage.addTo(chunk, () -> new Usage(promptTokens, 0, generations.get(index).tokensSoFar()));
    chunk.put("choices", List.of(choice));
    events.data(chunk);
  }

  @Override
  public void close() {
    generations.forEach(Generation::close);
  }
}
