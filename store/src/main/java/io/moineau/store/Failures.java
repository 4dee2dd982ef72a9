package io.moineau.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the databases say into errors that tell a person what to do.
 *
 * <p>H2's numbers are those of {@code org.h2.api.ErrorCode}; PostgreSQL's are the SQLSTATE classes
 * of its manual, appendix A.
 */
final class Failures {
  private static final int H2_IO_1 = 90028;
  private static final int H2_IO_2 = 90031;
  private static final int H2_DAMAGED = 90030;
  private static final int H2_OLD_VERSION = 90048;
  private static final int H2_CLOSED = 90098;
  private static final int H2_BROKEN = 90067;
  private static final int H2_LOCKED = 90020;
  private static final int H2_READ_ONLY = 90097;
  private static final int H2_LOCK_TIMEOUT = 50200;
  private static final int H2_OUT_OF_MEMORY = 90108;

  // Of org.h2.mvstore.DataUtils, as they stand at the end of its messages: [reason 5/0]
  private static final String MVSTORE_NEWER = "larger than the supported format";
  private static final Set<String> FULL =
      Set.of("no space left", "disk quota exceeded", "not enough space", "file too large");

  private final String place;
  private final boolean h2;

  Failures(StoreOptions options) {
    place = options.place();
    h2 = options.isH2();
  }

  /** The error of ours for a failure of the database, JDBI or Flyway. */
  StoreException explain(Throwable failure) {
    if (failure instanceof StoreException known) {
      return known;
    }
    Set<Throwable> seen = new HashSet<>();
    String detail = detail(failure);
    for (Throwable t = failure; t != null && seen.add(t); t = t.getCause()) {
      if (full(t)) {
        return full(detail);
      }
      if (h2 && (t instanceof EOFException || says(t, "is corrupt"))) {
        return damaged(detail);
      }
      if (t instanceof AccessDeniedException || says(t, "read-only file system")) {
        return denied(detail);
      }
    }
    seen.clear();
    for (Throwable t = failure; t != null && seen.add(t); t = t.getCause()) {
      @Nullable StoreException known = null;
      if (t instanceof SQLException sql) {
        known = h2 ? ofH2(sql, detail) : ofPostgresql(sql, detail);
      }
      if (known != null) {
        return known;
      }
    }
    return failed(detail);
  }

  /** Whether the statement is at fault and not the database: its data, a constraint, a name. */
  static boolean isOfStatement(Throwable failure) {
    @Nullable Throwable t = failure;
    for (int depth = 0; t != null && depth < 20; depth++) {
      if (t instanceof SQLException sql && sql.getSQLState() != null) {
        String state = sql.getSQLState();
        return state.startsWith("22") || state.startsWith("23");
      }
      t = t.getCause();
    }
    return false;
  }

  /** Whether a row with this key is there already: the same SQLSTATE in both databases. */
  static boolean isDuplicate(Throwable failure) {
    @Nullable Throwable t = failure;
    for (int depth = 0; t != null && depth < 20; depth++) {
      if (t instanceof SQLException sql && "23505".equals(sql.getSQLState())) {
        return true;
      }
      t = t.getCause();
    }
    return false;
  }

  private static boolean full(Throwable t) {
    return t instanceof IOException && FULL.stream().anyMatch(text -> says(t, text));
  }

  private static boolean says(Throwable t, String text) {
    return t.getMessage() != null && t.getMessage().toLowerCase(Locale.ROOT).contains(text);
  }

