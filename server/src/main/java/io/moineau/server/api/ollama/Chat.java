package io.moineau.server.api.ollama;

import io.moineau.ChatAnswer;
import io.moineau.ChatRequest;
import io.moineau.ChatStream;
import io.moineau.Message;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.FieldTable;
import io.moineau.server.api.LineStream;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import io.moineau.server.json.JsonObject;
import io.moineau.text.ToolCall;
import io.moineau.text.answer.AnswerPart;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code POST /api/chat}. */
public final class Chat implements Endpoint {
  private final Service service;

  /** For this server. */
  public Chat(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/api/chat";
  }

  @Override
  public String summary() {
    return "An answer to a conversation";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OLLAMA;
  }

  @Override
  public List<Field> fields() {
    return OllamaFields.CHAT;
  }

  @Override
  public List<FieldTable> parts() {
    return OllamaFields.CHAT_PARTS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    long start = System.nanoTime();
    JsonObject body = request.json();
    service.checkModel(body.get("model").asString());
    boolean streams = body.bool("stream", true);
    List<Message> messages = OllamaMessages.read(request, body);
    if (messages.isEmpty()) {
      loaded(reply);
      return;
    }
    int context = service.moineau().card().contextLength();
    ChatRequest chat =
        ChatRequest.of(messages)
            .withTools(OllamaMessages.tools(request, body))
            .withResponseFormat(OllamaOptions.format(body))
            .withSampling(OllamaOptions.sampling(request, body, context))
            .withTemplateArguments(OllamaOptions.thinking(body))
            .withShare(request.share());
    try (ChatStream stream = service.chat(request, chat)) {
      if (streams) {
        stream(stream, reply.lines(), chat, start);
      } else {
        reply.json(whole(stream, chat, start));
      }
    }
  }

  /** This API's way to have a model loaded; it is. */
  private void loaded(Reply reply) throws IOException {
    Map<String, Object> line = OllamaJson.head(service);
    line.put("message", JsonMap.of("role", "assistant", "content", ""));
    line.put("done", true);
    line.put("done_reason", "load");
    reply.json(line);
  }

  private Map<String, Object> whole(ChatStream stream, ChatRequest chat, long start) {
    ChatAnswer answer = stream.answer();
    Map<String, Object> message = message("content", answer.message().content());
    if (!answer.message().reasoning().isEmpty()) {
      message.put("thinking", answer.message().reasoning());
    }
    if (!answer.message().toolCalls().isEmpty()) {
      message.put(
          "tool_calls", answer.message().toolCalls().stream().map(OllamaJson::call).toList());
    }
    Map<String, Object> line = OllamaJson.head(service);
    line.put("message", message);
    end(line, answer, chat, start);
    return line;
  }

  private static void end(
      Map<String, Object> line, ChatAnswer answer, ChatRequest chat, long start) {
    if (chat.sampling().logprobs() >= 0) {
      line.put("logprobs", OllamaJson.logprobs(answer.logprobs()));
    }
    OllamaJson.end(
        line, answer.finishReason(), answer.usage(), answer.timings(), System.nanoTime() - start);
  }

  private static Map<String, Object> message(String name, String text) {
    Map<String, Object> message = JsonMap.of("role", "assistant", "content", "");
    message.put(name, text);
    return message;
  }

  /** A line for each piece; calls, which this API tells whole, when the answer is complete. */
  private void stream(ChatStream stream, LineStream lines, ChatRequest chat, long start)
      throws IOException {
    while (stream.hasNext()) {
      switch (stream.next()) {
        case AnswerPart.Content content -> line(lines, message("content", content.text()));
        case AnswerPart.Reasoning reasoning -> line(lines, message("thinking", reasoning.text()));
        case AnswerPart.ToolCallStart start1 -> {}
        case AnswerPart.ToolCallArguments more -> {}
      }
    }
    ChatAnswer answer = stream.answer();
    for (ToolCall call : answer.message().toolCalls()) {
      Map<String, Object> message = message("content", "");
      message.put("tool_calls", List.of(OllamaJson.call(call)));
      line(lines, message);
    }
    Map<String, Object> last = OllamaJson.head(service);
    last.put("message", message("content", ""));
    end(last, answer, chat, start);
    lines.line(last);
  }

  private void line(LineStream lines, Map<String, Object> message) throws IOException {
    Map<String, Object> line = OllamaJson.head(service);
    line.put("message", message);
    line.put("done", false);
    lines.line(line);
  }
}
