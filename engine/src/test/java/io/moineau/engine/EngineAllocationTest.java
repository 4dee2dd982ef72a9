package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.FinishReason;
import io.moineau.GenerationRequest;
import io.moineau.Sampling;
import io.moineau.engine.sampling.SequenceBreakers;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** A step of running sequences allocates nothing: scheduling, batch, sampling and bookkeeping. */
class EngineAllocationTest {
  private static final int VOCAB = 5000;

  /** Gives the same logits always. */
  private static final class SteadyPass implements ForwardPass {
    private final float[] logits = new float[VOCAB];

    SteadyPass() {
      for (int i = 0; i < VOCAB; i++) {
        logits[i] = (float) Math.sin(i * 0.7) * 4;
      }
    }

    @Override
    public int vocabularySize() {
      return VOCAB;
    }

    @Override
    public void forward(StepBatch batch) {}

    @Override
    public void copyLogits(int row, float[] target) {
      System.arraycopy(logits, 0, target, 0, VOCAB);
    }
  }

  /** Takes tokens and forgets them. */
  private static final class Nowhere implements TokenSink {
    @Override
    public boolean token(int token, boolean ends, TokenRanking logprobs) {
      return false;
    }

    @Override
    public void finished(FinishReason reason) {}

    @Override
    public void failed(RuntimeException error) {
      throw error;
    }
  }

  @Test
  void step_steadyState_allocatesNothing() {
    Engine engine = new Engine(new SteadyPass(), EngineLimits.of(16_384, 32, 64, 4), new int[] {0});
    Sampling sampling =
        Sampling.defaults()
            .withIgnoreEos(true)
            .withRepeatPenalty(1.1)
            .withTypicalP(0.9)
            .withXtc(new Sampling.Xtc(0.5, 0.1))
            .withDry(Sampling.Dry.of(0.8));
    for (int i = 0; i < 4; i++) {
      engine.submit(
          GenerationRequest.of(new int[] {i}, sampling), i, SequenceBreakers.none(), new Nowhere());
    }
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 2000; i++) {
      engine.step();
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    int steps = 1000;
    for (int i = 0; i < steps; i++) {
      engine.step();
    }
    long perStep = (threads.getCurrentThreadAllocatedBytes() - before) / steps;
    // Lists of tokens and DRY's table grow now and then; a step itself takes nothing.
    assertThat(perStep).as("bytes per step").isLessThan(200);
  }
}
