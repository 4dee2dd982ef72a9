package io.moineau.cli;

import io.moineau.engine.peft.AdapterFiles;
import io.moineau.format.GgufFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** An adapter in its other form. */
@Command(
    name = "lora",
    header = "Convert a LoRA adapter between GGUF and PEFT's safetensors.",
    description = {
      "",
      "INPUT in GGUF form becomes a folder OUTPUT with adapter_model.safetensors and",
      "adapter_config.json; a folder or safetensors file of PEFT becomes a GGUF file OUTPUT. MODEL is",
      "the GGUF file that the adapter is for: its names and shapes are needed. Values are kept bit for",
      "bit.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau lora model.gguf adapter.gguf adapter-peft",
      "  moineau lora model.gguf adapter-peft adapter.gguf"
    })
final class LoraCommand extends Job {
  @Parameters(
      paramLabel = "MODEL INPUT OUTPUT",
      arity = "0..3",
      description = "The model, the adapter to read, and what to write.")
  private List<Path> words = List.of();

  @Option(names = "--overwrite", description = "Replace the output if it is there.")
  private boolean overwrite;

  LoraCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    if (words.size() != 3) {
      throw usage("give the model, the adapter to read and what to write");
    }
    Path input = words.get(1);
    Path output = words.get(2);
    boolean toGguf = AdapterFiles.isPeft(input);
    boolean named = output.toString().toLowerCase(Locale.ROOT).endsWith(".gguf");
    if (toGguf != named) {
      throw usage(
          toGguf
              ? "a PEFT adapter becomes a GGUF file: the output must end in .gguf"
              : "a GGUF adapter becomes a folder: the output must not end in .gguf");
    }
    if (Files.exists(output) && !overwrite) {
      throw new CliException(
          "output-exists",
          "the output is there already",
          output.toString(),
          "a new name",
          "name another, or allow it to be replaced with --overwrite");
    }
    try (GgufFile model = GgufFile.open(words.getFirst())) {
      if (toGguf) {
        AdapterFiles.toGguf(input, model, output, this::remark);
      } else {
        AdapterFiles.toPeft(input, model, output);
      }
    }
    print(SafeText.ofLine(output.toString()) + (toGguf ? ": GGUF" : ": PEFT"));
    return ExitCode.OK;
  }
}
