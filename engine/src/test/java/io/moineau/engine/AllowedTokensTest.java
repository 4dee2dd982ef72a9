package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.text.TokenConstraint;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AllowedTokensTest {
  private static final int END = 70;

  private final AllowedTokens allowed = new AllowedTokens(new int[] {END});

  /** Allows always the same. */
  private record Fixed(BitSet tokens, boolean canEnd) implements TokenConstraint {
    @Override
    public void allowed(long[] mask) {
      java.util.Arrays.fill(mask, 0);
      long[] words = tokens.toLongArray();
      System.arraycopy(words, 0, mask, 0, words.length);
    }

    @Override
    public void accept(int token) {}

    @Override
    public TokenConstraint copy() {
      return this;
    }
  }

  private static BitSet bits(int... tokens) {
    BitSet out = new BitSet();
    for (int token : tokens) {
      out.set(token);
    }
    return out;
  }

  @Test
  void apply_anyMask_keepsExactlyItsTokens() {
    long seed = 2;
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      BitSet tokens = new BitSet();
      for (int n = random.nextInt(300); n >= 0; n--) {
        tokens.set(random.nextInt(193));
      }
      if (round % 3 == 0) {
        tokens.clear(64, 128); // a word of none
      }
      if (round % 3 == 1) {
        tokens.set(0, 64); // a word of all
      }
      float[] logits = new float[193];
      boolean any = allowed.apply(new Fixed(tokens, true), logits, new int[] {END});
      assertThat(any).isEqualTo(!tokens.isEmpty());
      for (int token = 0; token < logits.length; token++) {
        assertThat(logits[token])
            .as("seed %s round %s token %s", seed, round, token)
            .isEqualTo(tokens.get(token) ? 0 : Float.NEGATIVE_INFINITY);
      }
    }
  }

  @Test
  void apply_endThatMayNotCome_isNoWayOut() {
    float[] logits = new float[100];
    assertThat(allowed.apply(new Fixed(bits(END), true), logits, new int[] {END})).isTrue();
    assertThat(allowed.apply(new Fixed(bits(END), true), logits, new int[] {3})).isFalse();
    assertThat(allowed.apply(new Fixed(bits(END, 5), true), logits, new int[0])).isTrue();
    assertThat(logits[END]).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  @Test
  void apply_nothingMayComeAndTextIsNotWhole_aNamedError() {
    assertThatThrownBy(
            () -> allowed.apply(new Fixed(bits(), false), new float[100], new int[] {END}))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo("constraint-dead-end"));
  }
}
