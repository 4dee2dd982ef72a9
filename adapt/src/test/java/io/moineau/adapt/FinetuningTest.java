package io.moineau.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.LoraOption;
import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.Sampling;
import io.moineau.error.MoineauException;
import io.moineau.format.GgufFile;
import io.moineau.tensor.DType;
import io.moineau.testkit.TinyModels;
import io.moineau.testkit.WeightEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinetuningTest {
  private static final String ANSWER = "a bird";

  @TempDir private Path folder;
  private Path model;
  private Path data;

  @BeforeEach
  void write() throws IOException {
    model =
        TinyModels.qwen3moe(3)
            .weights(DType.Q8_0, WeightEncoder.PLAIN)
            .write(folder.resolve("model.gguf"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      lines.append(
          """
          {"messages": [{"role": "user", "content": "say %s"}, {"role": "assistant", "content": "%s"}]}
          """
              .formatted(i % 2 == 0 ? "one" : "two", ANSWER));
    }
    data = Files.writeString(folder.resolve("chats.jsonl"), lines);
  }

  private FinetuneOptions options(String out) {
    return FinetuneOptions.of(model, data, folder.resolve(out))
        .withRank(4, 8)
        .withLearningRate(0.01)
        .withEpochs(10)
        .withBatch(4)
        .withThreads(1);
  }

  private static final TrainingListener SILENT = new TrainingListener() {};

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

  private static long sum(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(Files.readAllBytes(file));
    return crc.getValue();
  }

  @Test
  void finetuning_learnsItsChats_andTheEngineSpeaksThem() throws IOException {
    long before = sum(model);
    FinetuneOptions options = options("adapter.gguf").withEpochs(10);
    Finetuning.Result result = Finetuning.run(options, SILENT);
    assertThat(result.finished()).isTrue();
    assertThat(result.step()).isEqualTo(70); // 28 chats in steps of 4, ten times
    assertThat(result.lossBefore()).isGreaterThan(3); // nearly that of chance, ln 512
    // Low-rank changes do not reach the output matrix, whose logits are small here.
    assertThat(result.lossAfter()).isLessThan(0.6);
    assertThat(sum(model)).isEqualTo(before);
    assertThat(options.run().resolve("report.html")).isNotEmptyFile();
    assertThat(Files.readString(options.run().resolve("report.html"))).contains("rank: 4", "<svg");
    try (Moineau plain = Moineau.open(model, ModelOptions.defaults().withThreads(1));
        Moineau tuned =
            Moineau.open(
                model,
                ModelOptions.defaults()
                    .withThreads(1)
                    .withAdapters(List.of(LoraOption.of(result.file()))))) {
      Sampling greedy = Sampling.greedy().withMaxTokens(12);
      List<io.moineau.Message> question = List.of(io.moineau.Message.user("say two"));
      assertThat(tuned.chat(question, greedy).text()).isEqualTo(ANSWER);
      assertThat(plain.chat(question, greedy).text()).isNotEqualTo(ANSWER);
    }
    assertThatThrownBy(() -> Finetuning.run(options, SILENT))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("--resume");
  }

  @Test
  void finetuning_stoppedTwice_endsInTheSameBytes() {
    FinetuneOptions whole = options("adapter.gguf").withEpochs(2);
    Path parts = folder.resolve("parts");
    FinetuneOptions stopped =
        FinetuneOptions.of(model, data, parts.resolve("adapter.gguf"))
            .withRank(4, 8)
            .withLearningRate(0.01)
            .withEpochs(2)
            .withBatch(4)
            .withThreads(2);
    assertThat(Finetuning.run(whole, SILENT).finished()).isTrue();
    assertThat(parts.toFile().mkdir()).isTrue();
    assertThat(Finetuning.run(stopped, stopsAfter(3)).finished()).isFalse();
    assertThat(stopped.out()).doesNotExist();
    assertThat(Finetuning.run(stopped.withResume(true).withThreads(1), stopsAfter(5)).step())
        .isEqualTo(8);
    Finetuning.Result result = Finetuning.run(stopped.withResume(true), SILENT);
    assertThat(result.finished()).isTrue();
    assertThat(result.lossBefore()).isNotNaN();
    assertThat(stopped.out()).hasSameBinaryContentAs(whole.out());
    assertThatThrownBy(
            () -> Finetuning.run(stopped.withResume(true).withLearningRate(0.02), SILENT))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("the model or an option");
  }

  @Test
  void finetuning_forPeft_writesWhatRuns() {
    FinetuneOptions options =
        options("peft")
            .withFormat(FinetuneOptions.Format.PEFT)
            .withEpochs(2)
            .withProducts(FinetuneOptions.Products.BFLOAT16);
    Finetuning.Result result = Finetuning.run(options, SILENT);
    assertThat(result.lossAfter()).isLessThan(result.lossBefore());
    assertThat(result.file().resolve("adapter_config.json")).isNotEmptyFile();
    try (Moineau tuned =
        Moineau.open(
            model,
            ModelOptions.defaults()
                .withThreads(1)
                .withAdapters(List.of(LoraOption.of(result.file()))))) {
      assertThat(tuned.card().notes()).anyMatch(note -> note.contains("rank 4"));
    }
  }

  @Test
  void check_saysWhatWouldBeDone_andWritesNothing() {
    Finetuning.Plan plan = Finetuning.check(options("adapter.gguf"), SILENT);
    assertThat(plan.chats()).isEqualTo(28);
    assertThat(plan.validation()).isEqualTo(2);
    assertThat(plan.steps()).isEqualTo(70);
    assertThat(plan.learnt()).isLessThan(plan.tokens());
    assertThat(plan.parameters()).isPositive();
    assertThat(plan.seconds()).isPositive();
    assertThat(folder.resolve("adapter.run")).doesNotExist();
  }

  @Test
  void chats_longerThanTheContext_areCutAtATurn() throws IOException {
    Files.writeString(
        data,
        """
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, \
        {"role": "user", "content": "c"}, {"role": "assistant", "content": "%s"}]}
        {"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "b"}]}
        """
            .formatted("word ".repeat(40), "word ".repeat(40)));
    Finetuning.Plan plan = Finetuning.check(with(options("a.gguf"), 32), SILENT);
    assertThat(plan.cut()).isEqualTo(1);
    assertThat(plan.leftOut()).isEqualTo(1);
    assertThat(plan.chats()).isEqualTo(1);
    assertThat(plan.learnt()).isEqualTo(2); // "b" and its end
    Files.writeString(data, Files.readAllLines(data).getLast());
    refused(() -> Finetuning.check(with(options("a.gguf"), 32), SILENT), "finetune-no-chats");
  }

  private static FinetuneOptions with(FinetuneOptions o, int context) {
    return new FinetuneOptions(
        o.model(),
        o.data(),
        o.out(),
        o.format(),
        o.rank(),
        o.alpha(),
        o.epochs(),
        o.learningRate(),
        o.batch(),
        context,
        o.targets(),
        0,
        o.seed(),
        o.resume(),
        o.threads(),
        o.products());
  }

  @Test
  void mistakes_areRefusedBeforeAnythingIsWritten() throws IOException {
    FinetuneOptions good = options("adapter.gguf");
    refused(() -> good.withRank(0, 1), "finetune-bad-option");
    refused(() -> good.withLearningRate(2), "finetune-bad-option");
    Files.writeString(good.out(), "mine");
    refused(() -> Finetuning.run(good, SILENT), "finetune-output-exists");
    Files.delete(good.out());
    refused(() -> Finetuning.run(good.withRank(1024, 1).withEpochs(1), HUGE), "stop");
    Files.writeString(data, "{\"messages\": 1}\n");
    refused(() -> Finetuning.run(good, SILENT), "finetune-bad-data");
    assertThat(good.run()).doesNotExist();
  }

  /** Stops at the line about memory, which comes before anything is allocated or written. */
  private static final TrainingListener HUGE =
      new TrainingListener() {
        @Override
        public void remark(String line) {
          if (line.contains("M parameters")) {
            assertThat(line).containsPattern("[0-9.]+ M parameters for \\d+ weights; \\d+ MB");
            throw new AdaptException("stop", "", "", "", "");
          }
        }
      };

  private static void refused(Runnable call, String code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(MoineauException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /** The trained changes are what the file has: B is zeros at first, and nothing at the end. */
  @Test
  void adapter_hasTheNamesOfLlamaCpp() {
    FinetuneOptions options = options("adapter.gguf").withEpochs(1);
    Finetuning.run(options, SILENT);
    try (GgufFile adapter = GgufFile.open(options.out())) {
      assertThat(adapter.metadata().string("adapter.type")).isEqualTo("lora");
      assertThat(adapter.metadata().findNumber("adapter.lora.alpha")).contains(8.0);
      assertThat(adapter.tensors())
          .containsKeys(
              "blk.0.attn_q.weight.lora_a",
              "blk.0.attn_q.weight.lora_b",
              "blk.1.ffn_down_exps.weight.lora_a");
      assertThat(adapter.tensor("blk.1.ffn_down_exps.weight.lora_a").shape().rank()).isEqualTo(3);
    }
  }
}
