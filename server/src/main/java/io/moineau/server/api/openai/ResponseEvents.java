package io.moineau.server.api.openai;

import io.moineau.ChatAnswer;
import io.moineau.ChatStream;
import io.moineau.TokenLogprobs;
import io.moineau.server.api.ApiError;
import io.moineau.server.api.EventStream;
import io.moineau.server.api.common.Ids;
import io.moineau.server.json.JsonMap;
import io.moineau.text.ToolCall;
import io.moineau.text.answer.AnswerPart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tells a response as it is made: each run of parts of one kind is an item of its own. */
final class ResponseEvents {
  /** What the open item is. */
  private enum Kind {
    NONE,
    REASONING,
    MESSAGE,
    CALL
  }

  private final ResponseJson json;
  private final EventStream events;
  private final List<Object> output = new ArrayList<>(); // items that are complete
  private final StringBuilder text = new StringBuilder(); // of the open item
  private Kind open = Kind.NONE;
  private String itemId = "";
  private ToolCall call = new ToolCall("", "", ""); // the open one
  private long sequence;

  ResponseEvents(ResponseJson json, EventStream events) {
    this.json = json;
    this.events = events;
  }

  void tell(ChatStream stream) throws IOException {
    send("response.created", "response", json.inProgress());
    send("response.in_progress", "response", json.inProgress());
    while (stream.hasNext()) {
      part(stream.next());
    }
    ChatAnswer answer = stream.answer();
    if (output.isEmpty() && open == Kind.NONE) {
      need(Kind.MESSAGE); // an answer with nothing in it is a message all the same
    }
    String status = ResponseJson.status(answer);
    close(status, open == Kind.MESSAGE ? answer.logprobs() : List.of());
    send("response." + status, "response", json.ended(answer, output));
  }

  /** Tells a failure in the way of this API. */
  void fail(ApiError error) throws IOException {
    String code = error.status() == 429 ? "rate_limit_exceeded" : "server_error";
    send("response.failed", "response", json.failed(code, error.message(), output));
  }

  private void part(AnswerPart part) throws IOException {
    switch (part) {
      case AnswerPart.Reasoning reasoning -> {
        need(Kind.REASONING);
        delta("response.reasoning_text.delta", reasoning.text(), "content_index", 0);
      }
      case AnswerPart.Content content -> {
        need(Kind.MESSAGE);
        delta(
            "response.output_text.delta",
            content.text(),
            "content_index",
            0,
            "logprobs",
            List.of());
      }
      case AnswerPart.ToolCallStart start -> {
        close("completed", List.of());
        call = new ToolCall(start.id(), start.name(), "");
        need(Kind.CALL);
      }
      case AnswerPart.ToolCallArguments more ->
          delta("response.function_call_arguments.delta", more.delta());
    }
  }

  private void delta(String type, String more, Object... rest) throws IOException {
    text.append(more);
    Map<String, Object> fields = place();
    fields.put("delta", more);
    fields.putAll(JsonMap.of(rest));
    send(type, fields);
  }

  private Map<String, Object> place() {
    return JsonMap.of("item_id", itemId, "output_index", output.size());
  }

  private void need(Kind kind) throws IOException {
    if (open == kind) {
      return;
    }
    close("completed", List.of());
    open = kind;
    text.setLength(0);
    itemId =
        Ids.of(
            switch (kind) {
              case REASONING -> "rs_";
              case MESSAGE -> "msg_";
              default -> "fc_";
            });
    send(
        "response.output_item.added",
        "output_index",
        output.size(),
        "item",
        item("in_progress", List.of()));
    if (kind != Kind.CALL) {
      content("response.content_part.added", part("", List.of()));
    }
  }

  private Map<String, Object> item(String status, List<TokenLogprobs> logprobs) {
    return switch (open) {
      case REASONING -> ResponseJson.reasoning(itemId, text.toString(), status);
      case MESSAGE -> ResponseJson.message(itemId, text.toString(), status, logprobs);
      default ->
          ResponseJson.call(itemId, new ToolCall(call.id(), call.name(), text.toString()), status);
    };
  }

  private Map<String, Object> part(String whole, List<TokenLogprobs> logprobs) {
    return open == Kind.REASONING
        ? ResponseJson.reasoningText(whole)
        : ResponseJson.outputText(whole, logprobs);
  }

  private void content(String type, Map<String, Object> part) throws IOException {
    Map<String, Object> fields = place();
    fields.put("content_index", 0);
    fields.put("part", part);
    send(type, fields);
  }

  private void close(String status, List<TokenLogprobs> logprobs) throws IOException {
    if (open == Kind.NONE) {
      return;
    }
    String whole = text.toString();
    Map<String, Object> fields = place();
    switch (open) {
      case CALL -> {
        fields.put("name", call.name());
        fields.put("arguments", whole);
        send("response.function_call_arguments.done", fields);
      }
      case REASONING -> {
        fields.putAll(JsonMap.of("content_index", 0, "text", whole));
        send("response.reasoning_text.done", fields);
        content("response.content_part.done", part(whole, List.of()));
      }
      default -> {
        Map<String, Object> part = part(whole, logprobs);
        fields.putAll(
            JsonMap.of("content_index", 0, "text", whole, "logprobs", part.get("logprobs")));
        send("response.output_text.done", fields);
        content("response.content_part.done", part);
      }
    }
    Map<String, Object> item = item(status, logprobs);
    send("response.output_item.done", "output_index", output.size(), "item", item);
    output.add(item);
    open = Kind.NONE;
  }

  private void send(String type, Object... namesAndValues) throws IOException {
    send(type, JsonMap.of(namesAndValues));
  }

  private void send(String type, Map<String, Object> fields) throws IOException {
    Map<String, Object> event = JsonMap.of("type", type, "sequence_number", sequence++);
    event.putAll(fields);
    events.event(type, event);
  }
}
