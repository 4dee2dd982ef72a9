package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.moineau.kernels.Precision;
import io.moineau.tensor.DType;
import io.moineau.testkit.SharedFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A trained model of 260,000 parameters tells the story that llama2.c and llama.cpp tell; text and
 * tokens are from the README beside its file.
 */
class StoriesTest {
  private static final List<Integer> PROMPT = List.of(1, 403, 407, 261, 378);

  private static final List<Integer> STORY =
      List.of(
          432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426, 338, 401, 396, 267, 337, 410, 408,
          419, 292, 411, 322, 265, 282, 295, 433, 426, 385, 328, 432, 358, 394, 261, 370, 432, 352,
          266, 268, 388, 426, 338, 391, 266, 267, 337, 335, 312, 432, 398, 312, 286, 267, 414, 270,
          333, 415, 426, 13, 438, 310);

  private static final String BEGINNING =
      "Once upon a time, there was a little girl named Lily. She loved to play outside in the park."
          + " One day, she saw a big, red ball. She wanted to play with it, but it was too high.\n"
          + "Lily's mom said, \"Lily, let's go to the park.\"";

  private static Moineau open(ModelOptions options) {
    Optional<Path> file = SharedFiles.data("models/stories260K.gguf");
    assumeThat(file).as("skipped: ../shared/data/models/stories260K.gguf is not here").isPresent();
    return Moineau.open(file.orElseThrow(), options);
  }

  @Test
  void complete_greedy_tellsTheKnownStory() {
    for (DType kvType : new DType[] {DType.F32, DType.F16}) {
      for (int chunk : new int[] {1, 7, 512}) {
        ModelOptions options =
            ModelOptions.defaults()
                .withKvType(kvType)
                .withChunkTokens(chunk)
                .withPrecision(Precision.EXACT);
        try (Moineau moineau = open(options)) {
          Answer answer =
              moineau.complete("Once upon a time", Sampling.greedy().withMaxTokens(STORY.size()));
          assertThat(moineau.tokenize("Once upon a time"))
              .containsExactly(PROMPT.stream().mapToInt(Integer::intValue).toArray());
          assertThat(answer.tokens()).as("kv %s chunk %d", kvType, chunk).isEqualTo(STORY);
          assertThat("Once upon a time" + answer.text()).startsWith(BEGINNING.substring(0, 170));
          assertThat(answer.usage().promptTokens()).isEqualTo(PROMPT.size());
        }
      }
    }
  }

  @Test
  void completeStream_pieces_areTheWholeText() {
    try (Moineau moineau = open(ModelOptions.defaults());
        Generation generation =
            moineau.completeStream("Once upon a time", Sampling.greedy().withMaxTokens(120))) {
      StringBuilder text = new StringBuilder();
      generation.forEachRemaining(text::append);
      assertThat(text.toString()).isEqualTo(generation.answer().text());
      assertThat("Once upon a time" + text).startsWith(BEGINNING);
    }
  }

  @Test
  void complete_stopString_endsBeforeIt() {
    try (Moineau moineau = open(ModelOptions.defaults())) {
      Answer answer =
          moineau.complete(
              "Once upon a time",
              Sampling.greedy().withMaxTokens(120).withStop(List.of("to play outs")));
      assertThat("Once upon a time" + answer.text())
          .isEqualTo("Once upon a time, there was a little girl named Lily. She loved ");
      assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
    }
  }

  @Test
  void complete_secondTurn_reusesEverything() {
    try (Moineau moineau = open(ModelOptions.defaults())) {
      Answer first = moineau.complete("Once upon a time", Sampling.greedy().withMaxTokens(40));
      List<Integer> all = new ArrayList<>(PROMPT);
      all.addAll(first.tokens());
      try (Generation more =
          moineau.generate(
              all.stream().mapToInt(Integer::intValue).toArray(),
              Sampling.greedy().withMaxTokens(20))) {
        assertThat(more.answer().usage().cachedTokens()).isEqualTo(all.size() - 1);
        assertThat(more.answer().tokens()).isEqualTo(STORY.subList(40, 60));
      }
    }
  }

  @Test
  void complete_seeded_isRepeatable() {
    try (Moineau moineau = open(ModelOptions.defaults())) {
      Sampling sampling = Sampling.defaults().withTemperature(1.2).withMaxTokens(60);
      Answer first = moineau.complete("Once", sampling);
      Answer again = moineau.complete("Once", sampling.withSeed(first.seed()));
      assertThat(again.tokens()).isEqualTo(first.tokens());
      assertThat(again.seed()).isEqualTo(first.seed());
    }
  }

  @Test
  void evaluate_chunks_giveTheSameLogits() {
    try (Moineau moineau = open(ModelOptions.defaults().withKvType(DType.F32))) {
      int[] tokens = moineau.tokenize("Once upon a time, there was a little girl named Lily.");
      Evaluator.Evaluation whole = moineau.evaluator().evaluate(tokens, 0, 16);
      Evaluator.Evaluation single = moineau.evaluator().evaluate(tokens, 1, 16);
      assertThat(single.greedy()).isEqualTo(whole.greedy());
      assertThat(single.positionArgmax()).isEqualTo(whole.positionArgmax());
      for (int i = 0; i < whole.lastLogits().length; i++) {
        assertThat(single.lastLogits()[i])
            .isCloseTo(whole.lastLogits()[i], org.assertj.core.data.Offset.offset(1e-3f));
      }
    }
  }
}
