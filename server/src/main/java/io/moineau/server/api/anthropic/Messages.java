package io.moineau.server.api.anthropic;

import io.moineau.ChatAnswer;
import io.moineau.ChatStream;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.FieldTable;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.api.common.Ids;
import io.moineau.server.json.JsonObject;
import java.io.IOException;
import java.util.List;

/** {@code POST /v1/messages}. */
public final class Messages implements Endpoint {
  private final Service service;

  /** For this server. */
  public Messages(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/v1/messages";
  }

  @Override
  public String summary() {
    return "An answer to a conversation";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.ANTHROPIC;
  }

  @Override
  public List<Field> fields() {
    return MessagesFields.CREATE;
  }

  @Override
  public List<FieldTable> parts() {
    return MessagesFields.PARTS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    reply.header("request-id", request.id());
    JsonObject body = request.json();
    service.checkModel(body.get("model").asString());
    boolean streams = body.bool("stream", false);
    MessagesRequest asked = MessagesRequest.create(request, body);
    String id = Ids.of("msg_");
    try (ChatStream stream = service.chat(request, asked.chat())) {
      if (streams) {
        new MessageEvents(service, reply.events(), asked).tell(stream, id);
        return;
      }
      ChatAnswer answer = stream.answer();
      String stop = MessageJson.stopSequence(answer, stream.stopString());
      reply.json(
          MessageJson.message(
              service,
              id,
              MessageJson.content(answer, asked.showThinking()),
              MessageJson.stopReason(answer, stop, asked.maxTokens()),
              stop,
              MessageJson.usage(answer.usage())));
    }
  }
}
