package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class SafeTextTest {
  @Test
  void of_harmlessText_isTheSame() {
    String text = "Bonjour, Lily!\n\tà bientôt 🐦 “quoted”";
    assertThat(SafeText.of(text)).isSameAs(text);
  }

  @Test
  void of_escapeSequence_cannotAct() {
    assertThat(SafeText.of("\u001b]0;title\u0007x\u001b[2J")).isEqualTo("␛]0;title␇x␛[2J");
    assertThat(SafeText.of("a\u009b31mb\u007f")).isEqualTo("a<U+009B>31mb␡");
    assertThat(SafeText.of("a\rb\r\nc")).isEqualTo("a␍b\nc");
    assertThat(SafeText.of("user\u202etxt.exe")).isEqualTo("user<U+202E>txt.exe");
  }

  @Test
  void ofLine_severalLines_isOne() {
    assertThat(SafeText.ofLine("a\nb\tc")).isEqualTo("a␊b c");
  }

  @Test
  void of_randomText_hasNoControlLeft() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(40); i > 0; i--) {
        text.append((char) random.nextInt(0x2100));
      }
      assertThat(SafeText.of(text.toString()).chars())
          .as("seed %d, round %d", seed, round)
          .noneMatch(c -> c < ' ' && c != '\n' && c != '\t')
          .noneMatch(c -> c >= 0x7f && c <= 0x9f);
    }
  }
}
