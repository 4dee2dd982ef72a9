package io.moineau.springai.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.Moineau;
import io.moineau.springai.MoineauChatModel;
import io.moineau.springai.MoineauEmbeddingModel;
import io.moineau.springai.SpringAiException;
import io.moineau.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What properties make of an application's context. */
final class MoineauAutoConfigurationTest {
  @TempDir static Path folder;
  private static Path file;

  @BeforeAll
  static void write() throws IOException {
    file = folder.resolve("tiny.gguf");
    TinyModels.qwen3moe(5).maxPositionEmbeddings(256).write(file);
  }

  private static ApplicationContextRunner runner(String... properties) {
    return new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                MoineauAutoConfiguration.class,
                ToolCallingAutoConfiguration.class,
                ChatClientAutoConfiguration.class))
        .withPropertyValues("spring.ai.moineau.threads=1")
        .withPropertyValues(properties);
  }

  private static String model() {
    return "spring.ai.moineau.model=" + file;
  }

  @Test
  void properties_areTheModelsOptions_andTheModelIsClosedWithTheContext() {
    AtomicReference<Moineau> opened = new AtomicReference<>();
    runner(
            model(),
            "spring.ai.moineau.context-length=128",
            "spring.ai.moineau.kv-type=q8_0",
            "spring.ai.moineau.provider=scalar",
            "spring.ai.moineau.queue-timeout=3s",
            "spring.ai.moineau.chat.temperature=0",
            "spring.ai.moineau.chat.max-tokens=7")
        .run(context -> {
          assertThat(context).hasNotFailed();
          Moineau moineau = context.getBean(Moineau.class);
          opened.set(moineau);
          assertThat(moineau.card().contextLength()).isEqualTo(128);
          assertThat(moineau.card().provider()).isEqualTo("scalar");
          MoineauChatModel model = context.getBean(MoineauChatModel.class);
          assertThat(model.getOptions().getMaxTokens()).isEqualTo(7);
          assertThat(model.getOptions().getTemperature()).isZero();
          assertThat(context.getBean(EmbeddingModel.class).dimensions()).isPositive();
          String text =
              context.getBean(ChatClient.Builder.class).build().prompt().user("a").call().content();
          assertThat(text).isNotEmpty();
        });
    assertThatThrownBy(() -> opened.get().tokenize("a")).hasMessageContaining("closed");
  }

  @Test
  void context_withAModelOfItsOwn_keepsIt() {
    try (Moineau own = Moineau.open(file)) {
      runner()
          .withBean(
              "mine", Moineau.class, () -> own, definition -> definition.setDestroyMethodName(""))
          .run(context -> {
            assertThat(context.getBean(Moineau.class)).isSameAs(own);
            assertThat(context).hasSingleBean(ChatModel.class);
          });
    }
  }

  @Test
  void starter_notChosen_makesNoModelOfThatKind() {
    runner(model(), "spring.ai.model.chat=openai", "spring.ai.model.embedding=moineau")
        .run(context ->
            assertThat(context)
                .doesNotHaveBean(MoineauChatModel.class)
                .hasSingleBean(MoineauEmbeddingModel.class));
  }

  @Test
  void model_missing_isSaidWithWhatToDo() {
    runner()
        .run(context -> {
          assertThat(context).hasFailed();
          FailureAnalysis analysis =
              new MoineauFailureAnalyzer().analyze(context.getStartupFailure());
          assertThat(analysis.getCause()).isInstanceOf(SpringAiException.class);
          assertThat(analysis.getDescription())
              .contains("spring.ai.moineau.model", "demonstration");
          assertThat(analysis.getAction()).startsWith("set it");
        });
  }

  @Test
  void model_notThere_failsTheStartWithItsPath() {
    runner("spring.ai.moineau.model=" + folder.resolve("no.gguf"))
        .run(context ->
            assertThat(new MoineauFailureAnalyzer().analyze(context.getStartupFailure()))
                .extracting(FailureAnalysis::getDescription)
                .asString()
                .contains("no.gguf"));
  }
}
