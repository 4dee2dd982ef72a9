package io.moineau.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class LanesTest {
  /** The order is part of what is promised: the same bits interpreted and compiled. */
  @Test
  void sum_interpretedAndCompiled_isThatOfPairs() {
    SplittableRandom random = new SplittableRandom(7);
    float[] lanes = new float[Lanes.FLOATS];
    for (int round = 0; round < 20_000; round++) {
      for (int i = 0; i < lanes.length; i++) {
        lanes[i] = (float) ((random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(6)));
      }
      float sum = Lanes.sum(FloatVector.fromArray(Lanes.F, lanes, 0));
      float[] pairs = lanes.clone();
      for (int n = pairs.length / 2; n > 0; n /= 2) {
        for (int i = 0; i < n; i++) {
          pairs[i] += pairs[i + n];
        }
      }
      assertThat(sum).isEqualTo(pairs[0]);
    }
  }
}
