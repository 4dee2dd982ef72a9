package io.moineau.store;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a server remembers: keys, their usage, and conversations where switched on.
 *
 * <pre>{@code
 * try (Store store = Store.open(StoreOptions.inFolder(folder))) {
 *   NewKey key = store.keys().add(KeyRequest.named("office"));
 *   store.usage().add(key.key().id(), LocalDate.now(ZoneOffset.UTC), 12, 34, 1);
 * }
 * }</pre>
 *
 * <p>Any thread may use it. What a method has written when it returns survives the end of the
 * process at any moment.
 */
public final class Store implements AutoCloseable {
  private final StoreOptions options;
  private final Database database;
  private final Keys keys;
  private final UsageLog usage;
  private final Conversations conversations;

  private Store(StoreOptions options, Consumer<String> notices) {
    this.options = options;
    database = new Database(options, notices);
    keys = new Keys(database);
    usage = new UsageLog(database, notices);
    conversations = new Conversations(database);
  }

  /** Opens a store whose troubles are told by exceptions alone. */
  public static Store open(StoreOptions options) {
    return open(options, notice -> {});
  }

  /**
   * Opens a store, makes it where there is none, and raises its tables to this version.
   *
   * @param notices told in a line when the database goes away, comes back, or usage is lost; called
   *     by threads of the store
   * @throws StoreException {@code store-locked}, {@code store-damaged}, {@code store-full}, {@code
   *     store-unreachable}, {@code store-login-refused}, {@code store-denied}, {@code
   *     store-missing}, {@code store-newer}, {@code store-busy}, {@code store-failed}
   */
  public static Store open(StoreOptions options, Consumer<String> notices) {
    return new Store(options, notices);
  }

  /** The keys. */
  public Keys keys() {
    return keys;
  }

  /** What each key used on each day. */
  public UsageLog usage() {
    return usage;
  }

  /**
   * The conversations.
   *
   * @throws StoreException {@code conversations-off} if they are not switched on
   */
  public Conversations conversations() {
    if (!options.conversations()) {
      throw new StoreException(
          "conversations-off",
          "conversations are not kept here",
          "",
          "",
          "start the server with --keep-conversations");
    }
    return conversations;
  }

  /** Whether conversations are kept. */
  public boolean keepsConversations() {
    return options.conversations();
  }

  /** What keeps the database away at this moment; empty while it works. */
  public Optional<StoreException> trouble() {
    return database.trouble();
  }

  /** Where the store is, for people: a file's path, or a URL without user and password. */
  public String place() {
    return options.place();
  }

  StoreOptions options() {
    return options;
  }

  /** Writes what waits and closes the database. */
  @Override
  public void close() {
    usage.close();
    database.close();
  }
}
