package io.moineau.bench.transport;

import io.moineau.server.http.HttpHandler;
import io.moineau.server.http.HttpLimits;
import io.moineau.server.http.HttpRequest;
import io.moineau.server.http.HttpResponse;
import io.moineau.server.http.HttpTransport;
import io.moineau.server.http.helidon.HelidonTransport;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Compares what may carry the server's requests: answers per second and their latency on
 * connections that stay, gaps between the events of many streams, processor time, and how soon a
 * client that goes away is noticed while nothing is written. Both run in turn, in one process; the
 * clients are plain sockets in the same process, alike for both.
 */
public final class TransportRun {
  private static final int ROUNDS = 3;
  private static final int CLIENTS = 8;
  private static final int STREAMS = 64;
  private static final int EVENTS = 100;
  private static final int EVENT_MILLIS = 20;
  private static final byte[] SMALL = "{\"status\":\"ok\"}".getBytes(StandardCharsets.UTF_8);
  private static final byte[] EVENT =
      ("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"}}]}" + "\n\n")
          .getBytes(StandardCharsets.UTF_8);

  private final String name;
  private final HttpTransport transport;
  private final Handler handler;

  private TransportRun(String name, HttpTransport transport, Handler handler) {
    this.name = name;
    this.transport = transport;
    this.handler = handler;
  }

  /** Answers, streams, or waits without a word. */
  private static final class Handler implements HttpHandler {
    private final CountDownLatch gone = new CountDownLatch(1);

    @Override
    public void handle(HttpRequest request, HttpResponse response) throws IOException {
      switch (request.path()) {
        case "/events" -> events(response);
        case "/silent" -> silent(request, response);
        default -> {
          response.header("Content-Type", "application/json");
          response.send(SMALL);
        }
      }
    }

    private static void events(HttpResponse response) throws IOException {
      response.header("Content-Type", "text/event-stream");
      OutputStream out = response.stream();
      for (int i = 0; i < EVENTS; i++) {
        out.write(EVENT);
        out.flush();
        pause(EVENT_MILLIS);
      }
    }

    private void silent(HttpRequest request, HttpResponse response) throws IOException {
      CountDownLatch noticed = new CountDownLatch(1);
      request.onGone(noticed::countDown);
      try {
        if (noticed.await(5, TimeUnit.SECONDS)) {
          gone.countDown();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      response.send(SMALL);
    }

    @Override
    public String refusal(int status, String message) {
      return "{}";
    }
  }

  /** Runs both and prints a table. */
  public static void main(String[] args) throws Exception {
    System.out.println(
        "transport | answers/s | p50 us | p99 us | event gap p50 ms | p99 ms | worst ms | cpu us"
            + " per event | client gone noticed");
    for (int round = 0; round <= ROUNDS; round++) {
      for (String name : new String[] {"helidon", "jdk"}) {
        Handler handler = new Handler();
        InetAddress here = InetAddress.getLoopbackAddress();
        HttpTransport transport =
            name.equals("jdk")
                ? new JdkTransport(new InetSocketAddress(here, 0), handler)
                : HelidonTransport.start(
                    here,
                    0,
                    HttpLimits.defaults(),
                    handler,
                    Duration.ofSeconds(1),
                    Optional.empty());
        String line = new TransportRun(name, transport, handler).measure();
        transport.stop(Duration.ofSeconds(1));
        if (round > 0) { // the first one only warms up
          System.out.println(line);
        }
      }
    }
  }

  private String measure() throws Exception {
    long[] latencies = answers();
    double perSecond = latencies.length / 1.5;
    long cpuBefore = cpuNanos();
    long[] gaps = gaps();
    double cpu = (cpuNanos() - cpuBefore) / 1e3 / ((double) STREAMS * EVENTS);
    return String.format(
        Locale.ROOT,
        "%-9s | %9.0f | %6.0f | %6.0f | %16.2f | %6.2f | %8.2f | %16.1f | %s",
        name,
        perSecond,
        at(latencies, 0.5) / 1e3,
        at(latencies, 0.99) / 1e3,
        at(gaps, 0.5) / 1e6,
        at(gaps, 0.99) / 1e6,
        at(gaps, 1) / 1e6,
        cpu,
        gone());
  }

  private static double at(long[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, (long) (share * sorted.length))];
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** Latencies of small answers, 8 clients for a second and a half. */
  private long[] answers() throws InterruptedException {
    ConcurrentLinkedQueue<Long> all = new ConcurrentLinkedQueue<>();
    long end = System.nanoTime() + 1_500_000_000L;
    inParallel(
        CLIENTS,
        () -> {
          try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), transport.port())) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (System.nanoTime() < end) {
              long start = System.nanoTime();
              request(socket, "/health");
              readPast(in, SMALL);
              all.add(System.nanoTime() - start);
            }
          }
        });
    return all.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  /** Gaps between events, 64 streams at once. */
  private long[] gaps() throws InterruptedException {
    ConcurrentLinkedQueue<long[]> all = new ConcurrentLinkedQueue<>();
    inParallel(
        STREAMS,
        () -> {
          long[] gaps = new long[EVENTS - 1];
          try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), transport.port())) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            request(socket, "/events");
            readPast(in, EVENT);
            long last = System.nanoTime();
            for (int i = 0; i < gaps.length; i++) {
              readPast(in, EVENT);
              long now = System.nanoTime();
              gaps[i] = now - last;
              last = now;
            }
          }
          all.add(gaps);
        });
    return all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
  }

  private String gone() throws Exception {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), transport.port());
    request(socket, "/silent");
    pause(200);
    long start = System.nanoTime();
    socket.close();
    return handler.gone.await(3, TimeUnit.SECONDS)
        ? String.format(Locale.ROOT, "%.1f ms", (System.nanoTime() - start) / 1e6)
        : "not within 3 s";
  }

  private static void request(Socket socket, String path) throws IOException {
    socket
        .getOutputStream()
        .write(
            ("GET " + path + " HTTP/1.1\r\nHost: bench\r\n\r\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Reads until the last byte of {@code text} that stands in a row. */
  private static void readPast(InputStream in, byte[] text) throws IOException {
    int matched = 0;
    while (matched < text.length) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("the server closed the connection");
      }
      matched = b == text[matched] ? matched + 1 : b == text[0] ? 1 : 0;
    }
  }

  private interface Job {
    void run() throws IOException;
  }

  private static void inParallel(int count, Job job) throws InterruptedException {
    Thread[] threads = new Thread[count];
    for (int i = 0; i < count; i++) {
      threads[i] =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  job.run();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
