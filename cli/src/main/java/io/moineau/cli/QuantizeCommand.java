package io.moineau.cli;

import io.moineau.format.GgufFile;
import io.moineau.kernels.quant.FileType;
import io.moineau.model.quantize.GgufQuantizer;
import io.moineau.model.quantize.QuantizeOptions;
import io.moineau.model.quantize.QuantizeSummary;
import io.moineau.model.quantize.QuantizedTensor;
import io.moineau.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A GGUF file in other weight types. */
@Command(
    name = "quantize",
    header = "Write a GGUF file in other weight types: F32, F16 or BF16 to Q8_0, Q4_K_M, ...",
    description = {
      "",
      "The mixture of types is that of llama-quantize without an importance matrix. OUTPUT may be left",
      "out: it is then the input's name with the type. --list shows the types.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau quantize model-f16.gguf Q4_K_M",
      "  moineau quantize model-f16.gguf small.gguf Q6_K -t 8 --error",
      "  moineau quantize model-f16.gguf Q4_K_M --dry-run"
    })
final class QuantizeCommand extends Job {
  @Parameters(
      paramLabel = "INPUT [OUTPUT] TYPE",
      arity = "0..3",
      description = "The file to read, the one to write, and the type.")
  private List<String> words = List.of();

  @Option(
      names = {"-m", "--model"},
      paramLabel = "FILE",
      description = "The file to read, instead of INPUT.")
  private @Nullable Path model;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads; 0: one per processor.")
  private int threads;

  @Option(names = "--error", description = "Measure each tensor's error (root mean square).")
  private boolean error;

  @Option(
      names = "--allow-requantize",
      description = "Quantise again what is quantised already, which adds both errors.")
  private boolean allowRequantize;

  @Option(names = "--overwrite", description = "Replace the output if it is there.")
  private boolean overwrite;

  @Option(
      names = "--dry-run",
      description = "Show the types that tensors would get; write nothing.")
  private boolean dryRun;

  @Option(names = "--list", description = "List the types.")
  private boolean list;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  QuantizeCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    if (list) {
      types().lines("").forEach(this::print);
      return ExitCode.OK;
    }
    List<String> rest = words;
    Path source = model;
    if (source == null && !rest.isEmpty()) {
      source = Path.of(rest.getFirst());
      rest = rest.subList(1, rest.size());
    }
    if (source == null || rest.isEmpty() || rest.size() > 2) {
      throw usage(
          "give the file to read, the type, and between them the file to write if you like");
    }
    FileType type = type(rest.getLast());
    if (dryRun) {
      plan(source, type);
      return ExitCode.OK;
    }
    Path target = rest.size() == 2 ? Path.of(rest.getFirst()) : named(source, type);
    if (threads < 0 || threads > 1024) {
      throw usage("--threads is " + threads + ", but must be 0 to 1024");
    }
    QuantizeOptions options = new QuantizeOptions(type, threads, allowRequantize, error, overwrite);
    report(run(source, target, options));
    return ExitCode.OK;
  }

  private static TextTable types() {
    TextTable table = new TextTable("type", ">bits per weight of its main type");
    for (FileType type : FileType.values()) {
      table.row(type, Figures.decimal(type.type().bitsPerWeight(), 2));
    }
    return table;
  }

  private static FileType type(String word) {
    return FileType.fromName(word)
        .orElseThrow(() ->
            new CliException(
                "quantize-unknown-type",
                "no such type to quantise to",
                word,
                Arrays.stream(FileType.values())
                    .map(Enum::toString)
                    .collect(Collectors.joining(", ")),
                "name one of these last"));
  }

  private static Path named(Path source, FileType type) {
    String name = String.valueOf(source.getFileName());
    String stem =
        name.toLowerCase(Locale.ROOT).endsWith(".gguf")
            ? name.substring(0, name.length() - 5)
            : name;
    return source.resolveSibling(stem + "-" + type + ".gguf");
  }

  private void plan(Path source, FileType type) {
    try (GgufFile file = GgufFile.open(source)) {
      TextTable table = new TextTable("tensor", "from", "to");
      GgufQuantizer.plan(file, type)
          .forEach((name, to) -> table.row(name, file.tensor(name).type(), to));
      table.lines("").forEach(this::print);
    }
  }

  private QuantizeSummary run(Path source, Path target, QuantizeOptions options) {
    if (Files.isDirectory(target)) {
      throw new CliException(
          "not-a-file", "the output is a directory", target.toString(), "a file", "name a file");
    }
    try (Progress progress = new Progress()) {
      return GgufQuantizer.quantize(source, target, options, progress::done);
    }
  }

  /** The bar is made when the size is known. */
  private final class Progress implements AutoCloseable {
    private @Nullable ProgressBar bar;

    void done(long bytes, long all, QuantizedTensor tensor) {
      if (bar == null) {
        bar = new ProgressBar(streams(), "quantize", all);
      }
      bar.update(bytes, SafeText.ofLine(tensor.name()));
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }

  private void report(QuantizeSummary summary) {
    if (json) {
      writeJson(summary);
      return;
    }
    Map<DType, long[]> after = new EnumMap<>(DType.class);
    for (QuantizedTensor tensor : summary.tensors()) {
      long[] of = after.computeIfAbsent(tensor.to(), type -> new long[2]);
      of[0]++;
      of[1] += tensor.bytesAfter();
    }
    if (error) {
      TextTable tensors = new TextTable("tensor", "from", "to", ">error (RMS)");
      for (QuantizedTensor tensor : summary.tensors()) {
        tensors.row(
            tensor.name(),
            tensor.from(),
            tensor.to(),
            Double.isNaN(tensor.rmse()) ? "" : String.format(Locale.ROOT, "%.3e", tensor.rmse()));
      }
      tensors.lines("").forEach(this::print);
      print("");
    }
    TextTable table = new TextTable("type", ">tensors", ">size");
    after.forEach((type, of) -> table.row(type, of[0], Figures.bytes(of[1])));
    table.lines("").forEach(this::print);
    print("");
    print(
        summary.output()
            + ": "
            + summary.target()
            + ", "
            + Figures.bytes(summary.fileBytes())
            + ", "
            + Figures.decimal(summary.bitsPerWeightBefore(), 2)
            + " to "
            + Figures.decimal(summary.bitsPerWeightAfter(), 2)
            + " bits per weight");
  }

  private void writeJson(QuantizeSummary summary) {
    JsonOutput.print(
        streams().out(),
        out -> {
          out.writeStringField("output", summary.output().toString());
          out.writeStringField("type", summary.target().toString());
          out.writeNumberField("file_bytes", summary.fileBytes());
          out.writeNumberField("bits_per_weight_before", summary.bitsPerWeightBefore());
          out.writeNumberField("bits_per_weight_after", summary.bitsPerWeightAfter());
          out.writeArrayFieldStart("tensors");
          for (QuantizedTensor tensor : summary.tensors()) {
            out.writeStartObject();
            out.writeStringField("name", tensor.name());
            out.writeStringField("from", tensor.from().toString());
            out.writeStringField("to", tensor.to().toString());
            if (!Double.isNaN(tensor.rmse())) {
              out.writeNumberField("rmse", tensor.rmse());
            }
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }
}
