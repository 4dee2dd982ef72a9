package io.moineau.server.http.helidon;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;

/** Helidon's writer, with the time since when it waits. One thread writes at a time. */
final class TimedWriter implements DataWriter {
  private final DataWriter to;
  private final HelidonSocket socket;
  private final SlowReaders slowReaders;
  private volatile long writingSince; // 0: no write waits

  TimedWriter(DataWriter to, HelidonSocket socket, SlowReaders slowReaders) {
    this.to = to;
    this.socket = socket;
    this.slowReaders = slowReaders;
  }

  private void timed(Runnable write) {
    writingSince = System.nanoTime() | 1;
    slowReaders.began(this);
    try {
      write.run();
    } finally {
      writingSince = 0;
      slowReaders.ended(this);
    }
  }

  /** Closes the socket if a write has waited since then: it fails, and the answer with it. */
  void cutIfWaitingSince(long then) {
    long since = writingSince;
    if (since != 0 && since - then < 0) {
      try {
        socket.close();
      } catch (RuntimeException e) {
        writingSince = 0; // closed by the client meanwhile
      }
    }
  }

  @Override
  public void write(BufferData... buffers) {
    timed(() -> to.write(buffers));
  }

  @Override
  public void write(BufferData buffer) {
    timed(() -> to.write(buffer));
  }

  @Override
  public void writeNow(BufferData... buffers) {
    timed(() -> to.writeNow(buffers));
  }

  @Override
  public void writeNow(BufferData buffer) {
    timed(() -> to.writeNow(buffer));
  }

  @Override
  public void flush() {
    timed(to::flush);
  }

  @Override
  public void close() {
    to.close();
  }
}
