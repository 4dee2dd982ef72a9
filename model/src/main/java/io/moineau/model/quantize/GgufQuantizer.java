package io.moineau.model.quantize;

import io.moineau.format.GgufFile;
import io.moineau.format.GgufMetadata;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.kernels.quant.FileType;
import io.moineau.kernels.quant.QuantizeRecipe;
import io.moineau.model.ModelException;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites a GGUF file in another mixture of weight types, as {@code llama-quantize} does without
 * an importance matrix: the same types, the same bytes, the same order.
 *
 * <p>A {@link QuantizeRecipe} decides, and tensors are written one after the other, a slab at a
 * time, so that memory stays at tens of megabytes whatever the model. The output appears under its
 * name only when it is whole. A split model is read as one and written as one file.
 */
public final class GgufQuantizer {
  // GGML_QNT_VERSION: the layouts of the quantised types as they are since May 2023.
  private static final long QUANTIZATION_VERSION = 2;
  private static final String VERSION_KEY = "general.quantization_version";
  private static final String TYPE_KEY = "general.file_type";
  private static final Set<DType> INTEGERS = EnumSet.of(DType.I8, DType.I16, DType.I32, DType.I64);

  private final GgufFile source;
  private final Path target;
  private final QuantizeOptions options;
  private final QuantizeProgress progress;
  private final List<QuantizedTensor> done = new ArrayList<>();
  private long bytesDone;

  private GgufQuantizer(
      GgufFile source, Path target, QuantizeOptions options, QuantizeProgress progress) {
    this.source = source;
    this.target = target;
    this.options = options;
    this.progress = progress;
  }

  /**
   * Reads {@code source} and writes {@code target}.
   *
   * @param source a GGUF file, or any part of a split one
   * @param target the file to write
   * @return what became of each tensor
   * @throws io.moineau.format.FormatException as {@link GgufFile#open} and {@link GgufWriter#write}
   * @throws ModelException {@code quantize-same-file} if the target is a file of the source; {@code
   *     quantize-target-exists} if it is there and may not be replaced; {@code
   *     quantize-already-quantized} if a tensor is quantised already and that is not allowed;
   *     {@code quant-not-finite}, {@code quant-overflow} for weights that the type cannot hold;
   *     {@code quantize-row-too-long}; {@code quantize-interrupted}
   */
  public static QuantizeSummary quantize(
      Path source, Path target, QuantizeOptions options, QuantizeProgress progress) {
    try (GgufFile file = GgufFile.open(source)) {
      checkTarget(file, target, options.overwrite());
      return new GgufQuantizer(file, target, options, progress).run();
    }
  }

  /**
   * The type that each tensor of a file would get.
   *
   * @return by name, in the order in which they would be written
   */
  public static Map<String, DType> plan(GgufFile source, FileType target) {
    List<QuantizeRecipe.Tensor> tensors = new ArrayList<>();
    for (TensorView tensor : source.tensors().values()) {
      tensors.add(new QuantizeRecipe.Tensor(tensor.name(), tensor.type(), tensor.shape()));
    }
    Map<String, DType> types = recipe(source.metadata(), target).types(tensors);
    // Tables of whole numbers are no weights, whatever they are called.
    types.replaceAll((name, type) -> {
      DType before = source.tensor(name).type();
      return INTEGERS.contains(before) ? before : type;
    });
    return types;
  }

  private static QuantizeRecipe recipe(GgufMetadata metadata, FileType target) {
    String architecture = metadata.findString("general.architecture").orElse("");
    String prefix = architecture + ".";
    int heads = first(metadata, prefix + "attention.head_count", 0);
    return new QuantizeRecipe(
        target,
        architecture,
        first(metadata, prefix + "block_count", 0),
        heads,
        first(metadata, prefix + "attention.head_count_kv", heads),
        first(metadata, prefix + "expert_count", 0));
  }

  /** A hyper-parameter, of the first layer where each has its own. */
  private static int first(GgufMetadata metadata, String key, int absent) {
    long[] values = metadata.findIntegers(key).orElse(new long[0]);
    return values.length == 0 ? absent : Math.clamp(values[0], 0, Integer.MAX_VALUE);
  }

