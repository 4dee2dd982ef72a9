package io.moineau.store;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Where the store is.
 *
 * @param url of JDBC: {@code jdbc:h2:file:PATH} or {@code jdbc:postgresql://HOST/DATABASE}
 * @param user of the database; empty: the driver's default
 * @param password of the database; empty: none
 * @param conversations whether conversations are kept
 */
public record StoreOptions(String url, String user, String password, boolean conversations) {
  private static final String H2 = "jdbc:h2:";
  private static final String POSTGRESQL = "jdbc:postgresql:";
  private static final String NAME = "store";
  private static final String ALLOWED =
      "jdbc:h2:file:PATH, jdbc:postgresql://HOST/DATABASE, postgresql://USER:PASSWORD@HOST/DATABASE";

  /**
   * Checks the URL.
   *
   * @throws StoreException {@code store-url-bad}
   */
  public StoreOptions {
    if (!url.startsWith(H2) && !url.startsWith(POSTGRESQL)) {
      throw badUrl(url, ALLOWED);
    }
    if (url.startsWith(H2)) {
      String place = url.substring(H2.length()).toLowerCase(Locale.ROOT);
      int colon = place.indexOf(':');
      String scheme = colon > 1 ? place.substring(0, colon) : ""; // c:/store is a path
      if (!scheme.isEmpty() && !scheme.equals("file") && !scheme.equals("mem")) {
        throw badUrl(url, "H2 in a file of this machine: jdbc:h2:file:PATH");
      }
      if (place.isEmpty() || place.equals("file:")) {
        throw badUrl(url, "jdbc:h2:file:PATH");
      }
    }
  }

  private static StoreException badUrl(String url, String allowed) {
    return new StoreException(
        "store-url-bad",
        "the store cannot be at this address",
        hidden(url),
        allowed,
        "correct --store or MOINEAU_STORE");
  }

  /**
   * An H2 database in this folder: the files {@code store.mv.db} and {@code store.sock}.
   *
   * @throws StoreException {@code store-url-bad} if the path has a semicolon, which ends it for H2
   */
  public static StoreOptions inFolder(Path folder) {
    String path = folder.resolve(NAME).toAbsolutePath().normalize().toString();
    if (path.contains(";")) {
      throw badUrl(path, "a path without a semicolon");
    }
    return new StoreOptions(H2 + "file:" + path.replace('\\', '/'), "sa", "", false);
  }

  /**
   * The store at a URL of JDBC, or of PostgreSQL's own form.
   *
   * @throws StoreException {@code store-url-bad}
   */
  public static StoreOptions ofUrl(String url) {
    if (url.startsWith("postgresql://") || url.startsWith("postgres://")) {
      String rest = url.substring(url.indexOf("://") + 3);
      int slash = rest.indexOf('/');
      int at = rest.lastIndexOf('@', slash < 0 ? rest.length() : slash);
      String login = at < 0 ? "" : rest.substring(0, at);
      int colon = login.indexOf(':');
      String user = colon < 0 ? login : login.substring(0, colon);
      String password = colon < 0 ? "" : login.substring(colon + 1);
      try {
        return new StoreOptions(
            POSTGRESQL + "//" + rest.substring(at + 1), decoded(user), decoded(password), false);
      } catch (IllegalArgumentException e) {
        throw badUrl(url, "% in a user or password as %25");
      }
    }
    return new StoreOptions(url, url.startsWith(H2) ? "sa" : "", "", false);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The same with conversations kept or not. */
  public StoreOptions withConversations(boolean kept) {
    return new StoreOptions(url, user, password, kept);
  }

  /** The same as this user of the database. */
  public StoreOptions withLogin(String name, String secret) {
    return new StoreOptions(url, name, secret, conversations);
  }

  /** The same settings for an H2 file elsewhere: a path without {@code .mv.db}. */
  StoreOptions movedTo(Path base) {
    int settings = url.indexOf(';');
    String path = base.toString().replace('\\', '/');
    return new StoreOptions(
        H2 + "file:" + path + (settings < 0 ? "" : url.substring(settings)),
        user,
        password,
        conversations);
  }

  boolean isH2() {
    return url.startsWith(H2);
  }

  /** The path of an H2 database without {@code .mv.db}; empty if there is no file here. */
  public Optional<Path> file() {
    if (!isH2() || url.startsWith(H2 + "mem:")) {
      return Optional.empty();
    }
    String place = url.substring(H2.length());
    if (place.startsWith("file:")) {
      place = place.substring("file:".length());
    }
    int settings = place.indexOf(';');
    String text = settings < 0 ? place : place.substring(0, settings);
    String home = System.getProperty("user.home", "");
    return Optional.of(
        Path.of(text.startsWith("~/") ? home + text.substring(1) : text).toAbsolutePath());
  }

  /** The address for people: without user, password and settings. */
  public String place() {
    return file().map(path -> path + ".mv.db").orElse(hidden(url));
  }

  private static String hidden(String url) {
    int settings = url.indexOf(url.startsWith(H2) ? ';' : '?');
    String shown = settings < 0 ? url : url.substring(0, settings);
    int start = shown.indexOf("://");
    int at = shown.lastIndexOf('@');
    return start >= 0 && at > start
        ? shown.substring(0, start + 3) + shown.substring(at + 1)
        : shown;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "StoreOptions[" + place() + ", conversations=" + conversations + "]";
  }
}
