package io.moineau.engine;

import io.moineau.engine.sampling.SeededRandom;
import io.moineau.engine.sampling.TokenList;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Who owns which block of the paged keys and values, and which free block still holds what.
 *
 * <p>A block is counted by the sequences that use it. A full block is entered under the hash of its
 * tokens and of all before it, so that another sequence with the same beginning takes it instead of
 * computing it again (vLLM's automatic prefix caching; nano-vllm's block_manager.py). A block that
 * nobody uses keeps its contents until no empty one is left and it is the one that was used longest
 * ago.
 *
 * <p>The last block of a sequence, which is not full, is entered under the hash of what stands
 * before it. Since it would be written on, it may be taken only while it is free, and is then its
 * taker's alone. So the next turn of a chat computes nothing that the turn before computed.
 *
 * <p>Hashes start from a secret, and tokens are compared, so that no text can be made that collides
 * with another's. Used by one thread.
 */
final class BlockManager {
  private static final int NONE = BlockList.NONE;

  private final int numBlocks;
  private final int blockTokens;
  private final long root;
  private final int[] refCount;
  private final int[] contents; // [numBlocks, blockTokens]
  private final int[] filled; // tokens of contents that are known; 0: nothing
  private final long[] keyHash; // where the block is entered, if filled
  private final PrefixCache fullBlocks;
  private final PrefixCache lastBlocks;
  private final BlockList empty; // free, and hold nothing
  private final BlockList cached; // free, and hold something
  private final int maxCached;

  // Blocks that became free and full, and may not have been saved: a ring, each in it once.
  private int[] unsaved = new int[0];
  private boolean[] isQueued = new boolean[0];
  private int firstUnsaved;
  private int numUnsaved;

  BlockManager(int numBlocks, int blockTokens) {
    this(numBlocks, blockTokens, numBlocks, new SecureRandom().nextLong());
  }

  /**
   * Blocks that are all free.
   *
   * @param maxCached most free blocks that keep what they hold; with 0 nothing is found again, not
   *     even between running sequences
   * @param root the secret that hashes start from
   */
  BlockManager(int numBlocks, int blockTokens, int maxCached, long root) {
    this.root = root;
    this.numBlocks = numBlocks;
    this.blockTokens = blockTokens;
    this.maxCached = maxCached;
    refCount = new int[numBlocks];
    contents = new int[Math.multiplyExact(numBlocks, blockTokens)];
    filled = new int[numBlocks];
    keyHash = new long[numBlocks];
    fullBlocks = new PrefixCache(numBlocks);
    lastBlocks = new PrefixCache(numBlocks);
    int[] next = new int[numBlocks];
    int[] previous = new int[numBlocks];
    empty = new BlockList(next, previous);
    cached = new BlockList(next, previous);
    for (int i = 0; i < numBlocks; i++) {
      empty.append(i);
    }
  }

  int numBlocks() {
    return numBlocks;
  }

  int blockTokens() {
    return blockTokens;
  }

  /** Blocks that nobody uses, cached ones included. */
  int numFree() {
    return empty.size() + cached.size();
  }

  /** Free blocks that hold something. */
  int numCached() {
    return cached.size();
  }

  /** Whether anything is found again. */
  boolean isCaching() {
    return maxCached > 0;
  }

  /** The hash before the first block. */
  long rootHash() {
    return root;
  }

  /**
   * The hash of a full block that holds {@code tokens} from {@code at} on, after {@code before}.
   */
  long hash(long before, TokenList tokens, int at) {
    long hash = before;
    for (int i = 0; i < blockTokens; i++) {
      hash = SeededRandom.mix(hash * 31 + tokens.get(at + i) + 1);
    }
    return hash;
  }

  /** Takes a free block: one that holds nothing, or else the one that was used longest ago. */
  int allocate() {
    if (empty.size() == 0) {
      evictOldest();
    }
    int block = empty.first();
    if (block == NONE) {
      throw new IllegalStateException("no free block; numFree was not asked");
    }
    empty.unlink(block);
    refCount[block] = 1;
    return block;
  }

  private void evictOldest() {
    int oldest = cached.first();
    if (oldest != NONE) {
      forget(oldest);
    }
  }

  /** A full block with these tokens after {@code before}, or -1. */
  int findFull(long hash, TokenList tokens, int at) {
    int block = fullBlocks.find(hash);
    return block != NONE && tokens.matches(at, contents, block * blockTokens, blockTokens)
        ? block
        : NONE;
  }

  /** A free block that holds what once followed {@code before} and was not full, or -1. */
  int findLast(long before) {
    int block = lastBlocks.find(before);
    return block != NONE && refCount[block] == 0 ? block : NONE;
  }

