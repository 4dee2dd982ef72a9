package io.moineau.server.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All files of the page. A path is looked up in a table and never resolved in a file system, so no
 * path leads elsewhere. Files are read when they are first asked for.
 *
 * <p>{@link #version()} is a digest of them all. It is a part of their addresses, so browsers may
 * keep them for ever: another version has other addresses.
 */
final class WebFiles {
  /** Replaced in the page by the version. */
  private static final String VERSION_MARK = "@VERSION@";

  private record Source(String resource, boolean library, String suffix) {}

  private final Map<String, Source> sources = new TreeMap<>();
  private final Map<String, WebFile> loaded = new ConcurrentHashMap<>();
  private final String version;
  private final Map<String, WebFile> pages = new TreeMap<>();

  WebFiles() {
    for (String name : WebFileNames.OWN) {
      sources.put(name, new Source(name, false, ""));
    }
    MessageDigest digest = sha256();
    for (Library library : Library.all()) {
      digest.update((library.name() + library.version()).getBytes(StandardCharsets.UTF_8));
      for (Library.Served file : library.files()) {
        sources.put(file.as(), new Source(library.resource(file), true, file.suffix()));
      }
    }
    for (String name : WebFileNames.PAGES) {
      digest.update(read(new Source(name, false, "")));
    }
    WebFileNames.OWN.forEach(name -> digest.update(read(source(name))));
    this.version = HexFormat.of().formatHex(digest.digest(), 0, 6);
    for (String name : WebFileNames.PAGES) {
      byte[] written = read(new Source(name, false, ""));
      String text = new String(written, StandardCharsets.UTF_8).replace(VERSION_MARK, version);
      pages.put(name, new WebFile(WebFile.typeOf(name), text.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** A page by its file's name, such as {@code index.html}. */
  WebFile page(String name) {
    WebFile page = pages.get(name);
    if (page == null) {
      throw new IllegalArgumentException("no page: " + name);
    }
    return page;
  }

  /** Twelve hexadecimal digits, the same for the same files. */
  String version() {
    return version;
  }

  /** The names of all files but the pages. */
  Iterable<String> names() {
    return sources.keySet();
  }

  /** A file by its name, such as {@code js/app.js}. */
  Optional<WebFile> find(String name) {
    if (!sources.containsKey(name)) {
      return Optional.empty();
    }
    return Optional.of(
        loaded.computeIfAbsent(name, key -> new WebFile(WebFile.typeOf(key), read(source(key)))));
  }

  private Source source(String name) {
    Source source = sources.get(name);
    if (source == null) {
      throw new IllegalArgumentException("no file of the page: " + name);
    }
    return source;
  }

  private static byte[] read(Source source) {
    try (InputStream in = open(source)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + source.resource());
      }
      byte[] bytes = in.readAllBytes();
      if (source.suffix().isEmpty()) {
        return bytes;
      }
      byte[] suffix = source.suffix().getBytes(StandardCharsets.UTF_8);
      byte[] both = Arrays.copyOf(bytes, bytes.length + suffix.length);
      System.arraycopy(suffix, 0, both, bytes.length, suffix.length);
      return both;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable InputStream open(Source source) {
    return source.library()
        ? WebFiles.class.getClassLoader().getResourceAsStream(source.resource())
        : WebFiles.class.getResourceAsStream(source.resource());
  }
}
