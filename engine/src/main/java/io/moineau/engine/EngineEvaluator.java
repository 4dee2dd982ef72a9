package io.moineau.engine;

import io.moineau.Evaluator;
import io.moineau.engine.sampling.SamplerChain;
import io.moineau.engine.sampling.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Evaluates tokens on an engine's model, in blocks that it takes for the time of one call and that
 * no other sequence sees.
 */
public final class EngineEvaluator implements Evaluator {
  /** Seed of the tokens that {@link #measure} computes: any will do, the same each time. */
  private static final long MEASURE_SEED = 42;

  private final Engine engine;
  private final int maxOutputs;

  /**
   * An evaluator.
   *
   * @param maxOutputs most logits that the model keeps of one step
   */
  public EngineEvaluator(Engine engine, int maxOutputs) {
    this.engine = engine;
    this.maxOutputs = maxOutputs;
  }

  @Override
  public void evaluate(int[] tokens, int chunkTokens, LogitsListener listener) {
    int chunk = chunk(chunkTokens);
    check(tokens, 0);
    engine.call(() -> {
      int[] blocks = allocate(tokens.length);
      try {
        evaluate(tokens, Math.min(chunk, maxOutputs), blocks, listener);
      } finally {
        free(blocks);
      }
      return true;
    });
  }

  private boolean evaluate(int[] tokens, int chunk, int[] blocks, LogitsListener listener) {
    float[] row = new float[engine.model().vocabularySize()];
    for (int at = 0; at < tokens.length; at += chunk) {
      int n = Math.min(chunk, tokens.length - at);
      step(tokens, at, n, at, blocks, true);
      for (int i = 0; i < n; i++) {
        engine.model().copyLogits(i, row);
        if (!listener.logits(at + i, row)) {
          return false;
        }
      }
    }
    return true;
  }

  private void step(int[] tokens, int at, int n, int position, int[] blocks, boolean all) {
    if (engine.isClosing()) {
      throw Engine.closedError();
    }
    engine.run(tokens, at, n, position, blocks, all);
  }

  @Override
  public Evaluation evaluate(int[] tokens, int chunkTokens, int numGreedy) {
    int chunk = chunk(chunkTokens);
    check(tokens, numGreedy);
    return engine.call(() -> {
      int[] blocks = allocate(tokens.length + numGreedy);
      try {
        return evaluate(tokens, Math.min(chunk, maxOutputs), numGreedy, blocks);
      } finally {
        free(blocks);
      }
    });
  }

  private Evaluation evaluate(int[] tokens, int chunk, int numGreedy, int[] blocks) {
    List<Integer> argmax = new ArrayList<>();
    List<Float> gap = new ArrayList<>();
    float[] last = new float[engine.model().vocabularySize()];
    evaluate(
        tokens,
        chunk,
        blocks,
        (position, logits) -> {
          int best = SamplerChain.argmax(logits);
          argmax.add(best);
          gap.add(gap(logits, best));
          if (position == tokens.length - 1) {
            System.arraycopy(logits, 0, last, 0, last.length);
          }
          return true;
        });
    List<Integer> greedy = new ArrayList<>();
    List<Float> greedyGap = new ArrayList<>();
    float[] row = last.clone();
    int[] one = new int[1];
    for (int i = 0; i < numGreedy; i++) {
      int best = SamplerChain.argmax(row);
      greedy.add(best);
      greedyGap.add(gap(row, best));
      if (i < numGreedy - 1) {
        one[0] = best;
        step(one, 0, 1, tokens.length + i, blocks, false);
        engine.model().copyLogits(0, row);
      }
    }
    return new Evaluation(last, argmax, gap, greedy, greedyGap);
  }

  private static float gap(float[] logits, int best) {
    float second = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < logits.length; i++) {
      if (i != best && logits[i] > second) {
        second = logits[i];
      }
    }
    return logits[best] - second;
  }

  @Override
  public Speed measure(int numPrompt, int numGenerate, int chunkTokens) {
    int chunk = chunk(chunkTokens);
    int total = Math.max(1, numPrompt + numGenerate);
    checkLength(total);
    SeededRandom random = new SeededRandom(MEASURE_SEED);
    int[] tokens = new int[total];
    for (int i = 0; i < total; i++) {
      tokens[i] = (int) (random.nextDouble() * engine.model().vocabularySize());
    }
    return engine.call(() -> {
      int[] blocks = allocate(total);
      try {
        long start = System.nanoTime();
        for (int at = 0; at < numPrompt; at += chunk) {
          step(tokens, at, Math.min(chunk, numPrompt - at), at, blocks, false);
        }
        long between = System.nanoTime();
        for (int i = numPrompt; i < numPrompt + numGenerate; i++) {
          step(tokens, i, 1, i, blocks, false);
        }
        return new Speed(between - start, System.nanoTime() - between);
      } finally {
        free(blocks);
      }
    });
  }

  private int chunk(int asked) {
    int most = engine.limits().chunkTokens();
    // A chunk that holds the whole context is as good as any larger one.
    boolean wholeContext = most >= engine.limits().contextLength();
    if (asked < 0 || (asked > most && !wholeContext)) {
      throw new EngineException(
          "chunk-out-of-range",
          "a chunk is larger than what the model was opened for",
          "chunkTokens=" + asked,
          "1 to " + most + ", or 0 for " + most,
          "open the model with larger ModelOptions.chunkTokens");
    }
    return asked == 0 ? most : Math.min(asked, most);
  }

  private void check(int[] tokens, int more) {
    if (tokens.length == 0) {
      throw new EngineException(
          "prompt-empty", "there are no tokens to evaluate", "", "one token or more", "");
    }
    if (more < 0) {
      throw new EngineException(
          "evaluate-bad-count",
          "a number of tokens is negative",
          "numGreedy=" + more,
          "0 or more",
          "");
    }
    checkLength((long) tokens.length + more);
    Engine.checkTokens(tokens, engine.model().vocabularySize());
  }

  private void checkLength(long total) {
    int most = engine.limits().contextLength();
    if (total > most) {
      throw new EngineException(
          "prompt-too-long",
          "the tokens do not fit into the context",
          total + " tokens, those to generate included; the context has " + most,
          "at most " + most,
          "take fewer, or open the model with a larger context length");
    }
  }

  private int[] allocate(int tokens) {
    BlockManager blocks = engine.blocks();
    int n = Math.ceilDiv(tokens, blocks.blockTokens());
    if (n > blocks.numFree()) {
      throw new EngineException(
          "evaluate-no-room",
          "other requests hold the memory that an evaluation needs",
          n + " blocks needed, " + blocks.numFree() + " free",
          "",
          "wait until they have ended");
    }
    int[] table = new int[n];
    for (int i = 0; i < n; i++) {
      table[i] = blocks.allocate();
    }
    return table;
  }

  private void free(int[] table) {
    for (int block : table) {
      engine.blocks().free(block);
    }
  }
}
