package io.moineau.server.api.moineau;

import io.moineau.server.api.ApiException;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import io.moineau.store.Conversation;
import io.moineau.store.Conversations;
import java.util.Map;

/** What the endpoints of conversations share. */
final class Kept {
  /** The end of the year 9999. */
  static final long LAST_MILLIS = 253_402_300_799_999L;

  private Kept() {}

  /**
   * Where they are.
   *
   * @throws ApiException 404 {@code conversations_off}
   */
  static Conversations in(Service service) {
    return service
        .conversations()
        .orElseThrow(() ->
            new ApiException(
                404,
                "conversations_off",
                "",
                0,
                "conversations are not kept here",
                "",
                "",
                "start the server with --keep-conversations"));
  }

  static Map<String, Object> head(Conversation conversation) {
    return JsonMap.of(
        "id",
        conversation.id(),
        "title",
        conversation.title(),
        "updated",
        conversation.updated().toEpochMilli());
  }

  static ApiException unknown(String id) {
    return new ApiException(
        404,
        "conversation_unknown",
        "",
        0,
        "there is no such conversation of this key",
        id.length() > 64 ? id.substring(0, 64) : id,
        "",
        "");
  }
}
