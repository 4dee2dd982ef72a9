package io.moineau.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.TokenCountEstimator;
import dev.langchain4j.model.output.Response;
import io.moineau.Message;
import io.moineau.Pooling;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scores, vectors and counts of tokens. */
final class MoineauVectorsTest {
  @Test
  void scores_standInTheOrderOfTheTexts() {
    MoineauScoringModel model = MoineauScoringModel.of(TinyChat.shared());
    Response<List<Double>> scores =
        model.scoreAll(
            List.of(TextSegment.from("a river"), TextSegment.from("a sparrow")), "a sparrow");
    assertThat(scores.content().get(1)).isGreaterThan(scores.content().get(0)).isGreaterThan(0.999);
    assertThat(scores.tokenUsage().inputTokenCount()).isGreaterThan(5);
    assertThat(model.score("a river", "a sparrow").content())
        .isCloseTo(scores.content().get(0), offset(1e-4));
  }

  @Test
  void vectors_ofAnotherPooling_differ() {
    MoineauEmbeddingModel model = MoineauEmbeddingModel.of(TinyChat.shared());
    assertThat(model.withPooling(Pooling.LAST).embed("a sparrow").content())
        .isNotEqualTo(model.withPooling(Pooling.CLS).embed("a sparrow").content());
  }

  @Test
  void tokens_areCountedAsTheModelWouldReadThem() {
    TokenCountEstimator counts = MoineauTokenCountEstimator.of(TinyChat.shared());
    assertThat(counts.estimateTokenCountInText("a sparrow"))
        .isEqualTo(TinyChat.shared().tokenize("a sparrow", false, false).length);
    assertThat(
            counts.estimateTokenCountInMessages(
                List.of(SystemMessage.from("Be brief."), UserMessage.from("a sparrow"))))
        .isEqualTo(
            TinyChat.shared()
                .countTokens(List.of(Message.system("Be brief."), Message.user("a sparrow"))));
    assertThat(counts.estimateTokenCountInMessage(AiMessage.from("a sparrow")))
        .isGreaterThanOrEqualTo(counts.estimateTokenCountInText("a sparrow"));
    assertThat(counts.estimateTokenCountInMessages(List.of())).isZero();
  }
}
