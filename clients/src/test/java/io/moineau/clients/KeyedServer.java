package io.moineau.clients;

import io.moineau.server.AccessEntry;
import io.moineau.server.access.KeyGatekeeper;
import io.moineau.store.KeyRequest;
import io.moineau.store.Store;
import io.moineau.store.StoreOptions;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A server that asks for keys, with a store in a folder of the test. */
final class KeyedServer implements AutoCloseable {
  private final Queue<AccessEntry> log = new ConcurrentLinkedQueue<>();
  private final Store store;
  private final KeyGatekeeper gatekeeper;
  private final LiveServer server;

  KeyedServer(Path folder) {
    store = Store.open(StoreOptions.inFolder(folder));
    gatekeeper = new KeyGatekeeper(store);
    server =
        LiveServer.start(
            options -> options,
            options -> options.withGatekeeper(gatekeeper).withAccessLog(log::add));
  }

  LiveServer server() {
    return server;
  }

  /** The secret of a new key. */
  String key(KeyRequest request) {
    return store.keys().add(request).secret();
  }

  /**
   * How many requests were answered with this status; waits for the first, told after its answer.
   */
  long answers(int status) throws InterruptedException {
    for (int i = 0; i < 1000 && count(status) == 0; i++) {
      Thread.sleep(10);
    }
    return count(status);
  }

  private long count(int status) {
    return log.stream().filter(entry -> entry.status() == status).count();
  }

  /** Who asked last; empty where nobody did. */
  String lastCaller() throws InterruptedException {
    return answers(200) == 0
        ? ""
        : log.stream().reduce((before, last) -> last).orElseThrow().caller().name();
  }

  @Override
  public void close() {
    server.close();
    gatekeeper.close();
    store.close();
  }
}
