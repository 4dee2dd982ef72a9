package io.moineau.server.http.helidon;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.moineau.server.http.HttpLimits;
import io.moineau.server.tls.TlsFiles;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts a {@link GuardedConnection} between Helidon's HTTP/1.1 and each socket. */
final class GuardedSelector implements ServerConnectionSelector {
  private final Http1ConnectionSelector http1;
  private final HttpLimits limits;
  private final SlowReaders slowReaders;

  private final @Nullable TlsFiles tls;
  private final byte[] plainRefusal;

  GuardedSelector(
      Http1ConnectionSelector http1,
      HttpLimits limits,
      SlowReaders slowReaders,
      @Nullable TlsFiles tls,
      byte[] plainRefusal) {
    this.http1 = http1;
    this.limits = limits;
    this.slowReaders = slowReaders;
    this.tls = tls;
    this.plainRefusal = plainRefusal;
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http1.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    GuardedConnection guard =
        new GuardedConnection(
            context, limits, slowReaders, tls == null ? null : tls.newEngine(), plainRefusal);
    guard.start();
    return new GuardedServing(guard, http1.connection(guard));
  }
}
