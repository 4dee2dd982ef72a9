package io.moineau.format;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes files beside their names and moves them there when all are whole; what was not moved is
 * deleted at {@link #close}.
 */
final class SafeFiles implements AutoCloseable {
  /** Writes the bytes of a file. */
  @FunctionalInterface
  interface Content {
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  private final Map<Path, Path> targets = new LinkedHashMap<>();

  /**
   * Writes a file of about {@code bytes} bytes under a passing name.
   *
   * @throws FormatException {@code file-is-directory}, {@code file-not-writable}, {@code
   *     disk-full}, {@code file-write-failed}
   */
  void write(Path target, long bytes, Content content) {
    if (Files.isDirectory(target)) {
      throw new FormatException(
          "file-is-directory",
          "a folder was named where a file is to be written",
          target.toString(),
          "the name of a file",
          "name a file in it");
    }
    Path folder = folder(target);
    checkSpace(folder, target, bytes);
    // Not createTempFile, whose file only its owner may read.
    String mark = Long.toHexString(ProcessHandle.current().pid() * 1_000_003L ^ System.nanoTime());
    Path passing = folder.resolve("." + target.getFileName() + "." + mark + ".part");
    FileChannel opened;
    try {
      opened = FileChannel.open(passing, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw notWritable(target, e);
    }
    targets.put(passing, target);
    try (FileChannel channel = opened) {
      content.writeTo(channel);
      channel.force(true);
    } catch (IOException e) {
      throw writeFailed(target, bytes, e);
    }
  }

  /** Gives all files their names. */
  void commit() {
    for (Map.Entry<Path, Path> pair : targets.entrySet()) {
      try {
        move(pair.getKey(), pair.getValue());
      } catch (IOException e) {
        throw notWritable(pair.getValue(), e);
      }
    }
    targets.clear();
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() {
    for (Path passing : targets.keySet()) {
      try {
        Files.deleteIfExists(passing);
      } catch (IOException e) {
        // What failed before is what the user must hear of; the passing file has .part in its name.
        continue;
      }
    }
  }

  private static Path folder(Path target) {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new FormatException(
          "file-not-writable",
          "a file cannot be written, as its folder does not exist",
          target.toString(),
          "a folder that exists",
          "make the folder first");
    }
    return folder;
  }

  private static void checkSpace(Path folder, Path target, long bytes) {
    try {
      FileStore store = Files.getFileStore(folder);
      long free = store.getUsableSpace();
      if (free > 0 && free < bytes) {
        throw diskFull(target, bytes, free);
      }
    } catch (IOException e) {
      // A store that does not tell its space is tried all the same.
      return;
    }
  }

  private static FormatException diskFull(Path target, long bytes, long free) {
    return new FormatException(
        "disk-full",
        "there is no room for a file",
        target + " needs " + bytes + " bytes",
        free + " bytes are free there",
        "free some space, or write to another disk");
  }

  private static FormatException notWritable(Path target, IOException e) {
    return new FormatException(
        "file-not-writable",
        "a file cannot be written",
        target + " (" + e.getClass().getSimpleName() + ": " + e.getMessage() + ")",
        "a folder that this user may write to",
        "check its permissions, or write elsewhere");
  }

  private static FormatException writeFailed(Path target, long bytes, IOException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("No space left") || message.contains("not enough space")) {
      return diskFull(target, bytes, 0);
    }
    return new FormatException(
        "file-write-failed",
        "writing a file failed",
        target + " (" + message + ")",
        "",
        "check the disk, and try again");
  }
}
