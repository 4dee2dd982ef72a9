package io.moineau.store;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * Conversations of the page, kept for each key: nobody reads those of another.
 *
 * <p>Bounded, so that no key can fill the disk: {@value #MAX_BYTES} bytes each and {@value
 * #MAX_COUNT} for each key. Nothing is thrown away to make room: the page says that it is full.
 */
public final class Conversations {
  /** Most bytes of a conversation's JSON in UTF-8. */
  public static final int MAX_BYTES = 1 << 20;

  /** Most conversations of one key. */
  public static final int MAX_COUNT = 500;

  private static final int MAX_TITLE = 200;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private final Database database;

  Conversations(Database database) {
    this.database = database;
  }

  /** The conversations of a key, the one that changed last first, without their JSON. */
  public List<Conversation> list(String keyId) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT id, title, updated FROM moineau.conversation
                WHERE key_id = :key ORDER BY updated DESC, id
                """)
            .bind("key", keyId)
            .map((row, context) -> conversation(row, ""))
            .list());
  }

  /** One conversation of a key. */
  public Optional<Conversation> find(String keyId, String id) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT id, title, updated, json FROM moineau.conversation
                WHERE key_id = :key AND id = :id
                """)
            .bind("key", keyId)
            .bind("id", id)
            .map((row, context) -> conversation(row, row.getString("json")))
            .findFirst());
  }

  private static Conversation conversation(ResultSet row, String json) throws SQLException {
    return new Conversation(
        row.getString("id"),
        row.getString("title"),
        row.getObject("updated", OffsetDateTime.class).toInstant(),
        json);
  }

  /**
   * Writes a conversation, in place of the one with its id.
   *
   * @throws StoreException {@code conversation-bad}, {@code conversation-too-large}, {@code
   *     conversations-full}
   */
  public void put(String keyId, Conversation conversation) {
    check(conversation);
    database.write(handle -> {
      if (write(handle, UPDATE, keyId, conversation) > 0) {
        return true;
      }
      long count =
          handle
              .createQuery("SELECT COUNT(*) FROM moineau.conversation WHERE key_id = :key")
              .bind("key", keyId)
              .mapTo(Long.class)
              .one();
      if (count >= MAX_COUNT) {
        throw new StoreException(
            "conversations-full",
            "no more conversations can be kept for this key",
            count + " conversations",
            "up to " + MAX_COUNT,
            "delete some that are no longer needed");
      }
      try {
        write(handle, INSERT, keyId, conversation);
      } catch (JdbiException e) {
        if (Failures.isDuplicate(e)) {
          throw new StoreException(
              "store-busy",
              "the conversation is being written by another",
              conversation.id(),
              "",
              "try again");
        }
        throw e;
      }
      return true;
    });
  }

  private static final String UPDATE =
      """
      UPDATE moineau.conversation SET title = :title, updated = :updated, json = :json
      WHERE key_id = :key AND id = :id
      """;
  private static final String INSERT =
      """
      INSERT INTO moineau.conversation (key_id, id, title, updated, json)
      VALUES (:key, :id, :title, :updated, :json)
      """;

  private static int write(
      Handle handle, String statement, String keyId, Conversation conversation) {
    return handle
        .createUpdate(statement)
        .bind("key", keyId)
        .bind("id", conversation.id())
        .bind("title", conversation.title())
        .bind("updated", Keys.utc(conversation.updated().truncatedTo(ChronoUnit.MILLIS)))
        .bind("json", conversation.json())
        .execute();
  }

  /** Removes a conversation; returns whether it was there. */
  public boolean remove(String keyId, String id) {
    return database.write(handle ->
        handle
            .createUpdate("DELETE FROM moineau.conversation WHERE key_id = :key AND id = :id")
            .bind("key", keyId)
            .bind("id", id)
            .execute())
        > 0;
  }

  private static void check(Conversation conversation) {
    if (!ID.matcher(conversation.id()).matches()) {
      throw bad(
          "its id has " + conversation.id().length() + " characters", "1 to 64 of A-Z a-z 0-9 - _");
    }
    if (conversation.title().length() > MAX_TITLE) {
      throw bad(
          "its title has " + conversation.title().length() + " characters", "up to " + MAX_TITLE);
    }
    utf8Length(conversation.title());
    long bytes = utf8Length(conversation.json());
    if (bytes > MAX_BYTES) {
      throw new StoreException(
          "conversation-too-large",
          "the conversation is too large to be kept",
          bytes + " bytes",
          "up to " + MAX_BYTES,
          "begin a new one");
    }
  }

  /** The length in UTF-8 of text that both databases can hold: no NUL, no half of a pair. */
  private static long utf8Length(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      if (text.indexOf('\0') < 0) {
        return bytes.remaining();
      }
    } catch (CharacterCodingException e) {
      // answered below
    }
    throw bad("it holds a character that is none", "Unicode without U+0000");
  }

  private static StoreException bad(String where, String allowed) {
    return new StoreException(
        "conversation-bad", "the conversation cannot be kept", where, allowed, "");
  }
}
