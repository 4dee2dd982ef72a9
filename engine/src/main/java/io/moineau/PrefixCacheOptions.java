package io.moineau;

import io.moineau.engine.EngineException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * What is kept of the keys and values of beginnings that were computed, for requests that begin the
 * same. In memory it lies in blocks that no sequence uses, so it takes none of its own; whole
 * blocks may be kept in a folder too, where they outlive the process. Who can read that folder can
 * read what was asked.
 *
 * @param bytes most bytes of keys and values that free blocks may hold; 0 for no cache, {@link
 *     #ALL_FREE_BLOCKS} for as many as are free
 * @param folder where blocks are kept across restarts; empty for nowhere
 * @param folderBytes most bytes of files in it
 */
public record PrefixCacheOptions(long bytes, Optional<Path> folder, long folderBytes) {
  /** Every free block may hold something. */
  public static final long ALL_FREE_BLOCKS = -1;

  private static final PrefixCacheOptions DEFAULTS =
      new PrefixCacheOptions(ALL_FREE_BLOCKS, Optional.empty(), 0);

  /**
   * Checks the values.
   *
   * @throws EngineException {@code option-out-of-range}
   */
  public PrefixCacheOptions {
    Objects.requireNonNull(folder, "folder");
    ServingOptions.check(
        bytes >= ALL_FREE_BLOCKS, "prefixCache.bytes", bytes, "-1 (all), 0 (off) or more");
    ServingOptions.check(folderBytes >= 0, "prefixCache.folderBytes", folderBytes, "0 or more");
    ServingOptions.check(
        folder.isEmpty() || bytes != 0,
        "prefixCache.folder",
        "a folder with prefixCache.bytes=0",
        "a folder only beside a cache in memory, which it goes through");
  }

  /** In all free blocks, in no folder. */
  public static PrefixCacheOptions defaults() {
    return DEFAULTS;
  }

  /** No cache: every prompt is computed from its first token. */
  public static PrefixCacheOptions off() {
    return DEFAULTS.withBytes(0);
  }

  /** The same with at most so many bytes in memory. */
  public PrefixCacheOptions withBytes(long value) {
    return new PrefixCacheOptions(value, folder, folderBytes);
  }

  /** The same with at most so many bytes in a folder. */
  public PrefixCacheOptions withFolder(Path path, long maxBytes) {
    return new PrefixCacheOptions(bytes, Optional.of(path), maxBytes);
  }
}
