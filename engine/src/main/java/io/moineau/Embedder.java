package io.moineau;

import io.moineau.engine.Engine;
import io.moineau.engine.EngineBusyException;
import io.moineau.engine.EngineException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * Sends texts through the engine for their vectors, some at a time, beside what others generate.
 */
final class Embedder {
  private final Engine engine;
  private final Pooling pooling;
  private final String share;
  private final float[][] vectors;
  private final Deque<Engine.Embedding> onTheirWay = new ArrayDeque<>();
  private int done;

  private Embedder(Engine engine, Pooling pooling, String share, int count) {
    this.engine = engine;
    this.pooling = pooling;
    this.share = share;
    this.vectors = new float[count][];
  }

  /** One vector of length 1 for each prompt, in their order. */
  static float[][] embed(Engine engine, List<int[]> prompts, Pooling pooling, String share) {
    Embedder embedder = new Embedder(engine, pooling, share, prompts.size());
    try {
      embedder.run(prompts);
      return embedder.vectors;
    } finally {
      embedder.cancelRest();
    }
  }

  private void run(List<int[]> prompts) {
    int atOnce = engine.limits().maxSequences();
    for (int[] prompt : prompts) {
      while (onTheirWay.size() >= atOnce || !submit(prompt)) {
        takeFirst();
      }
    }
    while (!onTheirWay.isEmpty()) {
      takeFirst();
    }
  }

  /** False if the queue is full and one of ours will leave it. */
  private boolean submit(int[] prompt) {
    try {
      onTheirWay.addLast(engine.embed(prompt, pooling, share));
      return true;
    } catch (EngineBusyException e) {
      if (onTheirWay.isEmpty()) {
        throw e;
      }
      return false;
    }
  }

  private void takeFirst() {
    Engine.Embedding first = onTheirWay.removeFirst();
    try {
      vectors[done++] = first.vector().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      onTheirWay.addFirst(first);
      throw new EngineException(
          "interrupted",
          "the wait for embeddings was interrupted",
          "thread " + Thread.currentThread().getName(),
          "",
          "the rest was cancelled; ask again");
    }
  }

  private void cancelRest() {
    if (onTheirWay.isEmpty()) {
      return;
    }
    onTheirWay.forEach(embedding -> embedding.sequence().cancel());
    engine.wake();
  }
}
