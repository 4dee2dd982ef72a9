package io.moineau.server.api.openai;

import io.moineau.ChatAnswer;
import io.moineau.ChatRequest;
import io.moineau.ChatStream;
import io.moineau.TokenLogprobs;
import io.moineau.Usage;
import io.moineau.server.api.EventStream;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.api.common.Together;
import io.moineau.text.answer.AnswerPart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One or several answers to the same chat, as OpenAI's API tells them. */
final class ChatChoices implements AutoCloseable {
  private final Service service;
  private final ChatRequest chat;
  private final List<ChatStream> streams = new ArrayList<>();
  private final String id = OpenAiJson.newId("chatcmpl-");
  private final long created = System.currentTimeMillis() / 1000;

  /** Submits them. */
  ChatChoices(Service service, Request request, ChatRequest chat, int count) {
    this.service = service;
    this.chat = chat;
    try {
      for (int i = 0; i < count; i++) {
        streams.add(service.chat(request, numbered(chat, i)));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Each answer has a seed of its own, which follows from the one that was given. */
  private static ChatRequest numbered(ChatRequest chat, int index) {
    OptionalLong seed = chat.sampling().seed();
    return index == 0 || seed.isEmpty()
        ? chat
        : chat.withSampling(chat.sampling().withSeed(seed.getAsLong() + index));
  }

  /** Waits for all and tells them at once. */
  Map<String, Object> whole() {
    Map<String, Object> body = OpenAiJson.head(service, id, "chat.completion", created);
    List<Object> choices = new ArrayList<>();
    List<Usage> usages = new ArrayList<>();
    List<ChatAnswer> answers = new ArrayList<>();
    int reasoning = 0;
    for (int i = 0; i < streams.size(); i++) {
      ChatAnswer answer = streams.get(i).answer();
      usages.add(answer.usage());
      answers.add(answer);
      reasoning += OpenAiJson.reasoningTokens(service.moineau(), answer.message().reasoning());
      choices.add(choice(i, answer));
    }
    body.put("choices", choices);
    body.put("usage", OpenAiJson.usage(OpenAiJson.sum(usages), reasoning));
    if (chat.experts()) {
      body.put("moineau", OpenAiJson.moineau(answers));
    }
    return body;
  }

  private Map<String, Object> choice(int index, ChatAnswer answer) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", "assistant");
    boolean calls = !answer.message().toolCalls().isEmpty();
    String content = answer.message().content();
    OpenAiJson.put(message, "content", calls && content.isEmpty() ? null : content);
    OpenAiJson.put(message, "refusal", null);
    if (!answer.message().reasoning().isEmpty()) {
      message.put("reasoning_content", answer.message().reasoning());
    }
    if (calls) {
      message.put(
          "tool_calls", answer.message().toolCalls().stream().map(OpenAiJson::toolCall).toList());
    }
    Map<String, Object> choice = new LinkedHashMap<>();
    choice.put("index", index);
    choice.put("message", message);
    OpenAiJson.put(
        choice, "logprobs", asksLogprobs() ? OpenAiJson.logprobs(answer.logprobs()) : null);
    choice.put("finish_reason", answer.finishReason().word());
    return choice;
  }

  private boolean asksLogprobs() {
    return chat.sampling().logprobs() >= 0;
  }

  /** Tells them as they are made, each by a thread of its own. */
  void stream(Reply reply, StreamUsage told) throws IOException {
    EventStream events = reply.events();
    List<ChatAnswer> answers =
        Together.run(
            streams.size(),
            index -> stream(events, index, told),
            () -> streams.forEach(ChatStream::cancel));
    if (told.atEnd()) {
      int reasoning = 0;
      for (ChatAnswer answer : answers) {
        reasoning += OpenAiJson.reasoningTokens(service.moineau(), answer.message().reasoning());
      }
      Usage usage = OpenAiJson.sum(answers.stream().map(ChatAnswer::usage).toList());
      Map<String, Object> chunk = head();
      chunk.put("choices", List.of());
      chunk.put("usage", OpenAiJson.usage(usage, reasoning));
      if (chat.experts()) {
        chunk.put("moineau", OpenAiJson.moineau(answers));
      }
      events.data(chunk);
    } else if (chat.experts()) {
      Map<String, Object> chunk = head();
      chunk.put("choices", List.of());
      chunk.put("moineau", OpenAiJson.moineau(answers));
      events.data(chunk);
    }
    events.text("[DONE]");
  }

  private Map<String, Object> head() {
    return OpenAiJson.head(service, id, "chat.completion.chunk", created);
  }

  private ChatAnswer stream(EventStream events, int index, StreamUsage usage) throws IOException {
    Map<String, Object> role = new LinkedHashMap<>();
    role.put("role", "assistant");
    role.put("content", "");
    OpenAiJson.put(role, "refusal", null);
    send(events, index, role, null, null, usage);
    ChatStream stream = streams.get(index);
    int told = 0;
    while (stream.hasNext()) {
      Map<String, Object> delta = delta(stream.next());
      List<TokenLogprobs> more = asksLogprobs() ? stream.logprobsFrom(told) : List.of();
      told += more.size();
      Object logprobs = more.isEmpty() ? null : OpenAiJson.logprobs(more);
      send(events, index, delta, null, logprobs, usage);
    }
    ChatAnswer answer = stream.answer();
    List<TokenLogprobs> rest = stream.logprobsFrom(told);
    send(
        events,
        index,
        new LinkedHashMap<>(),
        answer.finishReason().word(),
        rest.isEmpty() ? null : OpenAiJson.logprobs(rest),
        usage);
    return answer;
  }

  private static Map<String, Object> delta(AnswerPart part) {
    Map<String, Object> delta = new LinkedHashMap<>();
    switch (part) {
      case AnswerPart.Content content -> delta.put("content", content.text());
      case AnswerPart.Reasoning reasoning -> delta.put("reasoning_content", reasoning.text());
      case AnswerPart.ToolCallStart start -> {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", start.name());
        function.put("arguments", "");
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("index", start.index());
        call.put("id", start.id());
        call.put("type", "function");
        call.put("function", function);
        delta.put("tool_calls", List.of(call));
      }
      case AnswerPart.ToolCallArguments more -> {
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("index", more.index());
        call.put("function", Map.of("arguments", more.delta()));
        delta.put("tool_calls", List.of(call));
      }
    }
    return delta;
  }

  private void send(
      EventStream events,
      int index,
      Map<String, Object> delta,
      @Nullable String finishReason,
      @Nullable Object logprobs,
      StreamUsage usage)
      throws IOException {
    Map<String, Object> choice = new LinkedHashMap<>();
    choice.put("index", index);
    choice.put("delta", delta);
    OpenAiJson.put(choice, "logprobs", logprobs);
    OpenAiJson.put(choice, "finish_reason", finishReason);
    Map<String, Object> chunk = head();
    usage.addTo(chunk, streams.get(index)::usage);
    chunk.put("choices", List.of(choice));
    events.data(chunk);
  }

  @Override
  public void close() {
    streams.forEach(ChatStream::close);
  }
}
