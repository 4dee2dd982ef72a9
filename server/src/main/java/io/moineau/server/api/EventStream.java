package io.moineau.server.api;

import io.moineau.text.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Server-sent events, each sent as soon as it is written. While nothing is written a comment is
 * sent now and then, so that nobody in between takes the connection for dead.
 */
public final class EventStream implements AutoCloseable {
  private static final byte[] COMMENT = ": still here\n\n".getBytes(StandardCharsets.UTF_8);

  private final OutputStream out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Thread heart;
  private long lastAt = System.nanoTime();
  private boolean closed;

  EventStream(OutputStream out, Duration heartbeat) {
    this.out = out;
    this.heart = Thread.ofVirtual().name("moineau-heartbeat").start(() -> beat(heartbeat));
  }

  private void beat(Duration every) {
    try {
      while (true) {
        long silent;
        lock.lockInterruptibly();
        try {
          silent = System.nanoTime() - lastAt;
          if (closed) {
            return;
          }
          if (silent >= every.toNanos()) {
            write(COMMENT);
            silent = 0;
          }
        } finally {
          lock.unlock();
        }
        Thread.sleep(Duration.ofNanos(every.toNanos() - silent));
      }
    } catch (InterruptedException | IOException e) {
      // The stream has ended, or its next event will find out that the client is gone.
      return;
    }
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    lastAt = System.nanoTime();
  }

  /** Sends an event without a name. */
  public void data(Object json) throws IOException {
    send("data: " + Json.write(json) + "\n\n");
  }

  /** Sends an event without a name whose data is a text of one line. */
  public void text(String line) throws IOException {
    send("data: " + line + "\n\n");
  }

  /** Sends an event with a name. */
  public void event(String name, Object json) throws IOException {
    send("event: " + name + "\ndata: " + Json.write(json) + "\n\n");
  }

  private void send(String text) throws IOException {
    lock.lock();
    try {
      if (!closed) {
        write(text.getBytes(StandardCharsets.UTF_8));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sends no more; the connection stays. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    heart.interrupt();
  }
}
