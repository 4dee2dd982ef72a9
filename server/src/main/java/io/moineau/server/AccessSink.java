package io.moineau.server;

import java.util.function.Consumer;

/** Is told of each request that was answered. Called by many threads; must not hold them up. */
@FunctionalInterface
public interface AccessSink extends Consumer<AccessEntry> {
  /** Requests that it could not keep. */
  default long dropped() {
    return 0;
  }
}
