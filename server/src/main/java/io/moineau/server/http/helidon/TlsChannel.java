package io.moineau.server.http.helidon;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS between a socket and what reads and writes its bytes.
 *
 * <p>Helidon has TLS of its own, which knows no deadline for the handshake and whose sockets cannot
 * be closed while a write waits (closing sends a word of farewell, behind the write). An engine in
 * the middle leaves the socket bare: deadlines, news of its end and cutting off work as they do
 * without TLS.
 *
 * <p>One thread reads; several may write.
 */
final class TlsChannel implements DataWriter {
  /** The first byte of every handshake (RFC 8446, 5.1). */
  private static final int HANDSHAKE_RECORD = 22;

  /** How long a farewell waits for a write that has not come to its end. */
  private static final long FAREWELL_MILLIS = 200;

  /** The client speaks something else, most likely HTTP without TLS. */
  static final class NotTlsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotTlsException() {
      super("the first byte is no TLS");
    }
  }

  private final SSLEngine engine;
  private final Supplier<byte @Nullable []> in;
  private final DataWriter out;
  private final ReentrantLock writing = new ReentrantLock();
  private ByteBuffer received; // to be read from
  private ByteBuffer plain; // to be read from
  private boolean first = true;

  TlsChannel(SSLEngine engine, Supplier<byte @Nullable []> in, DataWriter out) {
    this.engine = engine;
    this.in = in;
    this.out = out;
    this.received = ByteBuffer.allocate(0);
    this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
  }

  /**
   * Agrees with the client.
   *
   * @return false if it went away before
   * @throws NotTlsException if it does not try to
   * @throws UncheckedIOException if they cannot agree
   */
  boolean handshake() {
    try {
      engine.beginHandshake();
      while (true) {
        switch (engine.getHandshakeStatus()) {
          case NEED_TASK -> runTasks();
          case NEED_WRAP -> wrap(ByteBuffer.allocate(0));
          case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
            if (!unwrap()) {
              return false;
            }
          }
          case NOT_HANDSHAKING, FINISHED -> {
            return true;
          }
        }
      }
    } catch (SSLException e) {
      throw failed(e);
    }
  }

  /** The next bytes, or null at the end. */
  byte @Nullable [] read() {
    try {
      while (!plain.hasRemaining()) {
        if (!unwrap()) {
          return null;
        }
        answerWhatIsAsked();
      }
    } catch (SSLException e) {
      throw failed(e);
    }
    byte[] bytes = new byte[plain.remaining()];
    plain.get(bytes);
    return bytes;
  }

  /** TLS 1.3 changes keys and hands out tickets in between. */
  private void answerWhatIsAsked() throws SSLException {
    HandshakeStatus status = engine.getHandshakeStatus();
    if (status == HandshakeStatus.NOT_HANDSHAKING) {
      return;
    }
    if (!engine.getSession().getProtocol().equals("TLSv1.3")) {
      // A second handshake costs the server more than the client; nobody needs it.
      throw new SSLException("renegotiation");
    }
    runTasks();
    while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      wrap(ByteBuffer.allocate(0));
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  /** Decrypts one record; false at the end of the stream. */
  private boolean unwrap() throws SSLException {
    plain.clear();
    try {
      while (true) {
        SSLEngineResult result = engine.unwrap(received, plain);
        switch (result.getStatus()) {
          case OK -> {
            return true;
          }
          case CLOSED -> {
            return false;
          }
          case BUFFER_OVERFLOW ->
              plain =
                  ByteBuffer.allocate(
                      Math.max(
                          2 * plain.capacity(), engine.getSession().getApplicationBufferSize()));
          case BUFFER_UNDERFLOW -> {
            if (!receive()) {
              return false;
            }
          }
        }
      }
    } finally {
      plain.flip();
    }
  }

  private boolean receive() {
    byte[] more = in.get();
    if (more == null) {
      return false;
    }
    if (first && more[0] != HANDSHAKE_RECORD) {
      throw new NotTlsException();
    }
    first = false;
    if (received.hasRemaining()) {
      // Less than one record is left: the engine wanted the rest of it.
      ByteBuffer both = ByteBuffer.allocate(received.remaining() + more.length);
      received = both.put(received).put(more).flip();
    } else {
      received = ByteBuffer.wrap(more);
    }
    return true;
  }

  /** Encrypts and sends all of it; of nothing, what the handshake has to say. */
  private void wrap(ByteBuffer from) throws SSLException {
    writing.lock();
    try {
      ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      do {
        SSLEngineResult result = engine.wrap(from, record);
        switch (result.getStatus()) {
          case OK, CLOSED -> {
            if (result.bytesProduced() == 0 && from.hasRemaining()) {
              throw new SSLException("the connection is closed");
            }
            send(record);
          }
          case BUFFER_OVERFLOW -> record = ByteBuffer.allocate(2 * record.capacity());
          case BUFFER_UNDERFLOW -> throw new SSLException("nothing to encrypt");
        }
      } while (from.hasRemaining());
    } finally {
      writing.unlock();
    }
  }

  private void send(ByteBuffer record) {
    record.flip();
    if (record.hasRemaining()) {
      byte[] bytes = new byte[record.remaining()];
      record.get(bytes);
      out.writeNow(BufferData.create(bytes));
    }
    record.clear();
  }

  /** Tells the client why, if that can be. */
  private UncheckedIOException failed(SSLException e) {
    farewell();
    return new UncheckedIOException(e);
  }

  /** Says that no more will come, unless a write stands in the way. */
  void farewell() {
    try {
      if (writing.tryLock(FAREWELL_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          engine.closeOutbound();
          ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
          while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
              && engine.wrap(ByteBuffer.allocate(0), record).bytesProduced() > 0) {
            send(record);
          }
        } finally {
          writing.unlock();
        }
      }
    } catch (SSLException | RuntimeException e) {
      return; // the client is gone already
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void write(BufferData... buffers) {
    writeNow(buffers);
  }

  @Override
  public void write(BufferData buffer) {
    writeNow(buffer);
  }

  @Override
  public void writeNow(BufferData... buffers) {
    writeNow(BufferData.create(buffers));
  }

  @Override
  public void writeNow(BufferData buffer) {
    byte[] bytes = new byte[buffer.available()];
    int length = buffer.read(bytes);
    if (length <= 0) {
      return;
    }
    try {
      wrap(ByteBuffer.wrap(bytes, 0, length));
    } catch (SSLException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void flush() {
    out.flush();
  }

  @Override
  public void close() {
    out.close();
  }
}
