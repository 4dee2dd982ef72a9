package io.moineau.store;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Lets {@code moineau keys} reach the keys while a server holds the H2 file, which one process at a
 * time may open.
 *
 * <p>A Unix-domain socket beside the file, for the file's owner alone: who may read the file may
 * ask here, and nobody from another machine. PostgreSQL needs none: there, everybody speaks to the
 * database.
 */
public final class AdminSocket implements AutoCloseable {
  private static final String SUFFIX = ".sock";

  /** Linux takes 107 bytes, macOS 103. */
  private static final int MAX_PATH = 100;

  private static final int MAX_CONNECTIONS = 16;

  private final KeyAdmin keys;
  private final @Nullable Path path;
  private final @Nullable ServerSocketChannel server;
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

  private AdminSocket(KeyAdmin keys, @Nullable Path path, @Nullable ServerSocketChannel server) {
    this.keys = keys;
    this.path = path;
    this.server = server;
  }

  /** Where the socket of a store is; empty where there is none. */
  static Optional<Path> path(StoreOptions options) {
    return options
        .file()
        .map(file -> file.resolveSibling(file.getFileName() + SUFFIX))
        .filter(path -> path.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_PATH);
  }

  /**
   * Listens beside the store's file until closed; does nothing for a store without a file.
   *
   * @param store an open one, which this does not close; that it is open shows that a socket which
   *     is there already belongs to nobody
   * @throws StoreException {@code store-socket} if the socket cannot be made
   */
  public static AdminSocket listen(Store store) {
    KeyAdmin keys = KeyAdmin.of(store);
    Path path = path(store.options()).orElse(null);
    if (path == null) {
      return new AdminSocket(keys, null, null);
    }
    try {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
          && Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .isOther()) {
        Files.delete(path); // of a server that was killed
      }
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        server.bind(UnixDomainSocketAddress.of(path));
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
          Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        }
      } catch (IOException | RuntimeException e) {
        server.close();
        throw e;
      }
      AdminSocket socket = new AdminSocket(keys, path, server);
      Thread.ofPlatform().daemon().name("moineau-admin").start(socket::accept);
      return socket;
    } catch (IOException | UnsupportedOperationException e) {
      throw new StoreException(
          "store-socket",
          "the socket for moineau keys cannot be made",
          path + " (" + e.getMessage() + ")",
          "a path of up to " + MAX_PATH + " bytes in a folder that this user may write to",
          "check the folder, or name another by MOINEAU_HOME or --store");
    }
  }

  /** The socket's file; empty for a store without one. */
  public Optional<Path> path() {
    return Optional.ofNullable(path);
  }

  private void accept() {
    ServerSocketChannel listening = server;
    while (listening != null && listening.isOpen()) {
      try {
        SocketChannel connection = listening.accept();
        if (connections.size() >= MAX_CONNECTIONS) {
          connection.close();
          continue;
        }
        connections.add(connection);
        Thread.ofVirtual().name("moineau-admin").start(() -> serve(connection));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        pause(); // too many open files: they will be fewer
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(SocketChannel connection) {
    try (connection) {
      AdminMessages.send(connection, answer(AdminMessages.receive(connection)));
    } catch (IOException e) {
      // The other side went away.
    } finally {
      connections.remove(connection);
    }
  }

  private String answer(String line) {
    try {
      AdminMessages.Question question = AdminMessages.question(line);
      return AdminMessages.write(
          switch (question.verb()) {
            case "add" -> {
              NewKey made = keys.add(question.request().orElseThrow());
              yield new AdminMessages.Answer(
                  List.of(new KeyUse(made.key(), DayUsage.none(today()))), made.secret());
            }
            case "list" -> new AdminMessages.Answer(keys.list(), "");
            case "revoke" ->
                new AdminMessages.Answer(
                    List.of(new KeyUse(keys.revoke(question.key()), DayUsage.none(today()))), "");
            default -> throw new IOException("unknown question: " + question.verb());
          });
    } catch (StoreException e) {
      return AdminMessages.write(e);
    } catch (IOException e) {
      return AdminMessages.write(
          new StoreException(
              "admin-question-bad",
              "the server does not understand the question",
              String.valueOf(e.getMessage()),
              "add, list, revoke",
              "use the same version of moineau for both"));
    }
  }

  private static LocalDate today() {
    return LocalDate.now(ZoneOffset.UTC);
  }

  @Override
  public void close() {
    if (server == null || path == null) {
      return;
    }
    try {
      server.close();
      Files.deleteIfExists(path);
      for (SocketChannel connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      // Nothing is lost: the next server removes the file.
    }
  }
}
