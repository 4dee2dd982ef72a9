package io.moineau.store;

import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real PostgreSQL for the tests, from zonky's binaries in the class path: started once for all of
 * them, with a fresh database for each, and killed and started again by some.
 *
 * <p>PostgreSQL refuses to run as root, as which many build machines run. Then another user starts
 * it: nobody by setpriv or runuser, or one of a user namespace by unshare.
 */
final class Postgres {
  static final String USER = "moineau";
  static final String PASSWORD = "p@ss word/1";
  private static final int START_SECONDS = 60;

  private static Postgres shared;
  private static String whyNot = "";
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final Path folder;
  private final List<String> asUser;
  private final int port;
  private Process server;

  private Postgres(Path folder, List<String> asUser, int port) {
    this.folder = folder;
    this.asUser = asUser;
    this.port = port;
  }

  /** The server; a test is skipped with the reason where there can be none. */
  static synchronized Postgres shared() {
    if (shared == null && whyNot.isEmpty()) {
      try {
        shared = start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    Assumptions.assumeTrue(shared != null, whyNot);
    return shared;
  }

  private static String archive() {
    String arch = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
    return "/postgres-linux-" + arch + ".txz";
  }

  private static Postgres start() throws IOException {
    try (InputStream found = Postgres.class.getResourceAsStream(archive())) {
      if (found == null) {
        whyNot = "skipped: no PostgreSQL for this machine among the test's dependencies";
        return null;
      }
      Optional<List<String>> user = otherUser();
      if (user.isEmpty()) {
        whyNot =
            "skipped: this is root, as which PostgreSQL does not run, and no other user can be";
        return null;
      }
      Path folder = Files.createTempDirectory("moineau-postgres");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
      extract(found, folder);
      Path data = Files.createDirectory(folder.resolve("data"));
      Path password = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
      if (!user.get().isEmpty()) {
        // For whoever it is: nothing here is secret, and the server makes its own folder.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.delete(data);
      }
      Postgres postgres = new Postgres(folder, user.get(), freePort());
      Process made =
          postgres.run(
              "initdb",
              "--pgdata=" + data,
              "--username=" + USER,
              "--pwfile=" + password,
              "--auth=scram-sha-256",
              "--encoding=UTF8",
              "--locale=C",
              "--no-sync");
      postgres.end(made, "initdb");
      postgres.startServer();
      Runtime.getRuntime().addShutdownHook(new Thread(postgres::kill));
      return postgres;
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** What makes a command run as another user; nothing if this user will do; empty if none can. */
  private static Optional<List<String>> otherUser() throws IOException, InterruptedException {
    if (!says(List.of("id", "-u")).equals("0")) {
      return Optional.of(List.of());
    }
    String nobody = says(List.of("id", "-u", "nobody"));
    for (List<String> prefix :
        List.of(
            List.of("setpriv", "--reuid=" + nobody, "--regid=" + nobody, "--clear-groups"),
            List.of("runuser", "-u", "nobody", "--"),
            List.of("unshare", "-U"))) {
      List<String> command = new ArrayList<>(prefix);
      command.addAll(List.of("id", "-u"));
      if (says(command).matches("[1-9][0-9]*")) {
        return Optional.of(prefix);
      }
    }
    return Optional.empty();
  }

  private static String says(List<String> command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes()).strip();
      return process.waitFor() == 0 ? text : "";
    } catch (IOException e) {
      return "";
    }
  }

  private static void extract(InputStream found, Path folder) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new XZCompressorInputStream(new BufferedInputStream(found, 1 << 16)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path path = folder.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
          Files.createDirectories(path);
        } else if (entry.isSymbolicLink()) {
          Files.createDirectories(path.getParent());
          Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
          Files.createDirectories(path.getParent());
          Files.copy(tar, path);
          if ((entry.getMode() & 0100) != 0) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
          }
        }
      }
    }
  }

  private Process run(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(asUser);
    command.add(folder.resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    File log = Files.createTempFile("moineau-" + program, ".log").toFile();
    log.deleteOnExit();
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("LC_MESSAGES", "C");
    return builder.directory(new File("/")).redirectOutput(log).start();
  }

  private void end(Process process, String program) throws IOException, InterruptedException {
    if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(program + " failed");
    }
  }

  /** Starts the server and waits until it answers. */
  void startServer() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    try {
      while (System.nanoTime() < end) {
        if (server == null || !server.isAlive()) {
          // Again where one that was killed has left its memory to processes that still end.
          server =
              run(
                  "postgres",
                  "-D",
                  folder.resolve("data").toString(),
                  "-p",
                  Integer.toString(port),
                  "-c",
                  "listen_addresses=127.0.0.1",
                  "-c",
                  "unix_socket_directories=",
                  "-c",
                  "max_connections=40");
        }
        try (Connection connection = connect("postgres")) {
          return;
        } catch (SQLException e) {
          Thread.sleep(100);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    throw new IllegalStateException("PostgreSQL did not start in " + START_SECONDS + " s");
  }

  /** Kills the server as {@code kill -9} does. */
  void kill() {
    server.destroyForcibly();
    try {
      server.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, USER, PASSWORD);
  }

  /** Runs a statement as the owner of everything. */
  void execute(String database, String sql) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The name of a new, empty database. */
  String newDatabase() {
    String name = "test" + DATABASES.incrementAndGet();
    execute("postgres", "CREATE DATABASE " + name);
    return name;
  }

  /** Options for a database, in the form that a user would give. */
  StoreOptions options(String database) {
    return StoreOptions.ofUrl(
        "postgresql://" + USER + ":p%40ss%20word%2F1@127.0.0.1:" + port + "/" + database);
  }

  int port() {
    return port;
  }

  private static void remove(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      // It is in the folder for temporary files.
    }
  }
}
