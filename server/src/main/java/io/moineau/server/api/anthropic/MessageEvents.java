package io.moineau.server.api.anthropic;

import io.moineau.ChatAnswer;
import io.moineau.ChatStream;
import io.moineau.server.api.EventStream;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import io.moineau.text.answer.AnswerPart;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Tells an answer as it is made: each run of parts of one kind is a block of its own. */
final class MessageEvents {
  /** What the open block holds. */
  private enum Kind {
    NONE,
    THINKING,
    TEXT,
    TOOL_USE
  }

  private final Service service;
  private final EventStream events;
  private final MessagesRequest asked;
  private Kind open = Kind.NONE;
  private int index = -1; // of the block that is open, or was last

  MessageEvents(Service service, EventStream events, MessagesRequest asked) {
    this.service = service;
    this.events = events;
    this.asked = asked;
  }

  void tell(ChatStream stream, String id) throws IOException {
    send(
        "message_start",
        "message",
        MessageJson.message(service, id, List.of(), null, "", MessageJson.usage(stream.usage())));
    events.event("ping", JsonMap.of("type", "ping"));
    while (stream.hasNext()) {
      part(stream.next());
    }
    close();
    ChatAnswer answer = stream.answer();
    String stop = MessageJson.stopSequence(answer, stream.stopString());
    events.event(
        "message_delta",
        JsonMap.of(
            "type",
            "message_delta",
            "delta",
            JsonMap.of(
                "stop_reason",
                MessageJson.stopReason(answer, stop, asked.maxTokens()),
                "stop_sequence",
                stop.isEmpty() ? null : stop),
            "usage",
            MessageJson.usage(answer.usage())));
    events.event("message_stop", JsonMap.of("type", "message_stop"));
  }

  private void part(AnswerPart part) throws IOException {
    switch (part) {
      case AnswerPart.Reasoning reasoning -> {
        need(Kind.THINKING, MessageJson.thinking(""));
        if (asked.showThinking()) {
          delta("thinking_delta", "thinking", reasoning.text());
        }
      }
      case AnswerPart.Content content -> {
        need(Kind.TEXT, MessageJson.text(""));
        delta("text_delta", "text", content.text());
      }
      case AnswerPart.ToolCallStart start -> {
        close();
        need(Kind.TOOL_USE, MessageJson.toolUse(start.id(), start.name(), Map.of()));
      }
      case AnswerPart.ToolCallArguments more ->
          delta("input_json_delta", "partial_json", more.delta());
    }
  }

  private void need(Kind kind, Map<String, Object> block) throws IOException {
    if (open == kind) {
      return;
    }
    close();
    open = kind;
    index++;
    send("content_block_start", "index", index, "content_block", block);
  }

  private void delta(String type, String name, String text) throws IOException {
    send("content_block_delta", "index", index, "delta", JsonMap.of("type", type, name, text));
  }

  private void close() throws IOException {
    if (open != Kind.NONE) {
      send("content_block_stop", "index", index);
      open = Kind.NONE;
    }
  }

  private void send(String type, Object... namesAndValues) throws IOException {
    Map<String, Object> event = JsonMap.of("type", type);
    event.putAll(JsonMap.of(namesAndValues));
    events.event(type, event);
  }
}