  /** How many tokens of a block equal {@code tokens} from {@code at} on, at most {@code most}. */
  int commonTokens(int block, TokenList tokens, int at, int most) {
    int n = Math.min(filled[block], most);
    int from = block * blockTokens;
    int same = 0;
    while (same < n && contents[from + same] == tokens.get(at + same)) {
      same++;
    }
    return same;
  }

  /** Uses a full block that was found, together with others that do. */
  void share(int block) {
    if (refCount[block]++ == 0) {
      cached.unlink(block);
    }
  }

  /** Takes a last block that was found, to write on it. */
  void take(int block) {
    forget(block);
    empty.unlink(block);
    refCount[block] = 1;
  }

  /** Enters a block that became full under its hash. */
  void enterFull(int block, long hash, TokenList tokens, int at) {
    if (fullBlocks.find(hash) != NONE) {
      return; // another sequence computed the same; its block serves
    }
    tokens.copyTo(at, contents, block * blockTokens, blockTokens);
    filled[block] = blockTokens;
    keyHash[block] = hash;
    fullBlocks.put(hash, block);
  }

  /** Enters a block with {@code count} tokens, fewer than it holds, before it is freed. */
  void enterLast(int block, long before, TokenList tokens, int at, int count) {
    int other = lastBlocks.find(before);
    if (other != NONE) {
      forget(other);
    }
    tokens.copyTo(at, contents, block * blockTokens, count);
    filled[block] = count;
    keyHash[block] = before;
    lastBlocks.put(before, block);
  }

  /** Ends one use; with the last one the block is free, and keeps its contents for now. */
  void free(int block) {
    if (refCount[block] <= 0) {
      throw new IllegalStateException("block " + block + " is freed twice");
    }
    if (--refCount[block] > 0) {
      return;
    }
    if (filled[block] == 0) {
      empty.append(block);
      return;
    }
    cached.append(block);
    if (unsaved.length > 0 && filled[block] == blockTokens && !isQueued[block]) {
      isQueued[block] = true;
      unsaved[(firstUnsaved + numUnsaved++) % unsaved.length] = block;
    }
    if (cached.size() > maxCached) {
      evictOldest();
    }
  }

  /** Keeps a list of blocks that are to be saved from now on. */
  void trackUnsaved() {
    unsaved = new int[numBlocks];
    isQueued = new boolean[numBlocks];
  }

  /** Whether there may be a block to save. */
  boolean hasUnsaved() {
    return numUnsaved > 0;
  }

  /** The next full block that nobody uses and that may not have been saved, or -1. */
  int nextUnsaved() {
    while (numUnsaved > 0) {
      int block = unsaved[firstUnsaved];
      firstUnsaved = (firstUnsaved + 1) % unsaved.length;
      numUnsaved--;
      isQueued[block] = false;
      if (refCount[block] == 0 && filled[block] == blockTokens) {
        return block;
      }
    }
    return NONE;
  }

  /** The hash that a full block is entered under. */
  long key(int block) {
    return keyHash[block];
  }

  /** Copies the tokens of a full block. */
  void copyTokens(int block, int[] target) {
    System.arraycopy(contents, block * blockTokens, target, 0, blockTokens);
  }

  /** Whether a full block is entered under a hash. */
  boolean isEntered(long hash) {
    return fullBlocks.find(hash) != NONE;
  }

  /** Takes a free block for what was read, and enters it; the caller fills and frees it. */
  int enterLoaded(long hash, int[] tokens) {
    int block = allocate();
    System.arraycopy(tokens, 0, contents, block * blockTokens, blockTokens);
    filled[block] = blockTokens;
    keyHash[block] = hash;
    fullBlocks.put(hash, block);
    return block;
  }

  /** Frees a block that was allocated and holds nothing. */
  void giveBack(int block) {
    if (refCount[block] != 1 || filled[block] != 0) {
      throw new IllegalStateException("block " + block + " is used, or holds something");
    }
    refCount[block] = 0;
    empty.append(block);
  }

  /** Forgets every prefix. */
  void clearCache() {
    for (int i = 0; i < numBlocks; i++) {
      forget(i);
    }
  }

  private void forget(int block) {
    if (filled[block] == 0) {
      return;
    }
    (filled[block] == blockTokens ? fullBlocks : lastBlocks).remove(keyHash[block], block);
    filled[block] = 0;
    if (refCount[block] == 0) {
      cached.unlink(block);
      empty.append(block);
    }
  }

  /** Uses of all blocks together, for tests. */
  int usesInAll() {
    return Arrays.stream(refCount).sum();
  }
}
