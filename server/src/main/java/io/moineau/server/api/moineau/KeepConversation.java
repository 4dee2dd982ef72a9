package io.moineau.server.api.moineau;

import static io.moineau.server.api.Field.supported;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonObject;
import io.moineau.store.Conversation;
import io.moineau.store.Conversations;
import io.moineau.text.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** {@code PUT /moineau/conversations/{id}}. */
public final class KeepConversation implements Endpoint {
  private static final List<Field> FIELDS =
      List.of(
          supported("title", "string", "up to 200 characters"),
          supported("updated", "integer", "milliseconds since 1970; now, if it is left out"),
          supported("conversation", "object", "what the page makes of it; up to 1 MiB"));

  private final Service service;

  /** For this server. */
  public KeepConversation(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "PUT";
  }

  @Override
  public String path() {
    return "/moineau/conversations/{id}";
  }

  @Override
  public String summary() {
    return "Keeps a conversation of this key, in place of the one with its id";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public List<Field> fields() {
    return FIELDS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    Conversations kept = Kept.in(service);
    JsonObject body = request.json();
    Instant updated =
        body.find("updated")
            .map(time -> Instant.ofEpochMilli(time.asLong(0, Kept.LAST_MILLIS)))
            .orElseGet(Instant::now);
    Conversation conversation =
        new Conversation(
            request.parameter("id"),
            body.string("title", ""),
            updated,
            Json.write(body.get("conversation").asObject().values()));
    kept.put(request.caller().keyId(), conversation);
    reply.json(Kept.head(conversation));
  }
}
