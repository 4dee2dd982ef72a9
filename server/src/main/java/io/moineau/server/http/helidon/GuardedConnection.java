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
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * A connection with deadlines for the bytes of a request, and a look-out for the client's end while
 * a request is answered.
 *
 * <p>Helidon reads a connection with no time-out at all (its option is not passed on to the
 * channel), and reads nothing while a handler runs, so that a client that hangs up would be noticed
 * only by a write that fails, perhaps never while a long prompt is computed. Here a second virtual
 * thread reads, always a little ahead: Helidon's waits for it no longer than the deadline, and the
 * end of the stream tells that the client is gone.
 */
final class GuardedConnection implements ConnectionContext {
  /** Bytes that are read before anyone asks for them. */
  private static final int MOST_AHEAD = 64 << 10;

  /** How long bytes of a request that was refused are thrown away, so that the refusal arrives. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private enum Phase {
    IDLE,
    HEAD,
    BODY,
    ANSWER
  }

  private final ConnectionContext context;
  private final HttpLimits limits;
  private final HelidonSocket socket;
  private final DataReader reader;
  private final TimedWriter socketWriter;
  private final @Nullable TlsChannel tls;
  private final byte[] plainRefusal;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<byte[]> ahead = new ArrayDeque<>();
  private int aheadBytes;
  private boolean closing;
  private boolean atEnd;
  private final List<Runnable> onGone = new ArrayList<>();
  private volatile Phase phase = Phase.IDLE;
  private volatile long deadline;

  /**
   * Around a socket.
   *
   * @param engine for TLS; null without
   * @param plainRefusal the whole answer to one who speaks HTTP without TLS where it is needed
   */
  GuardedConnection(
      ConnectionContext context,
      HttpLimits limits,
      SlowReaders slowReaders,
      @Nullable SSLEngine engine,
      byte[] plainRefusal) {
    this.context = context;
    this.limits = limits;
    this.socket = context.serverSocket();
    this.reader = DataReader.create(this::read);
    this.socketWriter = new TimedWriter(context.dataWriter(), socket, slowReaders);
    this.tls = engine == null ? null : new TlsChannel(engine, socket, socketWriter);
    this.plainRefusal = plainRefusal;
    // A handshake has as much time as headers have.
    wait(Phase.IDLE, engine == null ? limits.idleTime() : limits.headerTime());
  }

  private void wait(Phase next, Duration time) {
    phase = next;
    deadline = System.nanoTime() + time.toNanos();
  }

  /** The headers are there; the body follows, if there is one. */
  void body(boolean follows) {
    wait(follows ? Phase.BODY : Phase.ANSWER, limits.bodyTime());
  }

  /** The whole body is there. */
  void bodyRead() {
    phase = Phase.ANSWER;
  }

  /** The body is there: from now on the end of the stream means that nobody wants the answer. */
  void answering(Runnable gone) {
    lock.lock();
    try {
      phase = Phase.ANSWER;
      onGone.add(gone);
      if (atEnd) {
        tellGone();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The answer is made and is sent: a client that hangs up as soon as it has it stops nothing. */
  void sending() {
    lock.lock();
    try {
      onGone.clear();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The answer is sent.
   *
   * @param last whether no other request may come on this connection
   */
  void answered(boolean last) {
    lock.lock();
    try {
      onGone.clear();
      closing = last;
      // What was refused before it was read must not be cut off: the refusal could be lost.
      wait(Phase.IDLE, last ? (phase == Phase.BODY ? LINGER : Duration.ZERO) : limits.idleTime());
    } finally {
      lock.unlock();
    }
  }

  /** The connection is at its end. */
  void ended() {
    if (tls != null) {
      tls.farewell();
    }
    lock.lock();
    try {
      atEnd = true;
      tellGone();
    } finally {
      lock.unlock();
    }
  }

  private void tellGone() {
    for (Runnable action : onGone) {
      Thread.ofVirtual().name("moineau-gone").start(action);
    }
    onGone.clear();
    changed.signalAll();
  }

  /** Begins to read. */
  void start() {
    Thread.ofVirtual().name("moineau-read-ahead").start(this::readAhead);
  }

  private void readAhead() {
    boolean agreed = tls == null || handshake(tls);
    while (true) {
      byte[] bytes;
      try {
        bytes = !agreed ? null : tls == null ? socket.get() : tls.read();
      } catch (RuntimeException e) {
        bytes = null; // reset by the client, or closed here
      }
      lock.lock();
      try {
        if (bytes == null) {
          atEnd = true;
          tellGone();
          return;
        }
        ahead.add(bytes);
        aheadBytes += bytes.length;
        changed.signalAll();
        while (aheadBytes >= MOST_AHEAD && !atEnd) {
          changed.awaitUninterruptibly();
        }
        if (atEnd) {
          return;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean handshake(TlsChannel channel) {
    try {
      if (!channel.handshake()) {
        return false;
      }
      lock.lock();
      try {
        wait(Phase.IDLE, limits.idleTime());
      } finally {
        lock.unlock();
      }
      return true;
    } catch (TlsChannel.NotTlsException e) {
      refusePlain();
      return false;
    } catch (RuntimeException e) {
      return false; // it was told why
    }
  }

  private void refusePlain() {
    try {
      socketWriter.writeNow(BufferData.create(plainRefusal));
    } catch (RuntimeException e) {
      return; // gone already
    }
  }

  /** The next bytes for Helidon's reader, or null at the end. */
  private byte @Nullable [] read() {
    lock.lock();
    try {
      byte[] bytes = take();
      while (bytes != null && closing) {
        bytes = take(); // no other request is answered
      }
      if (bytes != null && phase == Phase.IDLE) {
        wait(Phase.HEAD, limits.headerTime());
      }
      return bytes;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server ends, and no request is on this connection
      return null;
    } finally {
      lock.unlock();
    }
  }

  private byte @Nullable [] take() throws InterruptedException {
    while (ahead.isEmpty() && !atEnd) {
      long left = deadline - System.nanoTime(); // a handshake that is done moves it
      if (left <= 0) {
        late();
        return null;
      }
      changed.awaitNanos(left);
    }
    byte[] bytes = ahead.poll();
    if (bytes != null) {
      aheadBytes -= bytes.length;
      changed.signalAll();
    }
    return bytes;
  }

  /** A connection with no request on it just ends; half a request is told. */
  private void late() {
    if (phase == Phase.IDLE) {
      return;
    }
    throw RequestException.builder()
        .type(DirectHandler.EventType.BAD_REQUEST)
        .status(Status.REQUEST_TIMEOUT_408)
        .setKeepAlive(false)
        .message("the request came too slowly")
        .build();
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public DataWriter dataWriter() {
    return tls == null ? socketWriter : tls;
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
    return tls != null;
  }

  @Override
  public String socketId() {
    return context.socketId();
  }

  @Override
  public String childSocketId() {
    return context.childSocketId();
  }
}
