package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MultilineTest {
  @Test
  void isOpen_backslashAtTheEnd_wantsMore() {
    assertThat(Multiline.isOpen("one\\")).isTrue();
    assertThat(Multiline.isOpen("C:\\\\")).isFalse();
    assertThat(Multiline.isOpen("one")).isFalse();
  }

  @Test
  void isOpen_fence_wantsItsEnd() {
    assertThat(Multiline.isOpen("\"\"\"")).isTrue();
    assertThat(Multiline.isOpen("\"\"\"\none\ntwo")).isTrue();
    assertThat(Multiline.isOpen("\"\"\"\none\n\"\"\"")).isFalse();
    assertThat(Multiline.isOpen("say \"\"\"")).isFalse();
  }

  @Test
  void message_continuedLines_loseTheirBackslash() {
    assertThat(Multiline.message("one\\\ntwo\\\nthree")).isEqualTo("one\ntwo\nthree");
    assertThat(Multiline.message("a\\b\nc")).isEqualTo("a\\b\nc");
  }

  @Test
  void message_fenced_isWhatIsInside() {
    assertThat(Multiline.message("\"\"\"\none\n  two\n\"\"\"")).isEqualTo("one\n  two\n");
    assertThat(Multiline.message("\"\"\"one\"\"\"")).isEqualTo("one");
    assertThat(Multiline.message("\"\"\"\nnever ended")).isEqualTo("never ended");
  }
}
