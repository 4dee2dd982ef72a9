package io.moineau.engine;

import io.moineau.engine.prefix.BlockImage;
import io.moineau.engine.prefix.PendingLoad;
import io.moineau.engine.prefix.PrefixStore;
import java.util.Arrays;

/**
 * Moves full blocks between memory and a {@link PrefixStore}: what becomes free is copied out soon,
 * a few blocks between any two steps, so that nothing is left to write when a block is overwritten
 * or the process dies; what a request begins with is copied in before it runs.
 */
final class StoredBlocks {
  private static final long CLOSE_NANOS = 10_000_000_000L;

  private final BlockManager blocks;
  private final ForwardPass model;
  private final PrefixStore store;
  private boolean closed;

  StoredBlocks(BlockManager blocks, ForwardPass model, PrefixStore store) {
    this.blocks = blocks;
    this.model = model;
    this.store = store;
    blocks.trackUnsaved();
  }

  /** Takes in what was read and hands over some of what is to be written. */
  void betweenSteps() {
    for (BlockImage image = store.pollLoaded(); image != null; image = store.pollLoaded()) {
      if (image.isValid() && blocks.numFree() > 0 && !blocks.isEntered(image.hash())) {
        int block = blocks.enterLoaded(image.hash(), image.tokens());
        model.writeBlock(block, image.payload());
        blocks.free(block);
      }
      store.giveBack(image);
    }
    while (blocks.hasUnsaved()) {
      BlockImage image = store.imageToWrite();
      if (image == null) {
        return;
      }
      save(image);
    }
  }

  private void save(BlockImage image) {
    int block = blocks.nextUnsaved();
    while (block >= 0 && store.contains(blocks.key(block))) {
      block = blocks.nextUnsaved();
    }
    if (block < 0) {
      store.giveBackUnwritten(image);
      return;
    }
    image.setHash(blocks.key(block));
    blocks.copyTokens(block, image.tokens());
    model.readBlock(block, image.payload());
    store.write(image);
  }

  /** Begins to read the blocks that follow what a sequence has, as far as there are any. */
  PendingLoad load(Sequence sequence) {
    int blockTokens = blocks.blockTokens();
    int most = Math.min(sequence.numRemaining() - 1, blocks.numFree() * blockTokens) / blockTokens;
    long[] hashes = new long[Math.max(0, most)];
    long hash = sequence.lastHash;
    int n = 0;
    while (n < hashes.length) {
      hash = blocks.hash(hash, sequence.tokens, sequence.numComputed + n * blockTokens);
      if (!store.contains(hash)) {
        break;
      }
      hashes[n++] = hash;
    }
    return store.read(Arrays.copyOf(hashes, n));
  }

  /** Writes what is not written, for at most ten seconds, and closes the store. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    long end = System.nanoTime() + CLOSE_NANOS;
    while (blocks.hasUnsaved() && System.nanoTime() < end) {
      BlockImage image = store.awaitImageToWrite(end - System.nanoTime());
      if (image != null) {
        save(image);
      }
    }
    store.close();
  }
}
