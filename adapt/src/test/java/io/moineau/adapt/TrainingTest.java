package io.moineau.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.Sampling;
import io.moineau.testkit.TinyText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainingTest {
  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      text.append(TinyText.sentences(i, 6)).append("\n<|endoftext|>\n");
    }
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("words.txt.gz")))) {
      out.write(text.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    Files.writeString(
        folder.resolve("chats.jsonl"),
        """
        {"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "good day"}]}
        {"text": "the sparrow sang."}
        """);
  }

  private Recipe recipe(String run, int steps) throws IOException {
    return recipe(run, steps, "numNextnPredictLayers: 0");
  }

  private Recipe recipe(String run, int steps, String shape) throws IOException {
    Path file = folder.resolve(run + ".yaml");
    Files.writeString(
        file,
        """
        name: sparrow
        out: %s.gguf
        run: %s
        seed: 3
        validation: 0.1
        data:
          - file: words.txt.gz
            repeat: 2
          - file: chats.jsonl
        vocabulary: {size: 320}
        model:
          attention: mla
          contextLength: 32
          hiddenSize: 32
          numHiddenLayers: 2
          intermediateSize: 48
          numAttentionHeads: 2
          kvLoraRank: 16
          qkNopeHeadDim: 16
          qkRopeHeadDim: 16
          vHeadDim: 16
          nRoutedExperts: 4
          numExpertsPerTok: 2
          moeIntermediateSize: 16
          nSharedExperts: 1
          firstKDenseReplace: 1
          %s
        training:
          steps: %d
          batchTokens: 256
          microBatchTokens: 128
          learningRate: 0.01
          warmupSteps: 5
          optimizer: muon
          checkpointEvery: 5
          validateEvery: 10
          sampleEvery: 15
        samples: ["The sparrow"]
        """
            .formatted(run, run, shape, steps));
    return Recipe.read(file);
  }

  private static Training.Options options(boolean resume, int threads) {
    return new Training.Options(resume, threads);
  }

  /** Stops after so many steps of this process. */
  private static TrainingListener stopsAfter(int steps) {
    return new TrainingListener() {
      private int done;

      @Override
      public void step(TrainingLog.Row row, int all) {
        done++;
      }

      @Override
      public boolean stops() {
        return done >= steps;
      }
    };
  }

  @Test
  void training_learns_andItsModelRuns() throws IOException {
    Recipe recipe = recipe("whole", 60);
    List<String> samples = new ArrayList<>();
    Training.Result result =
        Training.run(
            recipe,
            options(false, 2),
            new TrainingListener() {
              @Override
              public void sample(int step, String text) {
                samples.add(text);
              }
            });
    assertThat(result.finished()).isTrue();
    List<TrainingLog.Row> rows = result.log().rows();
    assertThat(rows).hasSize(60);
    assertThat(rows.getFirst().loss()).isBetween(5.0, 7.0); // ln 320 is 5.8
    assertThat(rows.getLast().loss()).isLessThan(3.5);
    assertThat(rows.get(9).validationLoss()).isGreaterThan(rows.getLast().validationLoss());
    assertThat(rows.getLast().bitsPerByte()).isBetween(0.1, 3.0);
    assertThat(samples).hasSize(4).allMatch(text -> text.startsWith("The sparrow"));
    for (String name : List.of("report.html", "loss.svg", "experts.svg", "log.csv")) {
      assertThat(recipe.run().resolve(name)).isNotEmptyFile();
    }
    assertThat(Files.readString(recipe.run().resolve("report.html")))
        .contains("<svg", "polyline", "bits per byte")
        .doesNotContain("src=", "href=");
    try (Moineau engine = Moineau.open(result.file(), ModelOptions.defaults().withThreads(1))) {
      String text = engine.complete("The sparrow", Sampling.greedy().withMaxTokens(12)).text();
      assertThat(text).isNotBlank();
      assertThat(engine.chat("hello")).isNotNull();
    }
    assertThatThrownBy(() -> Training.run(recipe, options(false, 1), new TrainingListener() {}))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("--resume");
    Training.Baseline ngrams = Training.ngram(recipe, new TrainingListener() {});
    assertThat(ngrams.loss()).isBetween(0.1, 4.0);
    assertThat(ngrams.bitsPerByte() / ngrams.loss())
        .isCloseTo(
            rows.getLast().bitsPerByte() / rows.getLast().validationLoss(),
            org.assertj.core.api.Assertions.within(1e-9)); // the same tokens and bytes
  }

  @Test
  void training_stoppedTwice_endsInTheSameBytes() throws IOException {
    Recipe whole = recipe("whole", 23, "numNextnPredictLayers: 1");
    Recipe parts = recipe("parts", 23, "numNextnPredictLayers: 1");
    List<TrainingLog.Row> rows =
        Training.run(whole, options(false, 1), new TrainingListener() {}).log().rows();
    assertThat(rows.getFirst().mtpLoss()).isBetween(5.0, 7.0);
    assertThat(rows.getLast().mtpLoss()).isLessThan(rows.getFirst().mtpLoss() - 0.5);
    assertThat(rows.getLast().mtpAccepted()).isBetween(0.01, 1.0);
    assertThat(rows.get(20).mtpAccepted()).isNaN();
    assertThat(Training.run(parts, options(false, 2), stopsAfter(7)).finished()).isFalse();
    assertThat(Training.run(parts, options(true, 1), stopsAfter(6)).step()).isEqualTo(13);
    assertThat(parts.out()).doesNotExist();
    assertThat(Training.run(parts, options(true, 3), new TrainingListener() {}).finished())
        .isTrue();
    assertThat(parts.out()).hasSameBinaryContentAs(whole.out());
    assertThat(Files.readAllLines(parts.run().resolve("log.csv"))).hasSize(24);
    assertThat(Files.readString(parts.run().resolve("report.html")))
        .contains("token after next", "Multi-token prediction");
    // A run that is at its end does nothing but write the model once more.
    Files.delete(parts.out());
    Training.run(parts, options(true, 1), new TrainingListener() {});
    assertThat(parts.out()).hasSameBinaryContentAs(whole.out());
  }

  @Test
  void training_killed_goesOnFromItsCheckpoint() throws Exception {
    Recipe whole = recipe("whole", 40);
    Recipe killed = recipe("killed", 40);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "io.moineau.adapt.TrainingTest$Main",
                folder.resolve("killed.yaml").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("killed.log").toFile())
            .start();
    Path checkpoint = killed.run().resolve("checkpoint.bin");
    for (int i = 0; i < 600 && !Files.exists(checkpoint) && process.isAlive(); i++) {
      Thread.sleep(100);
    }
    process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    assertThat(checkpoint).as(Files.readString(folder.resolve("killed.log"))).exists();
    Training.run(killed, options(true, 1), new TrainingListener() {});
    Training.run(whole, options(false, 1), new TrainingListener() {});
    assertThat(killed.out()).hasSameBinaryContentAs(whole.out());
  }

  /** What the killed process runs: slowly, so that it is in the midst of its steps. */
  static final class Main {
    private Main() {}

    public static void main(String[] args) {
      Training.run(
          Recipe.read(Path.of(args[0])),
          new Training.Options(false, 1),
          new TrainingListener() {
            @Override
            public void step(TrainingLog.Row row, int steps) {
              java.util.concurrent.locks.LockSupport.parkNanos(100_000_000L);
            }
          });
    }
  }

  @Test
  void checkpoint_ofAnotherRecipeOrDataOrDamaged_isRefused() throws IOException {
    Recipe recipe = recipe("run", 30);
    Training.run(recipe, options(false, 1), stopsAfter(2));
    Path checkpoint = recipe.run().resolve("checkpoint.bin");
    Recipe changed = recipe("run", 31);
    assertThatThrownBy(() -> Training.run(changed, options(true, 1), stopsAfter(1)))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("recipe");
    Recipe same = recipe("run", 30);
    Files.writeString(folder.resolve("chats.jsonl"), "{\"text\": \"other words.\"}\n");
    assertThatThrownBy(() -> Training.run(same, options(true, 1), stopsAfter(1)))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("data");
    byte[] bytes = Files.readAllBytes(checkpoint);
    bytes[bytes.length / 2] ^= 1;
    Files.write(checkpoint, bytes);
    assertThatThrownBy(() -> Training.run(same, options(true, 1), stopsAfter(1)))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("checksum");
    Files.write(checkpoint, java.util.Arrays.copyOf(bytes, 1000));
    assertThatThrownBy(() -> Training.run(same, options(true, 1), stopsAfter(1)))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("too soon");
  }

  @Test
  void data_thatIsWrong_isRefusedWithItsLine() throws IOException {
    Recipe recipe = recipe("run", 30);
    Files.writeString(folder.resolve("chats.jsonl"), "{\"text\": \"a\"}\n{\"words\": 1}\n");
    assertThatThrownBy(() -> Training.run(recipe, options(false, 1), stopsAfter(1)))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("chats.jsonl line 2")
        .hasMessageContaining("messages");
  }
}
