package io.moineau.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** The file of an H2 database, before H2 opens it. */
final class H2File {
  /** H2's MVStore writes in blocks of this size; the first two are the file's header, twice. */
  private static final int BLOCK = 4096;

  private static final int HEADERS = 2;
  private static final byte[] CHUNK = "chunk:".getBytes(StandardCharsets.US_ASCII);

  private H2File() {}

  /**
   * Makes the folder and the file of a new database, for its owner alone; looks at one that is
   * there.
   *
   * @return whether the store's tables must be in it
   * @throws StoreException {@code store-denied}, {@code store-full}, {@code store-damaged}
   */
  static boolean prepare(StoreOptions options, Failures failures) {
    Path base = options.file().orElse(null);
    if (base == null) {
      return false;
    }
    Path file = database(base);
    try {
      if (!Files.exists(file)) {
        make(base, options, failures);
      }
      long size = Files.size(file);
      if (size > HEADERS * BLOCK && !hasChunk(file)) {
        throw failures.damaged("no data is left in it");
      }
      return size > 0;
    } catch (IOException e) {
      throw denied(file, e);
    }
  }

  private static Path database(Path base) {
    return base.resolveSibling(base.getFileName() + ".mv.db");
  }

  /**
   * Makes a database with its tables under another name and renames it: a process that is killed
   * meanwhile leaves no half of one, which could not be told from a damaged one.
   */
  private static void make(Path base, StoreOptions options, Failures failures) throws IOException {
    boolean posix = base.getFileSystem().supportedFileAttributeViews().contains("posix");
    Path folder = base.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder, posix ? attributes("rwx------") : new FileAttribute<?>[0]);
    }
    Path newBase =
        base.resolveSibling(base.getFileName() + ".new-" + ProcessHandle.current().pid());
    Path made = database(newBase);
    Files.deleteIfExists(made); // of a process with this number that was killed
    try {
      Files.createFile(made, posix ? attributes("rw-------") : new FileAttribute<?>[0]);
      DataSource source = Drivers.source(options.movedTo(newBase), false);
      try (Connection open = source.getConnection()) { // keeps the file open between Flyway's own
        Schema.migrate(source, failures, false);
      } catch (SQLException e) {
        throw failures.explain(e);
      }
      Files.move(made, database(base));
    } catch (FileAlreadyExistsException e) {
      // Another process was faster: its file is as good.
    } finally {
      Files.deleteIfExists(made);
    }
  }

  private static FileAttribute<?>[] attributes(String rights) {
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))
    };
  }

  /**
   * Whether any data follows the headers. H2 takes a file whose every chunk is damaged for a new
   * one and writes over it.
   */
  private static boolean hasChunk(Path file) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(CHUNK.length);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long at = HEADERS * BLOCK; at < channel.size(); at += BLOCK) {
        channel.read(start.clear(), at);
        if (start.flip().equals(ByteBuffer.wrap(CHUNK))) {
          return true;
        }
      }
    }
    return false;
  }

  private static StoreException denied(Path file, IOException e) {
    String message = String.valueOf(e.getMessage());
    boolean full = message.contains("No space left");
    String reason = e instanceof AccessDeniedException ? "access denied" : message;
    return new StoreException(
        full ? "store-full" : "store-denied",
        "the store's file cannot be made",
        file + " (" + reason + ")",
        "a folder that this user may write to",
        "check it, or name another by MOINEAU_HOME or --store");
  }
}
