package io.moineau.engine.prefix;

import io.moineau.engine.EngineException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Full blocks of keys and values in a folder, found by the hash over their tokens and all before
 * them, so that a beginning which was computed once is read after a restart instead of computed.
 *
 * <p>Reading and writing happen on threads of the store's own; the engine's thread only copies a
 * block to or from memory, between steps. At most {@link #MEMORY_BYTES} are on their way.
 *
 * <p>The hash starts from a secret in the folder and from what the model is. Files that are damaged
 * are removed when they are met, and told of once; what does not fit the budget is removed in the
 * order of last use.
 */
public final class PrefixStore implements AutoCloseable {
  /** The end of the names of files that are being written. */
  static final String UNFINISHED = ".part";

  private static final long MEMORY_BYTES = 64 << 20;
  private static final int LEAST_IMAGES = 4;
  private static final int MOST_IMAGES = 256;
  private static final int CLOSE_SECONDS = 10;

  private final StoreFolder folder;
  private final ArrayBlockingQueue<BlockImage> toWrite;
  private final ArrayBlockingQueue<BlockImage> toRead;
  private final Queue<BlockImage> loaded = new ConcurrentLinkedQueue<>();
  private final ExecutorService writer = thread("moineau-prefix-writer");
  private final ExecutorService reader = thread("moineau-prefix-reader");
  private final Consumer<String> note;
  private final AtomicBoolean noted = new AtomicBoolean();
  private volatile Runnable onReady = () -> {};

  /**
   * Opens a folder, which is made if there is none.
   *
   * @param maxBytes most bytes of files in it
   * @param identity everything that makes keys and values what they are, 32 bytes
   * @param blockTokens tokens of a block
   * @param blockBytes bytes of its keys and values
   * @param note is told of damage, once
   * @throws EngineException {@code prefix-folder-foreign}, {@code prefix-folder-in-use}, {@code
   *     prefix-folder-unusable}
   */
  public PrefixStore(
      Path path,
      long maxBytes,
      byte[] identity,
      int blockTokens,
      long blockBytes,
      Consumer<String> note) {
    this.note = note;
    long bytes = BlockImage.fileBytes(blockTokens, blockBytes);
    int images = Math.clamp(MEMORY_BYTES / bytes, LEAST_IMAGES, MOST_IMAGES);
    toWrite = new ArrayBlockingQueue<>(images);
    toRead = new ArrayBlockingQueue<>(images);
    byte[] key = identity.clone();
    for (int i = 0; i < images; i++) {
      (i % 4 == 0 ? toWrite : toRead).add(new BlockImage(key, blockTokens, blockBytes));
    }
    folder = StoreFolder.open(path, maxBytes, key);
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(name).factory());
  }

  /** Sets who is told that something was read or can be written. */
  public void onReady(Runnable action) {
    onReady = action;
  }

  /** The hash before the first block of every text. */
  public long rootHash() {
    return folder.rootHash();
  }

  /** Whether there is a file for a block. */
  public boolean contains(long hash) {
    return folder.contains(hash);
  }

  /** Memory for a block to be written, or null while all is in use. */
  public @Nullable BlockImage imageToWrite() {
    return toWrite.poll();
  }

  /** The same, waiting for so long. */
  public @Nullable BlockImage awaitImageToWrite(long nanos) {
    try {
      return toWrite.poll(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /** Gives back an image that there was nothing for. */
  public void giveBackUnwritten(BlockImage image) {
    toWrite.add(image);
  }

  /** Writes a block whose image is filled. */
  public void write(BlockImage image) {
    try {
      writer.execute(() -> {
        try {
          folder.write(image);
        } catch (IOException | RuntimeException e) {
          tell("Blocks of keys and values cannot be written: " + e + ".");
        } finally {
          toWrite.add(image);
          onReady.run();
        }
      });
    } catch (RejectedExecutionException e) {
      toWrite.add(image); // closed meanwhile: it is computed again when it is needed
    }
  }

  /** Reads blocks in this order; they come out of {@link #pollLoaded()}. */
  public PendingLoad read(long[] hashes) {
    PendingLoad load = new PendingLoad(hashes.length);
    try {
      reader.execute(() -> readAll(hashes, load));
    } catch (RejectedExecutionException e) {
      return new PendingLoad(0);
    }
    return load;
  }

  private void readAll(long[] hashes, PendingLoad load) {
    boolean usable = true;
    for (long hash : hashes) {
      BlockImage image;
      try {
        image = toRead.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return; // closing
      }
      image.load = load;
      if (usable) {
        usable = read(image, hash);
      } else {
        image.fail(); // what follows a block that is missing is of no use
      }
      loaded.add(image);
      onReady.run();
    }
  }

  private boolean read(BlockImage image, long hash) {
    try {
      String problem = folder.read(image, hash);
      if (!problem.isEmpty()) {
        tell("A file of the prefix cache had " + problem + "; it was removed.");
      }
    } catch (IOException | RuntimeException e) {
      image.fail();
      tell("Blocks of keys and values cannot be read: " + e + ".");
    }
    return image.isValid();
  }

  private void tell(String what) {
    if (noted.compareAndSet(false, true)) {
      note.accept(what);
    }
  }

  /** A block that was read, or failed to be, if there is one; to be given back. */
  public @Nullable BlockImage pollLoaded() {
    BlockImage image = loaded.poll();
    if (image != null && image.load != null) {
      image.load.came();
      image.load = null;
    }
    return image;
  }

  /** Gives back what {@link #pollLoaded()} gave. */
  public void giveBack(BlockImage image) {
    toRead.add(image);
  }

  /** Bytes of all files. */
  public long bytes() {
    return folder.bytes();
  }

  /** Finishes what is being written, for at most ten seconds. */
  @Override
  public void close() {
    onReady = () -> {};
    reader.shutdownNow();
    writer.shutdown();
    try {
      if (!writer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        writer.shutdownNow();
      }
    } catch (InterruptedException e) {
      writer.shutdownNow();
      Thread.currentThread().interrupt();
    }
    folder.close();
  }
}
