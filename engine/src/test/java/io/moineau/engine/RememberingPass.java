package io.moineau.engine;

import io.moineau.engine.sampling.SeededRandom;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A forward pass that needs its memory to be right: what it stores for a token is the token, and
 * the logits follow from all tokens from position 0 on, read back through the block table. A block
 * that is shared wrongly, overwritten or left out changes them.
 */
final class RememberingPass implements ForwardPass {
  static final int HIDDEN = 3;

  static final long BLOCK_BYTES = 16;

  private final int vocabularySize;
  private final int blockTokens;
  private final int[] memory; // [numBlocks, blockTokens]
  private float[][] rows = new float[0][];
  private float[][] states = new float[0][];
  int numForwards;
  int numTokens;
  int largestBatch;
  RuntimeException failure;

  RememberingPass(int vocabularySize, int numBlocks, int blockTokens) {
    this.vocabularySize = vocabularySize;
    this.blockTokens = blockTokens;
    this.memory = new int[numBlocks * blockTokens];
  }

  /** The logits after these tokens, with no memory involved. */
  static float[] expected(int vocabularySize, int[] tokens, int count) {
    long hash = 1;
    for (int i = 0; i < count; i++) {
      hash = SeededRandom.mix(hash * 31 + tokens[i] + 1);
    }
    return logits(vocabularySize, hash);
  }

  private static float[] logits(int vocabularySize, long hash) {
    SeededRandom random = new SeededRandom(hash);
    float[] logits = new float[vocabularySize];
    for (int i = 0; i < vocabularySize; i++) {
      logits[i] = (float) (random.nextDouble() * 8);
    }
    return logits;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public void forward(StepBatch batch) {
    if (failure != null) {
      RuntimeException now = failure;
      failure = null;
      throw now;
    }
    numForwards++;
    numTokens += batch.size();
    largestBatch = Math.max(largestBatch, batch.size());
    for (int i = 0; i < batch.size(); i++) {
      memory[slot(batch, i, batch.positions()[i])] = batch.tokens()[i];
    }
    rows = new float[batch.numOutputs()][];
    int row = 0;
    List<float[]> wanted = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      if (batch.output()[i] || batch.hidden()[i]) {
        long hash = 1;
        for (int position = 0; position <= batch.positions()[i]; position++) {
          hash = SeededRandom.mix(hash * 31 + memory[slot(batch, i, position)] + 1);
        }
        if (batch.output()[i]) {
          rows[row++] = logits(vocabularySize, hash);
        } else {
          wanted.add(hidden(hash));
        }
      }
    }
    states = wanted.toArray(float[][]::new);
  }

  /** Three numbers that follow from all tokens up to a position. */
  static float[] expectedHidden(int[] tokens, int count) {
    long hash = 1;
    for (int i = 0; i < count; i++) {
      hash = SeededRandom.mix(hash * 31 + tokens[i] + 1);
    }
    return hidden(hash);
  }

  private static float[] hidden(long hash) {
    SeededRandom random = new SeededRandom(hash);
    float[] state = new float[HIDDEN];
    for (int i = 0; i < HIDDEN; i++) {
      state[i] = (float) (random.nextDouble() - 0.5);
    }
    return state;
  }

  @Override
  public long blockBytes() {
    return blockTokens * 4L;
  }

  @Override
  public void readBlock(int block, MemorySegment target) {
    MemorySegment.copy(
        MemorySegment.ofArray(memory), block * blockBytes(), target, 0, blockBytes());
  }

  @Override
  public void writeBlock(int block, MemorySegment source) {
    MemorySegment.copy(
        source, 0, MemorySegment.ofArray(memory), block * blockBytes(), blockBytes());
  }

  @Override
  public int hiddenSize() {
    return HIDDEN;
  }

  @Override
  public void copyHidden(int index, float[] target) {
    System.arraycopy(states[index], 0, target, 0, HIDDEN);
  }

  private int slot(StepBatch batch, int token, int position) {
    int[] table = batch.blockTables()[batch.sequences()[token]];
    return table[position / blockTokens] * blockTokens + position % blockTokens;
  }

  @Override
  public void copyLogits(int row, float[] target) {
    System.arraycopy(rows[row], 0, target, 0, target.length);
  }
}
