package io.moineau.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;

/** Vectors as Spring AI has them. */
final class MoineauEmbeddingModelTest {
  private static final MoineauEmbeddingModel MODEL = new MoineauEmbeddingModel(TinyChat.shared());

  @Test
  void vectors_ofTexts_standInTheirOrder() {
    EmbeddingResponse response = MODEL.embedForResponse(List.of("a sparrow", "a river"));
    assertThat(response.getResults()).hasSize(2);
    assertThat(response.getResults().get(1).getIndex()).isEqualTo(1);
    assertThat(response.getMetadata().getUsage().getPromptTokens()).isGreaterThan(3);
    float[] river = MODEL.embed(new Document("a river"));
    assertThat(river).hasSize(MODEL.dimensions());
    assertThat(response.getResults().get(1).getOutput()).containsExactly(river, offset(1e-4f));
    assertThat(response.getResults().get(0).getOutput()[0]).isNotEqualTo(river[0]);
  }

  @Test
  void options_thatAreNotSupported_areRefusedByName() {
    assertThatThrownBy(() -> ask(EmbeddingOptions.builder().dimensions(8).build()))
        .hasMessageContaining("dimensions=8");
    assertThatThrownBy(() -> ask(EmbeddingOptions.builder().model("nowhere").build()))
        .hasMessageContaining("nowhere");
  }

  private static void ask(EmbeddingOptions options) {
    MODEL.call(new EmbeddingRequest(List.of("a"), options));
  }
}
