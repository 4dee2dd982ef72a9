package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.LoraOption;
import io.moineau.cli.CommandLineTest.Result;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.testkit.TinyModels;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters on the command line: beside the weights, and merged. */
class LoraCommandsTest {
  private static final String WEIGHT = "blk.1.ffn_down.weight";

  @TempDir Path folder;
  private String model;
  private String adapter;

  @BeforeEach
  void write() {
    model = TinyModels.llama(1).write(folder.resolve("model.gguf")).toString();
    GgufWriter writer = new GgufWriter();
    writer.metadata("general.type", GgufValue.string("adapter"));
    writer.metadata("adapter.type", GgufValue.string("lora"));
    writer.metadata("general.architecture", GgufValue.string("llama"));
    writer.metadata("adapter.lora.alpha", GgufValue.float32(4));
    Random random = new Random(1);
    tensor(writer, WEIGHT + ".lora_a", random, 2, 128);
    tensor(writer, WEIGHT + ".lora_b", random, 64, 2);
    Path path = folder.resolve("adapter.gguf");
    writer.write(path);
    adapter = path.toString();
  }

  private static void tensor(GgufWriter writer, String name, Random random, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    writer.tensor(name, DType.F32, shape, MemorySegment.ofArray(values));
  }

  private static String logits(String model, String... more) {
    String[] words = {"logits", "-m", model, "--tokens", "5,6,7", "-n", "4"};
    String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    Result result = CommandLineTest.run("", all);
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }

  @Test
  void logits_withAdapter_areThoseOfTheMergedModel() {
    String merged = folder.resolve("merged.gguf").toString();
    Result result =
        CommandLineTest.run("", "merge", model, merged, "--lora", adapter + ":0.5", "-t", "1");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("merged.gguf: 1 weight of ");
    String plain = logits(model);
    String beside = logits(model, "--lora", adapter + ":0.5");
    assertThat(beside).isNotEqualTo(plain).isEqualTo(logits(merged));
    assertThat(logits(model, "--lora", adapter + ":0.5", "--lora", adapter + ":-0.5"))
        .isEqualTo(plain);
  }

  @Test
  void lora_toPeftAndBack_runsTheSame() throws Exception {
    String peft = folder.resolve("peft").toString();
    String back = folder.resolve("back.gguf").toString();
    Result to = CommandLineTest.run("", "lora", model, adapter, peft);
    assertThat(to.code()).as(to.err()).isZero();
    assertThat(folder.resolve("peft/adapter_config.json")).isNotEmptyFile();
    assertThat(CommandLineTest.run("", "lora", model, peft, back).code()).isZero();
    String beside = logits(model, "--lora", adapter + ":0.5");
    assertThat(logits(model, "--lora", back + ":0.5")).isEqualTo(beside);
    assertThat(logits(model, "--lora", peft + ":0.5")).isEqualTo(beside);
    String merged = folder.resolve("merged.gguf").toString();
    Result merge = CommandLineTest.run("", "merge", model, merged, "--lora", peft + ":0.5");
    assertThat(merge.code()).as(merge.err()).isZero();
    assertThat(logits(merged)).isEqualTo(beside);
    Result exists = CommandLineTest.run("", "lora", model, peft, back);
    assertThat(exists.code()).isEqualTo(ExitCode.ERROR);
    assertThat(exists.err()).contains("back.gguf").contains("--overwrite");
    Result wrong = CommandLineTest.run("", "lora", model, adapter, folder.resolve("x.gguf") + "");
    assertThat(wrong.code()).isEqualTo(ExitCode.USAGE);
    Files.writeString(
        folder.resolve("peft/adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"use_dora\": true}");
    Result dora = CommandLineTest.run("", "run", "-m", model, "--lora", peft, "-n", "1", "x");
    assertThat(dora.code()).isEqualTo(ExitCode.ERROR);
    assertThat(dora.err()).contains("use_dora=true");
  }

  @Test
  void merge_outputThatExists_isRefusedUnlessAllowed() throws Exception {
    Path output = Files.writeString(folder.resolve("there.gguf"), "mine");
    Result refused = CommandLineTest.run("", "merge", model, output.toString(), "--lora", adapter);
    assertThat(refused.code()).isEqualTo(ExitCode.ERROR);
    assertThat(refused.err()).contains("there.gguf");
    assertThat(Files.readString(output)).isEqualTo("mine");
    Result replaced =
        CommandLineTest.run(
            "", "merge", model, output.toString(), "--lora", adapter, "--overwrite");
    assertThat(replaced.code()).as(replaced.err()).isZero();
  }

  @Test
  void wrongUsage_isNamed() {
    assertThat(CommandLineTest.run("", "merge", model, "--lora", adapter).code())
        .isEqualTo(ExitCode.USAGE);
    Result type =
        CommandLineTest.run("", "merge", model, "o.gguf", "--lora", adapter, "--type", "Q9");
    assertThat(type.code()).isEqualTo(ExitCode.USAGE);
    assertThat(type.err()).contains("Q9").contains("F16");
    Result noAdapter = CommandLineTest.run("", "run", "-m", model, "--lora", model, "-n", "1", "x");
    assertThat(noAdapter.code()).isEqualTo(ExitCode.ERROR);
    assertThat(noAdapter.err()).contains("no LoRA adapter").contains("general.type=");
  }

  @Test
  void argument_scaleBehindAColon() throws Exception {
    assertThat(LoraArgument.parse("a.gguf:0.25"))
        .isEqualTo(new LoraOption(Path.of("a.gguf"), 0.25f));
    assertThat(LoraArgument.parse("a.gguf")).isEqualTo(LoraOption.of(Path.of("a.gguf")));
    assertThat(LoraArgument.parse("C:a.gguf")).isEqualTo(LoraOption.of(Path.of("C:a.gguf")));
    Path odd = Files.createFile(folder.resolve("a:2"));
    assertThat(LoraArgument.parse(odd.toString())).isEqualTo(LoraOption.of(odd));
  }
}
