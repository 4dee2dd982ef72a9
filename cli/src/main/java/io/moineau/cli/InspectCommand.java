package io.moineau.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufFinding;
import io.moineau.format.GgufMetadata;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is in a file. */
@Command(
    name = "inspect",
    header = "What is in a file, how much memory it needs, and any damage.",
    description = {
      "",
      "Shows the architecture, parameters in all and active per token, weight types, memory for each",
      "context length, tokenizer and chat template. The structure of the file is always checked;",
      "the weights are read through for damage if they are small, or with --check.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau inspect model.gguf",
      "  moineau inspect model.gguf --check --tensors",
      "  moineau inspect model.gguf --json",
      "  moineau inspect model.gguf --kubernetes > deploy/kubernetes/example/model-patch.yaml"
    })
final class InspectCommand extends Job {
  /** Weights up to this size are read through without being asked to. */
  private static final long SMALL_BYTES = 512L << 20;

  @Parameters(paramLabel = "FILE", arity = "0..1", description = "GGUF file, unless -m names it.")
  private @Nullable Path file;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "FILE",
      description = "GGUF file (of a split model, any of its files).")
  private @Nullable Path model;

  @Option(names = "--check", description = "Read all weights and look for damage.")
  private boolean check;

  @Option(names = "--tensors", description = "List every tensor.")
  private boolean tensors;

  @Option(names = "--metadata", description = "List the metadata.")
  private boolean metadata;

  @Option(names = "--json", description = "Print everything as JSON.")
  private boolean json;

  @Mixin private KubernetesPatch kubernetes = new KubernetesPatch();

  InspectCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    Path path = file != null ? file : model;
    if (path == null) {
      throw usage("no file was named");
    }
    try (GgufFile gguf = GgufFile.open(path)) {
      ModelShape shape = ModelShape.of(gguf);
      if (kubernetes.asked()) {
        kubernetes.lines(this, gguf, shape).forEach(this::print);
        return ExitCode.OK;
      }
      boolean read = check || gguf.tensorBytes() <= SMALL_BYTES;
      List<GgufFinding> findings = read ? findings(gguf) : List.of();
      if (json) {
        JsonOutput.print(streams().out(), out -> write(out, gguf, shape, read, findings));
      } else {
        report(gguf, shape, read, findings);
      }
      boolean damaged =
          findings.stream().anyMatch(f -> f.severity() == GgufFinding.Severity.DAMAGE);
      return damaged ? ExitCode.ERROR : ExitCode.OK;
    }
  }

  private List<GgufFinding> findings(GgufFile gguf) {
    try (ProgressBar bar = new ProgressBar(streams(), "checking", gguf.tensorBytes())) {
      return gguf.check(done -> bar.update(done, ""));
    }
  }

  private void report(GgufFile gguf, ModelShape shape, boolean read, List<GgufFinding> findings) {
    GgufMetadata data = gguf.metadata();
    fact(
        "file",
        gguf.path()
            + (gguf.files().size() > 1 ? " and " + (gguf.files().size() - 1) + " more" : ""));
    fact(
        "format",
        "GGUF v"
            + gguf.version()
            + ", "
            + order(gguf)
            + ", "
            + Figures.bytes(gguf.fileBytes())
            + ", "
            + gguf.tensors().size()
            + " tensors");
    fact("name", data.findString("general.name").orElse("not named"));
    fact("architecture", shape.architecture().isEmpty() ? "not told" : shape.architecture());
    fact("parameters", parameters(shape));
    if (shape.numExperts() > 0) {
      fact(
          "experts",
          shape.numExpertsPerTok() + " of " + shape.numExperts() + " per token and layer");
    }
    fact(
        "shape",
        shape.numLayers()
            + " layers, width "
            + shape.hiddenSize()
            + ", vocabulary "
            + Figures.grouped(shape.vocabularySize())
            + ", context "
            + Figures.grouped(shape.contextLength()));
    fact(
        "tokenizer",
        data.findString("tokenizer.ggml.model")
            .map(m -> m + data.findString("tokenizer.ggml.pre").map(p -> " (" + p + ")").orElse(""))
            .orElse("none"));
    fact(
        "template",
        data.findString("tokenizer.chat_template")
            .map(t ->
                Figures.grouped(t.length())
                    + " characters (moineau template "
                    + gguf.path().getFileName()
                    + " --show)")
            .orElse("none"));
    print("");
    types(shape).lines("").forEach(this::print);
    if (shape.kvElementsPerToken() > 0) {
      print("");
      memory(gguf, shape).lines("").forEach(this::print);
      print("available now: " + Figures.bytes(Machine.availableMemory()));
    }
    if (metadata) {
      print("");
      metadata(data).lines("").forEach(this::print);
    }
    if (tensors) {
      print("");
      tensors(gguf).lines("").forEach(this::print);
    }
    print("");
    damage(read, findings);
  }

  private void fact(String name, String value) {
    print(new Style(streams().colors()).dim(String.format("%-13s", name)) + SafeText.ofLine(value));
  }

  private static String order(GgufFile gguf) {
    return gguf.byteOrder() == ByteOrder.LITTLE_ENDIAN ? "little endian" : "big endian";
  }

  private static String parameters(ModelShape shape) {
    String all = Figures.count(shape.parameters());
    return shape.activeParameters() < shape.parameters()
        ? all + ", " + Figures.count(shape.activeParameters()) + " active per token"
        : all;
  }

  private static TextTable types(ModelShape shape) {
    TextTable table = new TextTable("type", ">tensors", ">weights", ">size", ">bits per weight");
    for (Map.Entry<DType, long[]> entry : shape.types().entrySet()) {
      long[] of = entry.getValue();
      table.row(
          entry.getKey(),
          of[0],
          Figures.count(of[1]),
          Figures.bytes(of[2]),
          Figures.decimal(8.0 * of[2] / Math.max(1, of[1]), 2));
    }
    return table;
  }

  private static List<Long> contexts(ModelShape shape) {
    long longest = shape.contextLength() > 0 ? shape.contextLength() : 4096;
    List<Long> contexts = new ArrayList<>();
    for (long context = 2048; context < longest && contexts.size() < 8; context *= 4) {
      contexts.add(context);
    }
    contexts.add(longest);
    return contexts;
  }

  private static TextTable memory(GgufFile gguf, ModelShape shape) {
    TextTable table = new TextTable(">context", ">KV f16", ">KV q8_0", ">with weights (f16)", "");
    long free = Machine.availableMemory();
    for (long context : contexts(shape)) {
      long sum = gguf.fileBytes() + shape.kvBytes(DType.F16, context);
      table.row(
          Figures.grouped(context),
          Figures.bytes(shape.kvBytes(DType.F16, context)),
          Figures.bytes(shape.kvBytes(DType.Q8_0, context)),
          Figures.bytes(sum),
          sum <= free ? "fits" : "does not fit");
    }
    return table;
  }

  private static TextTable metadata(GgufMetadata data) {
    TextTable table = new TextTable("key", "value");
    for (String key : data.keys()) {
      table.row(key, data.find(key).map(InspectCommand::brief).orElse(""));
    }
    return table;
  }

  private static String brief(Object value) {
    String text =
        switch (value) {
          case List<?> list ->
              list.size() + " entries: " + list.subList(0, Math.min(4, list.size()));
          case long[] array ->
              array.length
                  + " entries: "
                  + Arrays.toString(Arrays.copyOf(array, Math.min(4, array.length)));
          case float[] array ->
              array.length
                  + " entries: "
                  + Arrays.toString(Arrays.copyOf(array, Math.min(4, array.length)));
          default -> value.toString();
        };
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }

  private static TextTable tensors(GgufFile gguf) {
    TextTable table = new TextTable("tensor", "type", "shape", ">size");
    for (TensorView tensor : gguf.tensors().values()) {
      table.row(
          tensor.name(), tensor.type(), tensor.shape(), Figures.bytes(tensor.data().byteSize()));
    }
    return table;
  }

  private void damage(boolean read, List<GgufFinding> findings) {
    if (!read) {
      print("damage: none in the structure; the weights were not read (--check reads them)");
    } else if (findings.isEmpty()) {
      print("damage: none found");
    }
    for (GgufFinding finding : findings) {
      print(
          finding.severity().toString().toLowerCase(java.util.Locale.ROOT)
              + ": "
              + SafeText.ofLine(finding.subject() + ": " + finding.detail())
              + " ("
              + finding.code()
              + ")");
    }
  }

  private void write(
      JsonGenerator out, GgufFile gguf, ModelShape shape, boolean read, List<GgufFinding> findings)
      throws IOException {
    GgufMetadata data = gguf.metadata();
    out.writeStringField("file", gguf.path().toString());
    out.writeNumberField("files", gguf.files().size());
    out.writeNumberField("version", gguf.version());
    out.writeStringField("byte_order", order(gguf));
    out.writeNumberField("file_bytes", gguf.fileBytes());
    out.writeStringField("name", data.findString("general.name").orElse(""));
    out.writeStringField("architecture", shape.architecture());
    out.writeNumberField("parameters", shape.parameters());
    out.writeNumberField("active_parameters", shape.activeParameters());
    out.writeNumberField("layers", shape.numLayers());
    out.writeNumberField("hidden_size", shape.hiddenSize());
    out.writeNumberField("experts", shape.numExperts());
    out.writeNumberField("experts_per_token", shape.numExpertsPerTok());
    out.writeNumberField("context_length", shape.contextLength());
    out.writeNumberField("vocab_size", shape.vocabularySize());
    out.writeStringField("tokenizer", data.findString("tokenizer.ggml.model").orElse(""));
    out.writeBooleanField("chat_template", data.findString("tokenizer.chat_template").isPresent());
    out.writeArrayFieldStart("types");
    for (Map.Entry<DType, long[]> entry : shape.types().entrySet()) {
      out.writeStartObject();
      out.writeStringField("type", entry.getKey().toString());
      out.writeNumberField("tensors", entry.getValue()[0]);
      out.writeNumberField("weights", entry.getValue()[1]);
      out.writeNumberField("bytes", entry.getValue()[2]);
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeArrayFieldStart("memory");
    for (long context : contexts(shape)) {
      out.writeStartObject();
      out.writeNumberField("context", context);
      out.writeNumberField("kv_f16_bytes", shape.kvBytes(DType.F16, context));
      out.writeNumberField("kv_q8_0_bytes", shape.kvBytes(DType.Q8_0, context));
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeArrayFieldStart("tensors");
    for (TensorView tensor : gguf.tensors().values()) {
      out.writeStartObject();
      out.writeStringField("name", tensor.name());
      out.writeStringField("type", tensor.type().toString());
      out.writeFieldName("shape");
      long[] dims = tensor.shape().toArray();
      out.writeArray(dims, 0, dims.length);
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeBooleanField("weights_checked", read);
    out.writeArrayFieldStart("findings");
    for (GgufFinding finding : findings) {
      out.writeStartObject();
      out.writeStringField("severity", finding.severity().toString());
      out.writeStringField("code", finding.code());
      out.writeStringField("subject", finding.subject());
      out.writeStringField("detail", finding.detail());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
