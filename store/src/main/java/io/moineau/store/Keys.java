package io.moineau.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The keys.
 *
 * <p>A request must not wait for a database, and must be answered while it is away. So all keys are
 * held in memory as well and read again when the table's count of changes has risen, which is
 * looked at once a second: that is how long a key may still work after another process has revoked
 * it. While the database is away, the keys that are known go on working.
 */
public final class Keys {
  private static final Duration FRESH = Duration.ofSeconds(1);
  private static final String COLUMNS =
      "id, name, hint, secret_hash, tokens_per_day, requests_per_minute, models, created, expires,"
          + " revoked";

  private record Row(ApiKey key, String hash) {}

  private record Snapshot(long version, long checkedAt, Map<String, Row> byHash) {}

  private final Database database;
  private volatile @Nullable Snapshot snapshot;

  Keys(Database database) {
    this.database = database;
  }

  /**
   * Makes a key. Its secret is in the answer and nowhere else.
   *
   * @throws StoreException {@code key-name-taken} if a key that is not revoked has the name
   */
  public NewKey add(KeyRequest request) {
    String secret = Secrets.newSecret();
    ApiKey key =
        new ApiKey(
            Secrets.newId(),
            request.name(),
            Secrets.hint(secret),
            request.tokensPerDay(),
            request.requestsPerMinute(),
            request.models(),
            now(),
            request.expires().map(time -> time.truncatedTo(ChronoUnit.MILLIS)),
            Optional.empty());
    database.write(handle -> {
      try {
        insert(handle, key, Secrets.hash(secret));
      } catch (JdbiException e) {
        if (Failures.isDuplicate(e)) {
          throw nameTaken(key.name());
        }
        throw e;
      }
      return countChange(handle);
    });
    snapshot = null;
    return new NewKey(key, secret);
  }

  private static void insert(Handle handle, ApiKey key, String hash) {
    handle
        .createUpdate(
            """
            INSERT INTO moineau.api_key (id, name, active_name, hint, secret_hash, tokens_per_day,
              requests_per_minute, models, created, expires)
            VALUES (:id, :name, :name, :hint, :hash, :tokens, :requests, :models, :created, :expires)
            """)
        .bind("id", key.id())
        .bind("name", key.name())
        .bind("hint", key.hint())
        .bind("hash", hash)
        .bind("tokens", key.tokensPerDay().isPresent() ? key.tokensPerDay().getAsLong() : null)
        .bind(
            "requests",
            key.requestsPerMinute().isPresent() ? key.requestsPerMinute().getAsInt() : null)
        .bind("models", String.join("\n", key.models()))
        .bind("created", utc(key.created()))
        .bindByType("expires", key.expires().map(Keys::utc).orElse(null), OffsetDateTime.class)
        .execute();
  }

  private static long countChange(Handle handle) {
    return handle.execute(
        "UPDATE moineau.change_count SET changes = changes + 1 WHERE name = 'api_key'");
  }

  /** All keys, revoked and expired ones too, in the order in which they were made. */
  public List<ApiKey> list() {
    return database.read(handle -> rows(handle)).stream().map(Row::key).toList();
  }

  private static List<Row> rows(Handle handle) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM moineau.api_key ORDER BY created, id")
        .map(Keys::row)
        .list();
  }

  /**
   * Revokes a key, for good. One that is revoked already stays as it is.
   *
   * @param idOrName the id of any key, or the name of one that is not revoked
   * @return the key, with the time at which it was revoked
   * @throws StoreException {@code key-unknown}
   */
  public ApiKey revoke(String idOrName) {
    ApiKey revoked =
        database.write(handle -> {
          handle
              .createUpdate(
                  """
                  UPDATE moineau.api_key SET revoked = :now, active_name = NULL
                  WHERE revoked IS NULL AND (id = :key OR active_name = :key)
                  """)
              .bind("now", utc(now()))
              .bind("key", idOrName)
              .execute();
          countChange(handle);
          return handle
              .createQuery(
                  "SELECT "
                      + COLUMNS
                      + " FROM moineau.api_key WHERE revoked IS NOT NULL AND (id = :key OR name"
                      + " = :key) ORDER BY revoked DESC")
              .bind("key", idOrName)
              .map(Keys::row)
              .findFirst()
              .orElseThrow(() -> unknown(idOrName))
              .key();
        });
    snapshot = null;
    return revoked;
  }

  /**
   * The key of a secret, if it works now: it is known, not revoked and not expired.
   *
   * @throws StoreException if the database is away and the keys were never read
   */
  public Optional<ApiKey> find(String secret) {
    Instant now = Instant.now();
    return findAny(secret).filter(key -> key.usableAt(now));
  }

  /** As {@link #find}, but revoked and expired keys too, to say why one does not work. */
  public Optional<ApiKey> findAny(String secret) {
    String hash = Secrets.hash(secret);
    Row row = current().byHash().get(hash);
    // The map compares hashes as strings, at a pace that may tell how much of a hash was right.
    // What can be learned so is a hash, from which no secret follows; the answer itself is given
    // by a comparison that takes the same time always.
    return row != null && Secrets.equal(row.hash(), hash)
        ? Optional.of(row.key())
        : Optional.empty();
  }

  /** A number that changes when keys change, within a second where another process changes them. */
  public long version() {
    return current().version();
  }

  private Snapshot current() {
    Snapshot known = snapshot;
    if (known != null && System.nanoTime() - known.checkedAt() < FRESH.toNanos()) {
      return known;
    }
    try {
      Snapshot read =
          database.read(handle -> {
            long version =
                handle
                    .createQuery("SELECT changes FROM moineau.change_count WHERE name = 'api_key'")
                    .mapTo(Long.class)
                    .one();
            if (known != null && known.version() == version) {
              return new Snapshot(version, System.nanoTime(), known.byHash());
            }
            Map<String, Row> byHash = new HashMap<>();
            rows(handle).forEach(row -> byHash.put(row.hash(), row));
            return new Snapshot(version, System.nanoTime(), byHash);
          });
      snapshot = read;
      return read;
    } catch (StoreException e) {
      if (known == null) {
        throw e;
      }
      return known;
    }
  }

  private static Row row(ResultSet row, StatementContext context) throws SQLException {
    long tokens = row.getLong("tokens_per_day");
    OptionalLong tokensPerDay = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(tokens);
    int requests = row.getInt("requests_per_minute");
    OptionalInt perMinute = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(requests);
    String models = row.getString("models");
    return new Row(
        new ApiKey(
            row.getString("id"),
            row.getString("name"),
            row.getString("hint"),
            tokensPerDay,
            perMinute,
            models.isEmpty() ? List.of() : List.of(models.split("\n")),
            row.getObject("created", OffsetDateTime.class).toInstant(),
            instant(row, "expires"),
            instant(row, "revoked")),
        row.getString("secret_hash"));
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  static OffsetDateTime utc(Instant time) {
    return time.atOffset(ZoneOffset.UTC);
  }

  static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  private static StoreException nameTaken(String name) {
    return new StoreException(
        "key-name-taken",
        "a key has this name already",
        name,
        "one key of a name that is not revoked",
        "choose another, or revoke that one: moineau keys revoke " + name);
  }

  private static StoreException unknown(String idOrName) {
    return new StoreException(
        "key-unknown",
        "there is no such key",
        idOrName,
        "the id or the name of a key",
        "see: moineau keys list");
  }
}
