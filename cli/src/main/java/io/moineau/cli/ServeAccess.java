package io.moineau.cli;

import io.moineau.server.ServerOptions;
import io.moineau.server.access.KeyGatekeeper;
import io.moineau.store.AdminSocket;
import io.moineau.store.ApiKey;
import io.moineau.store.Store;
import io.moineau.store.StoreOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The store of a server while it runs, and who asks for keys. */
final class ServeAccess implements AutoCloseable {
  /** Nobody is asked, nothing is kept; no class of a database is loaded. */
  static final ServeAccess NONE = new ServeAccess(options -> options, "", false, List.of());

  private final UnaryOperator<ServerOptions> change;
  private final String place;
  private final boolean hasKey;
  private final List<AutoCloseable> open;

  private ServeAccess(
      UnaryOperator<ServerOptions> change, String place, boolean hasKey, List<AutoCloseable> open) {
    this.change = change;
    this.place = place;
    this.hasKey = hasKey;
    this.open = open;
  }

  /**
   * Opens a store.
   *
   * @param asks whether everybody is asked for a key
   */
  static ServeAccess open(StoreOptions options, boolean asks, Job job) {
    List<AutoCloseable> open = new ArrayList<>();
    try {
      Store store = Store.open(options, notice -> job.remark("store: " + notice));
      open.add(store);
      open.add(AdminSocket.listen(store));
      UnaryOperator<ServerOptions> change =
          with -> store.keepsConversations() ? with.withConversations(store.conversations()) : with;
      if (!asks) {
        return new ServeAccess(change, store.place(), false, open);
      }
      KeyGatekeeper gatekeeper = new KeyGatekeeper(store);
      open.add(gatekeeper);
      Instant now = Instant.now();
      List<ApiKey> keys = store.keys().list();
      return new ServeAccess(
          with -> change.apply(with).withGatekeeper(gatekeeper),
          store.place(),
          keys.stream().anyMatch(key -> key.usableAt(now)),
          open);
    } catch (RuntimeException e) {
      close(open);
      throw e;
    }
  }

  /** Whether there is a key that works. */
  boolean hasKey() {
    return hasKey;
  }

  /** Where the store is; empty without one. */
  String place() {
    return place;
  }

  ServerOptions addTo(ServerOptions options) {
    return change.apply(options);
  }

  private static void close(List<AutoCloseable> open) {
    for (AutoCloseable one : open.reversed()) {
      try {
        one.close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Writes what is not yet written, and closes the store. */
  @Override
  public void close() {
    close(open);
  }
}
