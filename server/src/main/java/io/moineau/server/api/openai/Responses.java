package io.moineau.server.api.openai;

import io.moineau.ChatAnswer;
import io.moineau.ChatStream;
import io.moineau.error.MoineauException;
import io.moineau.server.api.ApiError;
import io.moineau.server.api.ClientGoneException;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.FieldTable;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonObject;
import java.io.IOException;
import java.util.List;

/** {@code POST /v1/responses}. Nothing is kept: each request brings the whole conversation. */
public final class Responses implements Endpoint {
  private final Service service;

  /** For this server. */
  public Responses(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/v1/responses";
  }

  @Override
  public String summary() {
    return "An answer to a conversation, as items";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public List<Field> fields() {
    return ResponsesFields.BODY;
  }

  @Override
  public List<FieldTable> parts() {
    return ResponsesFields.PARTS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    JsonObject body = request.json();
    service.checkModel(body.string("model", ""));
    boolean streams = body.bool("stream", false);
    ResponsesRequest asked = ResponsesRequest.read(request, body);
    ResponseJson json = new ResponseJson(service, asked);
    try (ChatStream stream = service.chat(request, asked.chat())) {
      if (streams) {
        stream(request, stream, new ResponseEvents(json, reply.events()));
      } else {
        ChatAnswer answer = stream.answer();
        reply.json(json.ended(answer, ResponseJson.output(answer)));
      }
    }
  }

  private static void stream(Request request, ChatStream stream, ResponseEvents events)
      throws IOException {
    try {
      events.tell(stream);
    } catch (ClientGoneException e) {
      throw e;
    } catch (MoineauException e) {
      ApiError error = ApiError.of(e, request.id());
      events.fail(error);
      if (error.status() == 500) {
        throw e; // for the log
      }
    }
  }
}
