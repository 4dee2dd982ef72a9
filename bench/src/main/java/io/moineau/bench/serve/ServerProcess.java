package io.moineau.bench.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code moineau serve} as a child process, on a port of its own. */
final class ServerProcess implements AutoCloseable {
  private static final int START_SECONDS = 180;
  private static final int END_SECONDS = 35;

  private final Process process;
  private final URI uri;

  /**
   * Starts it and waits until it is ready.
   *
   * @param arguments after {@code serve}; the port is added
   * @throws ServeBenchException {@code server-failed}
   */
  ServerProcess(List<String> arguments, Map<String, String> environment) {
    int port = freePort();
    uri = URI.create("http://127.0.0.1:" + port);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xms32m",
                "-Xmx2g",
                "-XX:-UsePerfData",
                "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
                "-cp",
                System.getProperty("java.class.path"),
                "io.moineau.cli.Main",
                "serve"));
    command.addAll(arguments);
    command.addAll(List.of("--host", "127.0.0.1", "--port", Integer.toString(port)));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      process = builder.start();
      process.getOutputStream().close();
    } catch (IOException e) {
      throw failed(e.toString());
    }
    Thread.ofVirtual().start(this::forward);
    try {
      waitUntilReady();
    } catch (ServeBenchException e) {
      close();
      throw e;
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw failed(e.toString());
    }
  }

  private static ServeBenchException failed(String where) {
    return new ServeBenchException(
        "server-failed", "moineau serve does not start", where, "", "see what it wrote above");
  }

  private void forward() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("WARNING: Using incubator modules")) {
          System.err.println("  serve: " + line);
        }
      }
    } catch (IOException e) {
      // The process has ended.
    }
  }

  private void waitUntilReady() {
    HttpRequest ready =
        HttpRequest.newBuilder(uri.resolve("/health/ready")).timeout(Duration.ofSeconds(5)).build();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (System.nanoTime() - end < 0) {
        if (!process.isAlive()) {
          throw failed("ended with exit code " + process.exitValue());
        }
        try {
          if (http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException e) {
          // It does not listen yet.
        }
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("interrupted");
    }
    throw failed("not ready after " + START_SECONDS + " s");
  }

  /** Where it listens. */
  URI uri() {
    return uri;
  }

  /** Its process. */
  long pid() {
    return process.pid();
  }

  /** Ends it as a system would, by SIGTERM; it has 30 seconds. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("  serve: did not end within " + END_SECONDS + " s, and was killed");
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
