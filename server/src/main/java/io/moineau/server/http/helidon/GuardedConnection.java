package io.moineau.server.http.helidon;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.DirectHandler;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.moineau.server.http.HttpLimits;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection with deadlines for the bytes of a request, and a look-out for the client's end while
 * a request is answered.
 *
 * <p>Helidon's thread of a connection reads nothing while a handler runs, so that a client that
 * hangs up would be noticed only by a write that fails, perhaps never while a long prompt is
 * computed. Here a second virtual thread reads ahead from the time the body is there until the
 * answer is sent: the end of the stream tells that the client is gone, and bytes of a next request
 * are kept for it.
 */
final class GuardedConnection implements ConnectionContext {
  /** How often a read that waits looks at its deadline; the time-out of reads of the socket. */
  static final Duration TICK = Duration.ofMillis(500);

  /** Bytes of further requests that are taken while one is answered. */
  private static final int MOST_AHEAD = 64 << 10;

  private enum Phase {
    IDLE,
    HEAD,
    BODY,
    ANSWER
  }

  private final ConnectionContext context;
  private final HttpLimits limits;
  private final SlowReaders slowReaders;
  private final HelidonSocket socket;
  private final DataReader reader;
  private final DataWriter writer;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<byte[]> ahead = new ArrayDeque<>();
  private int aheadBytes;
  private boolean watching;
  private boolean atEnd;
  private @Nullable Runnable onGone;
  private volatile Phase phase = Phase.IDLE;
  private volatile long deadline;
  private volatile long writingSince; // 0: no write waits

  GuardedConnection(ConnectionContext context, HttpLimits limits, SlowReaders slowReaders) {
    this.context = context;
    this.limits = limits;
    this.slowReaders = slowReaders;
    this.socket = context.serverSocket();
    this.reader = DataReader.create(this::read);
    this.writer = new Writer(context.dataWriter());
    wait(Phase.IDLE, limits.idleTime());
  }

  private void wait(Phase next, Duration time) {
    phase = next;
    deadline = System.nanoTime() + time.toNanos();
  }

  /** The headers are there. */
  void body() {
    wait(Phase.BODY, limits.bodyTime());
  }

  /** The body is there: from now on the end of the stream means that nobody wants the answer. */
  void answering(Runnable gone) {
    lock.lock();
    try {
      phase = Phase.ANSWER;
      onGone = gone;
      if (atEnd) {
        tellGone();
      } else if (!watching) {
        watching = true;
        Thread.ofVirtual().name("moineau-look-out").start(this::lookOut);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The answer is sent. */
  void answered() {
    lock.lock();
    try {
      onGone = null;
    } finally {
      lock.unlock();
    }
    wait(Phase.IDLE, limits.idleTime());
  }

  /** The connection is at its end. */
  void ended() {
    lock.lock();
    try {
      atEnd = true;
      tellGone();
    } finally {
      lock.unlock();
    }
  }

  private void tellGone() {
    Runnable action = onGone;
    onGone = null;
    if (action != null) {
      Thread.ofVirtual().name("moineau-gone").start(action);
    }
    changed.signalAll();
  }

  private void lookOut() {
    while (true) {
      byte[] bytes;
      try {
        bytes = socket.get();
      } catch (UncheckedIOException e) {
        if (e.getCause() instanceof SocketTimeoutException && !isAtEnd()) {
          continue;
        }
        bytes = null;
      } catch (RuntimeException e) {
        bytes = null;
      }
      lock.lock();
      try {
        if (bytes == null) {
          atEnd = true;
          watching = false;
          tellGone();
          return;
        }
        ahead.add(bytes);
        aheadBytes += bytes.length;
        changed.signalAll();
        if (phase != Phase.ANSWER || aheadBytes >= MOST_AHEAD) {
          watching = false;
          return;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean isAtEnd() {
    lock.lock();
    try {
      return atEnd;
    } finally {
      lock.unlock();
    }
  }

  /** The next bytes for Helidon's reader, or null at the end. */
  private byte @Nullable [] read() {
    byte[] bytes = fromFirst();
    if (bytes == null) {
      bytes = fromAhead();
    }
    if (bytes == null) {
      bytes = fromSocket();
    }
    if (bytes != null && phase == Phase.IDLE) {
      wait(Phase.HEAD, limits.headerTime());
    }
    return bytes;
  }

  /** What Helidon itself had read of the socket before this stood in between. */
  private byte @Nullable [] fromFirst() {
    int available = context.dataReader().available();
    return available == 0 ? null : context.dataReader().readBytes(available);
  }

  private byte @Nullable [] fromAhead() {
    lock.lock();
    try {
      while (ahead.isEmpty() && watching && !atEnd) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          late();
          return null;
        }
        try {
          changed.awaitNanos(Math.min(left, TICK.toNanos()));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          atEnd = true;
          return null;
        }
      }
      byte[] bytes = ahead.poll();
      if (bytes != null) {
        aheadBytes -= bytes.length;
      }
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  private byte @Nullable [] fromSocket() {
    while (!isAtEnd()) {
      if (deadline - System.nanoTime() <= 0) {
        late();
        return null;
      }
      try {
        return socket.get();
      } catch (UncheckedIOException e) {
        if (!(e.getCause() instanceof SocketTimeoutException)) {
          return null;
        }
      }
      if (Thread.currentThread().isInterrupted()) {
        return null;
      }
    }
    return null;
  }

  /** A connection with no request on it just ends; half a request is told. */
  private void late() {
    if (phase == Phase.IDLE) {
      return;
    }
    Duration most = phase == Phase.HEAD ? limits.headerTime() : limits.bodyTime();
    throw RequestException.builder()
        .type(DirectHandler.EventType.BAD_REQUEST)
        .status(Status.REQUEST_TIMEOUT_408)
        .setKeepAlive(false)
        .safeMessage(true)
        .message("the request came too slowly; allowed: " + most.toSeconds() + " s")
        .build();
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
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public DataWriter dataWriter() {
    return writer;
  }

  @Override
  public ListenerContext listenerContext() {
    return context.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return context.executor();
  }

  @Override
  public Router router() {
    return context.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return context.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return socket;
  }

  @Override
  public PeerInfo remotePeer() {
    return context.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return context.localPeer();
  }

  @Override
  public boolean isSecure() {
    return context.isSecure();
  }

  @Override
  public String socketId() {
    return context.socketId();
  }

  @Override
  public String childSocketId() {
    return context.childSocketId();
  }

  /** Helidon's writer, with the time since when it waits. */
  private final class Writer implements DataWriter {
    private final DataWriter to;

    Writer(DataWriter to) {
      this.to = to;
    }

    private void timed(Runnable write) {
      writingSince = System.nanoTime() | 1;
      slowReaders.began(GuardedConnection.this);
      try {
        write.run();
      } finally {
        writingSince = 0;
        slowReaders.ended(GuardedConnection.this);
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
}
