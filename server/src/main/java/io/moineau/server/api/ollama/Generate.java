package io.moineau.server.api.ollama;

import io.moineau.Answer;
import io.moineau.ChatAnswer;
import io.moineau.ChatRequest;
import io.moineau.ChatStream;
import io.moineau.FinishReason;
import io.moineau.Generation;
import io.moineau.GenerationRequest;
import io.moineau.Message;
import io.moineau.Sampling;
import io.moineau.Timings;
import io.moineau.TokenLogprobs;
import io.moineau.Usage;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.FieldTable;
import io.moineau.server.api.LineStream;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonObject;
import io.moineau.text.answer.AnswerPart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code POST /api/generate}: one turn of a chat, or with {@code raw} a text that goes on. */
public final class Generate implements Endpoint {
  private final Service service;

  /** For this server. */
  public Generate(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/api/generate";
  }

  @Override
  public String summary() {
    return "An answer to a prompt";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OLLAMA;
  }

  @Override
  public List<Field> fields() {
    return OllamaFields.GENERATE;
  }

  @Override
  public List<FieldTable> parts() {
    return OllamaFields.GENERATE_PARTS;
  }

  /** What the last line tells. */
  private record End(
      FinishReason reason, Usage usage, Timings timings, List<TokenLogprobs> logprobs) {}

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    long start = System.nanoTime();
    JsonObject body = request.json();
    service.checkModel(body.get("model").asString());
    String prompt = body.string("prompt", "");
    boolean streams = body.bool("stream", true);
    int context = service.moineau().card().contextLength();
    Sampling sampling = OllamaOptions.sampling(request, body, context);
    if (prompt.isEmpty() && !body.bool("raw", false)) {
      loaded(reply);
    } else if (body.bool("raw", false)) {
      checkRaw(body);
      GenerationRequest plain =
          GenerationRequest.of(service.moineau().tokenizePrompt(prompt, false, true), sampling)
              .withShare(request.share());
      GenerationRequest asked =
          service
              .moineau()
              .constraint(OllamaOptions.format(body))
              .map(plain::withConstraint)
              .orElse(plain);
      try (Generation generation = service.generate(request, asked)) {
        raw(generation, reply, streams, start);
      }
    } else {
      try (ChatStream stream = service.chat(request, chat(request, body, prompt, sampling))) {
        chat(stream, reply, streams, start);
      }
    }
  }

  private static void checkRaw(JsonObject body) {
    if (body.has("system")) {
      throw ApiException.unsupportedValue(
          "system", "system together with raw, which has no template", "system without raw");
    }
  }

  private static ChatRequest chat(
      Request request, JsonObject body, String prompt, Sampling sampling) {
    List<Message> messages = new ArrayList<>();
    String system = body.string("system", "");
    if (!system.isEmpty()) {
      messages.add(Message.system(system));
    }
    messages.add(Message.user(prompt));
    return ChatRequest.of(messages)
        .withResponseFormat(OllamaOptions.format(body))
        .withSampling(sampling)
        .withTemplateArguments(OllamaOptions.thinking(body))
        .withShare(request.share());
  }

  private void loaded(Reply reply) throws IOException {
    Map<String, Object> line = line("response", "");
    line.put("done", true);
    line.put("done_reason", "load");
    reply.json(line);
  }

  private void raw(Generation generation, Reply reply, boolean streams, long start)
      throws IOException {
    if (!streams) {
      Answer answer = generation.answer();
      reply.json(end(line("response", answer.text()), of(answer), start));
      return;
    }
    LineStream lines = reply.lines();
    while (generation.hasNext()) {
      lines.line(undone(line("response", generation.next())));
    }
    lines.line(end(line("response", ""), of(generation.answer()), start));
  }

  private void chat(ChatStream stream, Reply reply, boolean streams, long start)
      throws IOException {
    if (!streams) {
      ChatAnswer answer = stream.answer();
      Map<String, Object> line = line("response", answer.message().content());
      if (!answer.message().reasoning().isEmpty()) {
        line.put("thinking", answer.message().reasoning());
      }
      reply.json(end(line, of(answer), start));
      return;
    }
    LineStream lines = reply.lines();
    while (stream.hasNext()) {
      switch (stream.next()) {
        case AnswerPart.Content content -> lines.line(undone(line("response", content.text())));
        case AnswerPart.Reasoning reasoning ->
            lines.line(undone(line("thinking", reasoning.text())));
        // With no tools there are no calls.
        case AnswerPart.ToolCallStart call -> {}
        case AnswerPart.ToolCallArguments more -> {}
      }
    }
    lines.line(end(line("response", ""), of(stream.answer()), start));
  }

  private static End of(Answer answer) {
    return new End(answer.finishReason(), answer.usage(), answer.timings(), answer.logprobs());
  }

  private static End of(ChatAnswer answer) {
    return new End(answer.finishReason(), answer.usage(), answer.timings(), answer.logprobs());
  }

  private Map<String, Object> line(String name, String text) {
    Map<String, Object> line = OllamaJson.head(service);
    line.put("response", "");
    line.put(name, text);
    return line;
  }

  private static Map<String, Object> undone(Map<String, Object> line) {
    line.put("done", false);
    return line;
  }

  private static Map<String, Object> end(Map<String, Object> line, End end, long start) {
    if (!end.logprobs().isEmpty()) {
      line.put("logprobs", OllamaJson.logprobs(end.logprobs()));
    }
    OllamaJson.end(line, end.reason(), end.usage(), end.timings(), System.nanoTime() - start);
    return line;
  }
}
