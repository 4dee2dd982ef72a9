package io.moineau.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** What a person does with keys, whether a server holds the store at the moment or not. */
public interface KeyAdmin extends AutoCloseable {
  /** See {@link Keys#add}. */
  NewKey add(KeyRequest request);

  /** All keys in the order in which they were made, with what they used today. */
  List<KeyUse> list();

  /** See {@link Keys#revoke}. */
  ApiKey revoke(String idOrName);

  /** Whether a running server does it. */
  boolean throughServer();

  @Override
  void close();

  /**
   * Reaches the keys of a store: through the server that holds its H2 file, if there is one, else
   * by opening it.
   *
   * @throws StoreException as {@link Store#open}
   */
  static KeyAdmin open(StoreOptions options) {
    Optional<KeyAdmin> server = throughServer(options);
    if (server.isPresent()) {
      return server.get();
    }
    try {
      return of(Store.open(options));
    } catch (StoreException e) {
      if (e.code().equals("store-locked")) {
        // A server may have come up between the two looks.
        return throughServer(options).orElseThrow(() -> e);
      }
      throw e;
    }
  }

  private static Optional<KeyAdmin> throughServer(StoreOptions options) {
    Optional<Path> socket = AdminSocket.path(options);
    if (socket.isEmpty() || !Files.exists(socket.get())) {
      return Optional.empty();
    }
    try {
      return Optional.of(new AdminClient(socket.get()).connected());
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("Permission denied")) {
        throw AdminClient.denied(socket.get());
      }
      return Optional.empty(); // left by a server that was killed
    }
  }

  /** The keys of an open store, which is closed with this. */
  static KeyAdmin of(Store store) {
    return new KeyAdmin() {
      @Override
      public NewKey add(KeyRequest request) {
        return store.keys().add(request);
      }

      @Override
      public List<KeyUse> list() {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        return store.keys().list().stream()
            .map(key -> new KeyUse(key, store.usage().day(key.id(), today)))
            .toList();
      }

      @Override
      public ApiKey revoke(String idOrName) {
        return store.keys().revoke(idOrName);
      }

      @Override
      public boolean throughServer() {
        return false;
      }

      @Override
      public void close() {
        store.close();
      }
    };
  }
}
