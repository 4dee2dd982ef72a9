package io.moineau.store;

import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The two databases' drivers, with the settings that the store relies on. */
final class Drivers {
  /**
   * What H2 is told where the URL does not say otherwise. Each commit is written at once, not up to
   * half a second later; the process's end is ours to order; no trace file beside the database.
   */
  private static final Map<String, String> H2_SETTINGS =
      Map.of(
          "WRITE_DELAY", "0",
          "DB_CLOSE_ON_EXIT", "FALSE",
          "DATABASE_TO_LOWER", "TRUE",
          "TRACE_LEVEL_FILE", "0");

  private static final int CONNECT_SECONDS = 4;
  private static final int ANSWER_SECONDS = 10;

  private Drivers() {}

  /** Connections, which must find an H2 database where it was if {@code again}. */
  static DataSource source(StoreOptions options, boolean again) {
    if (!options.isH2()) {
      PGSimpleDataSource source = new PGSimpleDataSource();
      source.setConnectTimeout(CONNECT_SECONDS);
      source.setLoginTimeout(CONNECT_SECONDS);
      source.setSocketTimeout(ANSWER_SECONDS);
      source.setTcpKeepAlive(true);
      source.setApplicationName("moineau");
      source.setURL(options.url());
      if (!options.user().isEmpty()) {
        source.setUser(options.user());
      }
      if (!options.password().isEmpty()) {
        source.setPassword(options.password());
      }
      return source;
    }
    StringBuilder url = new StringBuilder(options.url());
    String named = options.url().toUpperCase(Locale.ROOT);
    H2_SETTINGS.forEach((name, value) -> {
      if (!named.contains(";" + name + "=")) {
        url.append(';').append(name).append('=').append(value);
      }
    });
    if (again && options.file().isPresent()) {
      // A database that vanished must be missed, not made anew without its keys.
      url.append(";IFEXISTS=TRUE");
    }
    JdbcDataSource source = new JdbcDataSource();
    source.setURL(url.toString());
    source.setUser(options.user());
    source.setPassword(options.password());
    return source;
  }
}
