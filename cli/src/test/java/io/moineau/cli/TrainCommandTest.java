package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.cli.CommandLineTest.Result;
import io.moineau.testkit.TinyText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainCommandTest {
  @TempDir private Path folder;
  private String recipe;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("words.txt"), TinyText.sentences(1, 300));
    Path file = folder.resolve("sparrow.yaml");
    Files.writeString(
        file,
        """
        name: sparrow
        validation: 0
        data: [{file: words.txt}]
        vocabulary: {size: 300}
        model:
          attention: gqa
          contextLength: 32
          hiddenSize: 32
          numHiddenLayers: 1
          intermediateSize: 32
          numAttentionHeads: 2
          headDim: 16
        training: {steps: 6, batchTokens: 64, microBatchTokens: 64, checkpointEvery: 3}
        """);
    recipe = file.toString();
  }

  @Test
  void train_thenRun_says() {
    Result result = CommandLineTest.run("", "train", recipe, "-t", "1");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("sparrow.gguf: trained in 6 steps", "report.html");
    assertThat(result.err()).contains("step 6/6, loss ");
    String model = folder.resolve("sparrow.gguf").toString();
    assertThat(CommandLineTest.run("", "run", model, "-n", "3", "the").code()).isZero();
    Result again = CommandLineTest.run("", "train", recipe);
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).contains("--resume");
    String other = folder.resolve("other.gguf").toString();
    assertThat(CommandLineTest.run("", "train", recipe, "--export", other).out())
        .contains("after step 6 of 6");
    assertThat(folder.resolve("other.gguf")).hasSameBinaryContentAs(folder.resolve("sparrow.gguf"));
  }

  @Test
  void train_check_saysWhatIsAskedFor() {
    Result result = CommandLineTest.run("", "train", recipe, "--check");
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("sparrow: qwen3", "6 steps of 64, AdamW");
    assertThat(folder.resolve("sparrow.run")).doesNotExist();
  }

  @Test
  void train_withAMistake_namesTheLine() throws IOException {
    Path file = Path.of(recipe);
    Files.writeString(file, Files.readString(file).replace("headDim: 16", "headDim: 15"));
    Result result = CommandLineTest.run("", "train", recipe);
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("line 12", "model.headDim is 15", "an even number");
  }
}
