package io.moineau.engine.prefix;

import io.moineau.engine.EngineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The files of a {@link PrefixStore}: {@code secret}, {@code lock}, and for each model a folder
 * with a file per block. Who can read them can read what was asked, so on systems that know it,
 * they are the owner's alone. One process at a time.
 */
final class StoreFolder {
  private static final String SECRET = "moineau-prefix-secret";
  private static final String LOCK = "moineau-prefix-lock";
  private static final String BLOCK = ".kv";
  private static final int SECRET_BYTES = 32;

  private final Path own; // blocks of this model
  private final long maxBytes;
  private final long rootHash;
  private final FileChannel lock;
  private final Map<Path, Long> sizes = new LinkedHashMap<>(64, 0.75f, true); // by last use
  private long bytes;

  private record Found(Path file, long bytes, FileTime used) {}

  private StoreFolder(Path folder, long maxBytes, byte[] identity, FileChannel lock)
      throws IOException {
    this.maxBytes = maxBytes;
    this.lock = lock;
    byte[] secret = Files.readAllBytes(folder.resolve(SECRET));
    own = folder.resolve(HexFormat.of().formatHex(identity, 0, 8));
    MessageDigest digest = sha256();
    digest.update(secret);
    rootHash = ByteBuffer.wrap(digest.digest(identity)).getLong();
    Files.createDirectories(own);
    scan(folder);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static StoreFolder open(Path folder, long maxBytes, byte[] identity) {
    try {
      return new StoreFolder(folder, maxBytes, identity, prepare(folder));
    } catch (IOException | UncheckedIOException e) {
      throw new EngineException(
          "prefix-folder-unusable",
          "the folder of the prefix cache cannot be used",
          e.toString(),
          "a folder that can be written to",
          "name another folder, or leave the prefix cache in memory");
    }
  }

  /** Makes the folder if there is none, and locks it. */
  private static FileChannel prepare(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path secret = folder.resolve(SECRET);
    if (!Files.exists(secret)) {
      try (Stream<Path> files = Files.list(folder)) {
        if (files.anyMatch(file -> !file.getFileName().toString().equals(LOCK))) {
          throw new EngineException(
              "prefix-folder-foreign",
              "the folder of the prefix cache holds something else",
              "folder " + folder.getFileName(),
              "an empty folder, one that does not exist, or one that was a prefix cache before",
              "name another folder");
        }
      }
    }
    FileChannel channel =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock held = channel.tryLock();
      if (held == null) {
        throw new OverlappingFileLockException();
      }
      if (!Files.exists(secret)) {
        restrict(folder, "rwx------");
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        Files.write(secret, random);
        restrict(secret, "rw-------");
      }
      return channel;
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new EngineException(
          "prefix-folder-in-use",
          "another engine uses the folder of the prefix cache",
          "folder " + folder.getFileName(),
          "one engine at a time",
          "name another folder, or end the other process");
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void restrict(Path path, String permissions) throws IOException {
    if (Files.getFileAttributeView(path, PosixFileAttributeView.class) != null) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
  }

  /** Finds the blocks of all models, since they share the budget; unfinished files go. */
  private void scan(Path folder) throws IOException {
    List<Found> found = new ArrayList<>();
    try (Stream<Path> models = Files.list(folder)) {
      for (Path model : models.filter(Files::isDirectory).toList()) {
        scanModel(model, found);
      }
    }
    found.sort(Comparator.comparing(Found::used));
    for (Found file : found) {
      sizes.put(file.file(), file.bytes());
      bytes += file.bytes();
    }
    shrink();
  }

  private static void scanModel(Path model, List<Found> found) throws IOException {
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(BLOCK + PrefixStore.UNFINISHED)) {
          Files.deleteIfExists(file);
        } else if (name.endsWith(BLOCK)) {
          found.add(new Found(file, Files.size(file), Files.getLastModifiedTime(file)));
        }
      }
    }
  }

  private synchronized void shrink() {
    Iterator<Map.Entry<Path, Long>> oldest = sizes.entrySet().iterator();
    while (bytes > maxBytes && oldest.hasNext()) {
      Map.Entry<Path, Long> entry = oldest.next();
      delete(entry.getKey());
      bytes -= entry.getValue();
      oldest.remove();
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long rootHash() {
    return rootHash;
  }

  private Path file(long hash) {
    return own.resolve(HexFormat.of().toHexDigits(hash) + BLOCK);
  }

  synchronized boolean contains(long hash) {
    return sizes.containsKey(file(hash));
  }

  synchronized long bytes() {
    return bytes;
  }

  void write(BlockImage image) throws IOException {
    Path file = file(image.hash());
    image.write(file);
    long size = Files.size(file);
    synchronized (this) {
      Long before = sizes.put(file, size);
      bytes += size - (before == null ? 0 : before);
    }
    shrink();
  }

  /** Reads a block; tells what was wrong with its file, which is then gone. */
  String read(BlockImage image, long hash) throws IOException {
    Path file = file(hash);
    String problem;
    try {
      problem = image.read(file, hash);
    } catch (NoSuchFileException e) {
      problem = "gone";
      image.fail();
    }
    if (problem.isEmpty()) {
      synchronized (this) {
        Long touched = sizes.get(file); // now the newest
        if (touched != null) {
          Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
        }
      }
      return problem;
    }
    synchronized (this) {
      Long size = sizes.remove(file);
      bytes -= size == null ? 0 : size;
    }
    delete(file);
    return problem.equals("gone") ? "" : problem;
  }

  void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
