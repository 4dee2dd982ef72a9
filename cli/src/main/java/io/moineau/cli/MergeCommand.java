package io.moineau.cli;

import io.moineau.LoraOption;
import io.moineau.engine.peft.AdapterFiles;
import io.moineau.format.GgufFile;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.model.LoraAdapter;
import io.moineau.model.quantize.LoraMerger;
import io.moineau.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A model with adapters added to its weights, as a plain GGUF file. */
@Command(
    name = "merge",
    header = "Add LoRA adapters to a model's weights and write a plain GGUF file.",
    description = {
      "",
      "What no adapter changes is copied byte for byte. What one changes is rounded to its type anew,",
      "which costs a little; --type F16 keeps it more exactly.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau merge model.gguf --lora mine.gguf merged.gguf",
      "  moineau merge model.gguf --lora a.gguf:0.7 --lora b.gguf:0.3 merged.gguf --type F16"
    })
final class MergeCommand extends Job {
  @Parameters(paramLabel = "MODEL OUTPUT", arity = "0..2", description = "What to read and write.")
  private List<Path> words = List.of();

  @Option(
      names = "--lora",
      paramLabel = "FILE[:SCALE]",
      required = true,
      description =
          "An adapter, as GGUF or PEFT's folder or .safetensors, and how much of it (1); may be"
              + " given several times.")
  private List<String> adapters = List.of();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "",
      description = "Type of the weights that change; otherwise the one that each has.")
  private String type = "";

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads; 0: one per processor.")
  private int threads;

  @Option(names = "--overwrite", description = "Replace the output if it is there.")
  private boolean overwrite;

  MergeCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    if (words.size() != 2) {
      throw usage("give the model to read and the file to write");
    }
    if (threads < 0 || threads > 1024) {
      throw usage("--threads is " + threads + ", but must be 0 to 1024");
    }
    @Nullable DType changed = type();
    int team = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    List<LoraAdapter> open = new ArrayList<>();
    try (GgufFile model = GgufFile.open(words.getFirst());
        ProgressBar bar = new ProgressBar(streams(), "merge", model.tensorBytes())) {
      for (String word : adapters) {
        LoraOption option = LoraArgument.parse(word);
        open.add(AdapterFiles.open(option.file(), option.scale(), model, this::remark));
      }
      int count =
          LoraMerger.merge(
              model, open, words.getLast(), overwrite, changed, team, done -> bar.update(done, ""));
      bar.close();
      print(
          SafeText.ofLine(words.getLast().toString())
              + ": "
              + count
              + (count == 1 ? " weight" : " weights")
              + " of "
              + model.tensors().size()
              + " changed");
    } finally {
      open.forEach(LoraAdapter::close);
    }
    return ExitCode.OK;
  }

  private @Nullable DType type() {
    if (type.isEmpty()) {
      return null;
    }
    return BlockCodecs.writableTypes().stream()
        .filter(t -> t.name().equals(type.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() ->
            usage("--type is " + type + ", but can be one of " + BlockCodecs.writableTypes()));
  }
}