  static void checkTarget(GgufFile source, Path target, boolean overwrite) {
    if (!Files.exists(target)) {
      return;
    }
    for (Path file : source.files()) {
      if (isSame(file, target)) {
        throw new ModelException(
            "quantize-same-file",
            "a model cannot be written over itself",
            target.toString(),
            "another file name",
            "name another output");
      }
    }
    if (!overwrite || !Files.isRegularFile(target)) {
      throw new ModelException(
          "quantize-target-exists",
          "the file to write is there already",
          target.toString(),
          "a name that is free",
          "name another output, or remove that file");
    }
  }

  private static boolean isSame(Path a, Path b) {
    try {
      return Files.isSameFile(a, b);
    } catch (IOException e) {
      // What cannot be compared is taken as the same: better refused than overwritten.
      return true;
    }
  }

  private QuantizeSummary run() {
    Map<String, DType> types = plan(source, options.target());
    checkRequantization(types);
    int threads =
        options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
    GgufWriter writer = new GgufWriter();
    copyMetadata(writer);
    try (TensorQuantizer quantizer = new TensorQuantizer(threads, options.measureError())) {
      types.forEach((name, type) -> add(writer, quantizer, source.tensor(name), type));
      writer.write(target);
    }
    return summary();
  }

  private void copyMetadata(GgufWriter writer) {
    GgufMetadata metadata = source.metadata();
    for (String key : metadata.keys()) {
      if (!key.startsWith("split.") && !key.equals(VERSION_KEY) && !key.equals(TYPE_KEY)) {
        metadata.findValue(key).ifPresent(value -> writer.metadata(key, value));
      }
    }
    writer.metadata(VERSION_KEY, GgufValue.uint32(QUANTIZATION_VERSION));
    writer.metadata(TYPE_KEY, GgufValue.uint32(options.target().number()));
  }

  private void add(GgufWriter writer, TensorQuantizer quantizer, TensorView tensor, DType type) {
    writer.tensor(
        tensor.name(),
        type,
        tensor.shape(),
        sink -> {
          long before = tensor.data().byteSize();
          long after = type.bytesFor(tensor.columns()) * tensor.rows();
          double rmse = 0;
          if (type == tensor.type()) {
            sink.write(tensor.data());
          } else {
            rmse = quantizer.quantize(tensor, type, sink::write);
          }
          QuantizedTensor result =
              new QuantizedTensor(
                  tensor.name(), tensor.shape(), tensor.type(), type, before, after, rmse);
          done.add(result);
          bytesDone += before;
          progress.done(bytesDone, source.tensorBytes(), result);
        });
  }

  private void checkRequantization(Map<String, DType> types) {
    for (Map.Entry<String, DType> entry : types.entrySet()) {
      DType before = source.tensor(entry.getKey()).type();
      if (before.isQuantized() && before != entry.getValue() && !options.allowRequantize()) {
        throw new ModelException(
            "quantize-already-quantized",
            "a tensor is quantised already",
            "tensor "
                + entry.getKey()
                + " of "
                + source.path()
                + " is "
                + before
                + ", wanted "
                + entry.getValue(),
            Arrays.asList(DType.F32, DType.F16, DType.BF16).toString(),
            "start from the F16 or BF16 file, or allow quantising twice and accept both errors");
      }
    }
  }

  private QuantizeSummary summary() {
    long elements = 0;
    long before = 0;
    long after = 0;
    for (QuantizedTensor tensor : done) {
      elements += tensor.shape().elements();
      before += tensor.bytesBefore();
      after += tensor.bytesAfter();
    }
    return new QuantizeSummary(
        target, options.target(), elements, before, after, fileBytes(), List.copyOf(done));
  }

  private long fileBytes() {
    try {
      return Files.size(target);
    } catch (IOException e) {
      throw new ModelException(
          "quantize-target-lost", "the file written is gone", target + ": " + e, "", "try again");
    }
  }
}
