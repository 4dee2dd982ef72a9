package io.moineau.server.tracing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * A collector of traces: takes OTLP over HTTP and reads as much of its protobuf
 * (opentelemetry-proto, {@code trace.proto}) as spans need.
 */
final class OtlpReceiver implements AutoCloseable {
  /** A span as it came. */
  static final class Received {
    String traceId = "";
    String spanId = "";
    String parentId = "";
    String name = "";
    long kind;
    long start;
    long end;
    long status;
    final Map<String, Object> attributes = new LinkedHashMap<>();
    final Map<String, Object> resource = new LinkedHashMap<>();
  }

  private final HttpServer server;
  private final List<Received> spans = new CopyOnWriteArrayList<>();
  private final List<String> paths = new CopyOnWriteArrayList<>();

  OtlpReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::take);
    server.start();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Received> spans() {
    return spans;
  }

  List<String> paths() {
    return paths;
  }

  private void take(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    paths.add(exchange.getRequestURI().getPath());
    Map<String, Object> resource = new LinkedHashMap<>();
    fields(
        body,
        (number, request) -> {
          if (number != 1) {
            return;
          }
          fields(
              (byte[]) request,
              (part, value) -> {
                if (part == 1) {
                  fields(
                      (byte[]) value,
                      (field, pair) -> {
                        if (field == 1) {
                          attribute((byte[]) pair, resource);
                        }
                      });
                } else if (part == 2) {
                  fields(
                      (byte[]) value,
                      (field, span) -> {
                        if (field == 2) {
                          spans.add(span((byte[]) span, resource));
                        }
                      });
                }
              });
        });
    exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  private static Received span(byte[] bytes, Map<String, Object> resource) {
    Received span = new Received();
    span.resource.putAll(resource);
    fields(
        bytes,
        (number, value) -> {
          switch (number) {
            case 1 -> span.traceId = HexFormat.of().formatHex((byte[]) value);
            case 2 -> span.spanId = HexFormat.of().formatHex((byte[]) value);
            case 4 -> span.parentId = HexFormat.of().formatHex((byte[]) value);
            case 5 -> span.name = text(value);
            case 6 -> span.kind = (Long) value;
            case 7 -> span.start = (Long) value;
            case 8 -> span.end = (Long) value;
            case 9 -> attribute((byte[]) value, span.attributes);
            case 15 ->
                fields(
                    (byte[]) value,
                    (field, code) -> {
                      if (field == 3) {
                        span.status = (Long) code;
                      }
                    });
            default -> {}
          }
        });
    return span;
  }

  private static void attribute(byte[] bytes, Map<String, Object> into) {
    String[] key = new String[1];
    fields(
        bytes,
        (number, value) -> {
          if (number == 1) {
            key[0] = text(value);
          } else {
            into.put(key[0], any((byte[]) value));
          }
        });
  }

  private static Object any(byte[] bytes) {
    Object[] result = new Object[] {""};
    fields(
        bytes,
        (number, value) -> {
          if (number == 1) {
            result[0] = text(value);
          } else if (number == 5) {
            List<Object> all = new ArrayList<>();
            fields((byte[]) value, (field, one) -> all.add(any((byte[]) one)));
            result[0] = all;
          } else {
            result[0] = value;
          }
        });
    return result[0];
  }

  private static String text(Object value) {
    return new String((byte[]) value, StandardCharsets.UTF_8);
  }

  /** Numbers of fields and what they hold: a long, or bytes. */
  private static void fields(byte[] bytes, BiConsumer<Integer, Object> each) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long tag = varint(in);
      int number = (int) (tag >>> 3);
      switch ((int) (tag & 7)) {
        case 0 -> each.accept(number, varint(in));
        case 1 -> each.accept(number, in.getLong());
        case 2 -> {
          byte[] part = new byte[(int) varint(in)];
          in.get(part);
          each.accept(number, part);
        }
        case 5 -> each.accept(number, (long) in.getInt());
        default -> throw new AssertionError("no wire type: " + (tag & 7));
      }
    }
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new AssertionError("a number that does not end");
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
