package io.moineau.bench.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Clients as a server on the open network meets them, over plain sockets: each does one bad thing
 * and leaves. What they are answered, if anything, is checked; that a connection is cut is fine.
 */
final class HostileClient {
  /** What one of them does. */
  enum Kind {
    /** Reads a little of a stream, then resets the connection. */
    VANISHES,
    /** Closes its side properly in the middle of a stream. */
    CANCELS,
    /** Sends half of the headers and waits. */
    HALF_OPEN,
    /** Connects and says nothing. */
    SILENT,
    /** Sends bytes that are no HTTP. */
    GARBAGE,
    /** Sends HTTP with a body that is no JSON, or not of the right types. */
    WRONG_JSON,
    /** Announces a body of many gigabytes, and begins to send it. */
    OVERSIZE_BODY,
    /** Sends headers without end. */
    OVERSIZE_HEADERS,
    /** Sends its body a byte at a time and gives up. */
    SLOW_SENDER,
    /** Asks for a long stream and reads none of it. */
    SLOW_READER
  }

  private static final int TIMEOUT_MILLIS = 20_000;

  private static final String[] WRONG_BODIES = {
    "{",
    "[]",
    "null",
    "{\"model\":1}",
    "{\"prompt\":{},\"max_tokens\":\"many\"}",
    "{\"prompt\":\"a\",\"temperature\":[]}",
    "{\"prompt\":\"a\",\"max_tokens\":-5}",
    "{\"prompt\":[-1]}",
    "{\"prompt\":\"\\ud800\",\"max_tokens\":1e99}",
    "\u0000\u0001\u0002",
  };

  private final URI server;
  private final String model;
  private final Random random;

  HostileClient(URI server, String model, Random random) {
    this.server = server;
    this.model = model;
    this.random = random;
  }

  /**
   * Does it once.
   *
   * @return what the server did that it must not; empty if nothing
   */
  String run(Kind kind) throws InterruptedException {
    try (Socket socket = new Socket()) {
      if (kind == Kind.SLOW_READER) {
        socket.setReceiveBufferSize(2048); // before the connection, which is when it counts
      }
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      return run(kind, socket);
    } catch (SocketTimeoutException e) {
      return kind + ": no answer within " + TIMEOUT_MILLIS / 1000 + " s";
    } catch (IOException e) {
      return ""; // The server cut the connection, which is its right.
    }
  }

  private String run(Kind kind, Socket socket) throws IOException, InterruptedException {
    OutputStream out = socket.getOutputStream();
    switch (kind) {
      case VANISHES -> {
        readSome(socket, streamRequest(400), 1 + random.nextInt(2000));
        socket.setSoLinger(true, 0); // so that the close is a reset
      }
      case CANCELS -> readSome(socket, streamRequest(400), 1 + random.nextInt(2000));
      case HALF_OPEN -> {
        send(out, "POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Le");
        pause(3000);
      }
      case SILENT -> pause(3000);
      case GARBAGE -> {
        byte[] bytes = new byte[1 + random.nextInt(4000)];
        random.nextBytes(bytes);
        out.write(bytes);
        out.flush();
        pause(200);
      }
      case WRONG_JSON -> {
        return wrongJson(socket);
      }
      case OVERSIZE_BODY -> {
        send(out, head("/v1/completions", 1L << 40));
        flood(out, 64 << 20);
      }
      case OVERSIZE_HEADERS -> {
        send(out, "POST /v1/completions HTTP/1.1\r\nHost: a\r\nX-Long: ");
        flood(out, 1 << 20);
      }
      case SLOW_SENDER -> {
        byte[] body = body(8, false).getBytes(StandardCharsets.UTF_8);
        send(out, head("/v1/completions", body.length));
        for (int i = 0; i < Math.min(20, body.length); i++) {
          out.write(body[i]);
          out.flush();
          pause(150);
        }
      }
      case SLOW_READER -> {
        send(out, streamRequest(2000));
        pause(4000);
        socket.setSoLinger(true, 0);
      }
    }
    return "";
  }

  private void pause(int millis) throws InterruptedException {
    Thread.sleep(millis / 2 + random.nextInt(millis));
  }

  private static void send(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static void flood(OutputStream out, int bytes) throws IOException {
    byte[] part = new byte[8192];
    java.util.Arrays.fill(part, (byte) 'a');
    for (int sent = 0; sent < bytes; sent += part.length) {
      out.write(part);
    }
    out.flush();
  }

  private static String head(String path, long length) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private String body(int maxTokens, boolean stream) {
    return "{\"model\":\"%s\",\"prompt\":\"The rain %d\",\"max_tokens\":%d,\"ignore_eos\":true,\"stream\":%b}"
        .formatted(model, random.nextInt(1000), maxTokens, stream);
  }

  private String streamRequest(int maxTokens) {
    String body = body(maxTokens, true);
    return head("/v1/completions", body.getBytes(StandardCharsets.UTF_8).length) + body;
  }

  private static void readSome(Socket socket, String request, int bytes) throws IOException {
    send(socket.getOutputStream(), request);
    socket.getInputStream().readNBytes(bytes);
  }

  private String wrongJson(Socket socket) throws IOException {
    String body = WRONG_BODIES[random.nextInt(WRONG_BODIES.length)];
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    OutputStream out = socket.getOutputStream();
    send(out, head("/v1/completions", bytes.length));
    out.write(bytes);
    out.flush();
    InputStream in = socket.getInputStream();
    String status = new String(in.readNBytes("HTTP/1.1 400".length()), StandardCharsets.ISO_8859_1);
    String answer =
        status + new String(in.readNBytes(Math.min(4000, in.available())), StandardCharsets.UTF_8);
    if (!status.matches("HTTP/1.1 (4\\d\\d|503)")) {
      return "the body " + body + " was answered with " + status;
    }
    if (answer.contains("\tat ") || answer.contains(".java:") || answer.contains("Exception")) {
      return "the body " + body + " was answered with a stack trace";
    }
    return "";
  }
}
