package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.engine.EngineException;
import io.moineau.text.MarkedText;
import io.moineau.text.Span;
import io.moineau.text.Tokenizer;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much of a text is tokenized before it is refused. */
class LongPromptsTest {
  private static final int CONTEXT = 100;

  private final List<MarkedText> seen = new ArrayList<>();

  /** One token for so many characters; notes what it was given. */
  private Tokenizer tokenizer(int charactersPerToken) {
    return (Tokenizer)
        Proxy.newProxyInstance(
            Tokenizer.class.getClassLoader(),
            new Class<?>[] {Tokenizer.class},
            (proxy, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("encode");
              MarkedText text = (MarkedText) arguments[0];
              seen.add(text);
              return new int[text.text().length() / charactersPerToken];
            });
  }

  @Test
  void textsThatMayFit_areNotLookedAt() {
    LongPrompts.refuse(tokenizer(1), MarkedText.untrusted("a".repeat(32 * CONTEXT)), CONTEXT);
    assertThat(seen).isEmpty();
  }

  @Test
  void textFarTooLong_isRefusedByItsBeginning() {
    MarkedText text =
        new MarkedText("a".repeat(1_000_000), List.of(new Span(10, 20), new Span(30, 1_000_000)));
    assertThatThrownBy(() -> LongPrompts.refuse(tokenizer(4), text, CONTEXT))
        .isInstanceOf(EngineException.class)
        .hasFieldOrPropertyWithValue("code", "prompt-too-long")
        .hasMessageContaining("first 1600 of its 1000000 characters have 400 tokens");
    assertThat(seen)
        .singleElement()
        .satisfies(beginning -> {
          assertThat(beginning.text()).hasSize(1600);
          assertThat(beginning.untrusted()).containsExactly(new Span(10, 20), new Span(30, 1600));
        });
  }

  @Test
  void textOfLongTokens_isNotRefusedByItsBeginning() {
    MarkedText text = MarkedText.untrusted("a".repeat(32 * CONTEXT + 1));
    assertThatCode(() -> LongPrompts.refuse(tokenizer(8), text, CONTEXT))
        .as("1600 characters of the beginning are 200 tokens: that shows nothing")
        .doesNotThrowAnyException();
  }

  @Test
  void pairOfSurrogates_isNotCutInTwo() {
    MarkedText text = MarkedText.untrusted("a" + "😀".repeat(10_000));
    assertThatThrownBy(() -> LongPrompts.refuse(tokenizer(1), text, CONTEXT))
        .isInstanceOf(EngineException.class);
    assertThat(seen.getFirst().text()).hasSize(1599).endsWith("😀");
  }
}