  /** The innermost message, in one line: the drivers' outer ones repeat statements and values. */
  private static String detail(Throwable failure) {
    Throwable root = failure;
    for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
      root = root.getCause();
    }
    String said = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    String text = said.lines().findFirst().orElse("").strip();
    int statement = text.indexOf("; SQL statement:");
    text = statement < 0 ? text : text.substring(0, statement);
    return text.length() > 200 ? text.substring(0, 200) + "..." : text;
  }

  private @Nullable StoreException ofH2(SQLException e, String detail) {
    if (says(e, MVSTORE_NEWER) || detail.contains(MVSTORE_NEWER)) {
      return newer(detail);
    }
    return switch (e.getErrorCode()) {
      case H2_LOCKED -> locked();
      case H2_DAMAGED -> damaged(detail);
      case H2_OLD_VERSION -> newer(detail);
      case H2_READ_ONLY -> denied(detail);
      case H2_LOCK_TIMEOUT, H2_OUT_OF_MEMORY -> busy(detail);
      case H2_CLOSED, H2_BROKEN ->
          new StoreException(
              "store-unreachable",
              "the store was closed by a failure",
              place + " (" + detail + ")",
              "",
              "it is opened again by itself; see the message before this one");
      case H2_IO_1, H2_IO_2 -> ofH2File(detail);
      default -> {
        if (e.getSQLState() != null && e.getSQLState().startsWith("28")) {
          yield login(detail);
        }
        yield null;
      }
    };
  }

  private StoreException ofH2File(String detail) {
    String text = detail.toLowerCase(Locale.ROOT);
    if (text.contains("denied") || text.contains("read-only") || text.contains("permitted")) {
      return denied(detail);
    }
    if (text.contains("input/output error")) {
      return damaged(detail);
    }
    return text.contains("lock") ? locked() : failed(detail);
  }

  private @Nullable StoreException ofPostgresql(SQLException e, String detail) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    if (state.equals("53100") || FULL.stream().anyMatch(text -> says(e, text))) {
      return full(detail);
    }
    if (state.equals("3D000")) {
      return new StoreException(
          "store-missing",
          "there is no such database",
          place + " (" + detail + ")",
          "",
          "create it: CREATE DATABASE moineau OWNER moineau");
    }
    if (state.startsWith("28")) {
      return login(detail);
    }
    if (state.equals("42501")) {
      return denied(detail);
    }
    if (state.startsWith("XX00")) {
      return damaged(detail);
    }
    if (state.startsWith("08")
        || state.startsWith("57P")
        || state.equals("25006") // a standby, until it is promoted
        || e.getCause() instanceof IOException) {
      return unreachable(detail);
    }
    return state.startsWith("53") || state.startsWith("40") || state.startsWith("55")
        ? busy(detail)
        : null;
  }

  StoreException locked() {
    return new StoreException(
        "store-locked",
        "the store is in use by another process",
        place,
        "one process at a time for an H2 file",
        "end the other process, or use PostgreSQL, which many may use; keys speaks to a running"
            + " server by itself");
  }

  private StoreException full(String detail) {
    return new StoreException(
        "store-full",
        "the store's disk is full",
        place + " (" + detail + ")",
        "",
        "free some space: writing goes on by itself, nothing that was acknowledged is lost");
  }

  StoreException damaged(String detail) {
    return new StoreException(
        "store-damaged",
        "the store's data is damaged",
        place + " (" + detail + ")",
        "",
        "put back a backup, or move the data away to begin with an empty store");
  }

  private StoreException denied(String detail) {
    return new StoreException(
        "store-denied",
        "the store may not be read or written",
        place + " (" + detail + ")",
        h2 ? "a folder that this user owns" : "a user who owns the schema moineau",
        h2
            ? "check the permissions, or run as the server's user"
            : "grant the rights, see docs/store.md");
  }

  private StoreException login(String detail) {
    return new StoreException(
        "store-login-refused",
        "the database refuses the user or the password",
        place + " (" + detail + ")",
        "",
        "correct them in --store or MOINEAU_STORE: postgresql://USER:PASSWORD@HOST/DATABASE");
  }

  StoreException newer(String detail) {
    return new StoreException(
        "store-newer",
        "the store was made by a newer moineau",
        place + " (" + detail + ")",
        "versions that this one knows",
        "use the newer moineau, or put back a backup of before");
  }

  private StoreException unreachable(String detail) {
    return new StoreException(
        "store-unreachable",
        "the database does not answer",
        place + " (" + detail + ")",
        "",
        "check that it runs and can be reached; it is tried again by itself");
  }

  StoreException busy(String detail) {
    return new StoreException(
        "store-busy", "the store is too busy", place + " (" + detail + ")", "", "try again");
  }

  private StoreException failed(String detail) {
    return new StoreException(
        "store-failed",
        "the store failed",
        place + " (" + detail + ")",
        "",
        "look at the database's own log; docs/store.md tells more");
  }
}
