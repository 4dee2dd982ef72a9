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
 * nobody uses goes to the end of the free list with its contents, and is overwritten only when it
 * reaches the front: the list is the order of last use.
 *
 * <p>The last block of a sequence, which is not full, is entered under the hash of what stands
 * before it. Since it would be written on, it may be taken only while it is free, and is then its
 * taker's alone. So the next turn of a chat computes nothing that the turn before computed.
 *
 * <p>Hashes start from a secret, and tokens are compared, so that no text can be made that collides
 * with another's. Used by one thread.
 */
final class BlockManager {
  private static final int NONE = -1;

  private final int numBlocks;
  private final int blockTokens;
  private final long root = new SecureRandom().nextLong();
  private final int[] refCount;
  private final int[] contents; // [numBlocks, blockTokens]
  private final int[] filled; // tokens of contents that are known; 0: nothing
  private final long[] keyHash; // where the block is entered, if filled
  private final PrefixCache fullBlocks;
  private final PrefixCache lastBlocks;
  // The free list, doubly linked, so that a block found by its hash leaves it from the middle.
  private final int[] next;
  private final int[] previous;
  private int head;
  private int tail;
  private int numFree;

  BlockManager(int numBlocks, int blockTokens) {
    this.numBlocks = numBlocks;
    this.blockTokens = blockTokens;
    refCount = new int[numBlocks];
    contents = new int[Math.multiplyExact(numBlocks, blockTokens)];
    filled = new int[numBlocks];
    keyHash = new long[numBlocks];
    fullBlocks = new PrefixCache(numBlocks);
    lastBlocks = new PrefixCache(numBlocks);
    next = new int[numBlocks];
    previous = new int[numBlocks];
    head = NONE;
    tail = NONE;
    for (int i = 0; i < numBlocks; i++) {
      append(i);
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
    return numFree;
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

  /** Takes the free block that was used longest ago; its contents are forgotten. */
  int allocate() {
    int block = head;
    if (block == NONE) {
      throw new IllegalStateException("no free block; numFree was not asked");
    }
    unlink(block);
    forget(block);
    refCount[block] = 1;
    return block;
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
      unlink(block);
    }
  }

  /** Takes a last block that was found, to write on it. */
  void take(int block) {
    unlink(block);
    forget(block);
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
    if (--refCount[block] == 0) {
      append(block);
    }
  }

  /** Frees a block that was allocated and holds nothing: the next to be allocated. */
  void giveBack(int block) {
    if (refCount[block] != 1 || filled[block] != 0) {
      throw new IllegalStateException("block " + block + " is used, or holds something");
    }
    refCount[block] = 0;
    next[block] = head;
    previous[block] = NONE;
    if (head == NONE) {
      tail = block;
    } else {
      previous[head] = block;
    }
    head = block;
    numFree++;
  }

  /** Forgets every prefix. */
  void clearCache() {
    for (int i = 0; i < numBlocks; i++) {
      forget(i);
    }
  }

  private void forget(int block) {
    if (filled[block] > 0) {
      (filled[block] == blockTokens ? fullBlocks : lastBlocks).remove(keyHash[block], block);
      filled[block] = 0;
    }
  }

  private void append(int block) {
    next[block] = NONE;
    previous[block] = tail;
    if (tail == NONE) {
      head = block;
    } else {
      next[tail] = block;
    }
    tail = block;
    numFree++;
  }

  private void unlink(int block) {
    int before = previous[block];
    int after = next[block];
    if (before == NONE) {
      head = after;
    } else {
      next[before] = after;
    }
    if (after == NONE) {
      tail = before;
    } else {
      previous[after] = before;
    }
    numFree--;
  }

  /** Uses of all blocks together, for tests. */
  int usesInAll() {
    return Arrays.stream(refCount).sum();
  }
}
