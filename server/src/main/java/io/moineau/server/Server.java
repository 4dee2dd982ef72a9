package io.moineau.server;

import io.moineau.Moineau;
import io.moineau.server.api.Endpoint;
import io.moineau.server.http.HttpTransport;
import io.moineau.server.http.helidon.HelidonTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A server that runs.
 *
 * <pre>{@code
 * try (Server server = Server.start(moineau, ServerOptions.defaults().withPort(0))) {
 *   System.out.println(server.uri());
 *   ...
 * }
 * }</pre>
 *
 * <p>The model stays open when the server closes.
 */
public final class Server implements AutoCloseable {
  private final ServerOptions options;
  private final ModelService service;
  private final HttpTransport transport;
  private final String host;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Server(
      ServerOptions options, ModelService service, HttpTransport transport, String host) {
    this.options = options;
    this.service = service;
    this.transport = transport;
    this.host = host;
  }

  /**
   * Starts to listen.
   *
   * @throws ServerException {@code port-taken}, {@code host-unknown}, {@code listen-failed}
   */
  public static Server start(Moineau moineau, ServerOptions options) {
    InetAddress address;
    try {
      address = InetAddress.getByName(options.host());
    } catch (UnknownHostException e) {
      throw new ServerException(
          "host-unknown",
          "the address to listen on is not known",
          options.host(),
          "an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all",
          "");
    }
    ModelService service = new ModelService(moineau, options);
    List<Endpoint> endpoints = Endpoints.all(service);
    service.endpoints(endpoints);
    boolean openHere = address.isLoopbackAddress() && !options.gatekeeper().asksForKeys();
    Cors cors = new Cors(options.corsOrigins(), openHere);
    Dispatcher dispatcher = new Dispatcher(new Routes(endpoints), service, options, cors);
    try {
      HttpTransport transport =
          HelidonTransport.start(
              address,
              options.port(),
              options.limits(),
              dispatcher,
              options.grace(),
              options.tls());
      return new Server(options, service, transport, address.getHostAddress());
    } catch (IOException e) {
      throw cannotListen(options, e);
    }
  }

  private static ServerException cannotListen(ServerOptions options, IOException e) {
    String where = "port " + options.port() + " of " + options.host();
    String why = String.valueOf(e.getMessage());
    if (why.contains("in use")) {
      return new ServerException(
          "port-taken",
          "the port is taken by another program",
          where,
          "a port that is free; 0 for any",
          "choose another one, or end the other program");
    }
    return new ServerException(
        "listen-failed",
        "the server cannot listen",
        where + ": " + why,
        "an address of this machine and a port that this user may listen on",
        "");
  }

  /** The port in use. */
  public int port() {
    return transport.port();
  }

  /** Where it listens, without a slash at the end. */
  public URI uri() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    String scheme = options.tls().isPresent() ? "https" : "http";
    return URI.create(scheme + "://" + name + ":" + port());
  }

  /** The name of the model in answers. */
  public String modelId() {
    return service.modelId();
  }

  /** Whether callers without a key are turned away. */
  public boolean asksForKeys() {
    return options.gatekeeper().asksForKeys();
  }

  /** How many answers are in the making. */
  public int running() {
    return service.running().size();
  }

  /**
   * Ends: no new connections or requests, those that run may finish for {@link
   * ServerOptions#grace()}, then each is told that the server ends. A second call does nothing.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    service.drain();
    Thread teller = Thread.ofVirtual().name("moineau-last-call").start(this::tellAfterGrace);
    transport.stop(options.grace());
    teller.interrupt();
    service.running().end();
    service.metrics().close();
  }

  /** Leaves a little of the time to those who are told. */
  private void tellAfterGrace() {
    try {
      Duration most = options.grace();
      Thread.sleep(most.minus(most.dividedBy(10)));
      service.running().end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // all have finished
    }
  }
}
