package io.moineau.server.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;

/** A file of the page: its bytes as they are, and packed where that makes them smaller. */
final class WebFile {
  private static final int LEAST_TO_PACK = 512;

  private final String type;
  private final byte[] plain;
  private final byte[] packed;
  private final String tag;

  WebFile(String type, byte[] plain) {
    this.type = type;
    this.plain = plain;
    this.packed = worthPacking(type, plain) ? pack(plain) : new byte[0];
    this.tag = digest(plain);
  }

  private static boolean worthPacking(String type, byte[] bytes) {
    return bytes.length >= LEAST_TO_PACK && !type.startsWith("font/");
  }

  private static byte[] pack(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 3);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.toByteArray();
  }

  /** The first 16 hexadecimal digits of the SHA-256. */
  static String digest(byte[] bytes) {
    try {
      byte[] all = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(all, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The type for the header, with the charset where it is a text. */
  String type() {
    return type;
  }

  /** Whether it is sent packed to those who accept that. */
  boolean hasPacked() {
    return packed.length > 0;
  }

  byte[] bytes(boolean gzip) {
    return gzip ? packed : plain;
  }

  /** Names its content, as the header {@code ETag} writes it; packed bytes are other bytes. */
  String tag(boolean gzip) {
    return "\"" + tag + (gzip ? "-gz" : "") + "\"";
  }

  /** The type by the ending of a name. */
  static String typeOf(String name) {
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "html" -> "text/html; charset=utf-8";
      case "css" -> "text/css; charset=utf-8";
      case "js" -> "text/javascript; charset=utf-8";
      case "svg" -> "image/svg+xml";
      case "woff2" -> "font/woff2";
      case "txt" -> "text/plain; charset=utf-8";
      default -> throw new IllegalArgumentException("no type is known for " + name);
    };
  }
}
