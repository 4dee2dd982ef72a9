package io.moineau.model.quantize;

import io.moineau.format.GgufFile;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.model.LoraAdapter;
import io.moineau.model.ModelException;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a model with adapters added to its weights: a plain GGUF file that any program runs. What
 * no adapter changes is copied byte for byte; what one changes is rounded to its type anew, or kept
 * in another.
 */
public final class LoraMerger {
  private LoraMerger() {}

  /**
   * Merges.
   *
   * @param source the model; the adapters were opened against it
   * @param changedType type of the weights that are changed; null: the one that each has
   * @param progress told the bytes of tensors done, of {@link GgufFile#tensorBytes}
   * @return how many weights were changed
   * @throws ModelException {@code quantize-target-exists}, {@code quantize-same-file}; {@code
   *     merge-type-impossible} if a weight's type cannot be written
   */
  public static int merge(
      GgufFile source,
      List<LoraAdapter> adapters,
      Path target,
      boolean overwrite,
      @Nullable DType changedType,
      int threads,
      LongConsumer progress) {
    GgufQuantizer.checkTarget(source, target, overwrite);
    GgufWriter writer = new GgufWriter();
    for (String key : source.metadata().keys()) {
      if (!key.startsWith("split.")) {
        source.metadata().findValue(key).ifPresent(value -> writer.metadata(key, value));
      }
    }
    String name = source.metadata().findString("general.name").orElse(target.toString());
    StringBuilder merged = new StringBuilder(name);
    for (LoraAdapter adapter : adapters) {
      Path file = adapter.path().getFileName();
      merged.append(" + ").append(file).append(':').append(adapter.scale());
    }
    writer.metadata("general.name", GgufValue.string(merged.toString()));
    int changed = 0;
    long[] done = {0};
    try (TensorQuantizer quantizer = new TensorQuantizer(threads, false)) {
      for (TensorView tensor : source.tensors().values()) {
        boolean changes = adapters.stream().anyMatch(a -> a.changes(tensor.name()));
        DType type = changes && changedType != null ? changedType : tensor.type();
        if (changes) {
          changed++;
          check(tensor, type);
        }
        writer.tensor(
            tensor.name(),
            type,
            tensor.shape(),
            sink -> {
              if (changes) {
                quantizer.quantize(
                    tensor,
                    type,
                    (row, floats) -> adapters.forEach(a -> a.addTo(tensor.name(), row, floats)),
                    sink::write);
              } else {
                sink.write(tensor.data());
              }
              done[0] += tensor.data().byteSize();
              progress.accept(done[0]);
            });
      }
      writer.write(target);
    }
    return changed;
  }

  private static void check(TensorView tensor, DType type) {
    boolean possible =
        io.moineau.kernels.quant.BlockCodecs.writableTypes().contains(type)
            && tensor.columns() % type.blockSize() == 0;
    if (!possible) {
      throw new ModelException(
          "merge-type-impossible",
          "a weight that an adapter changes cannot be written in its type",
          "tensor " + tensor.name() + " " + tensor.shape() + " as " + type,
          "F32, F16, BF16, Q8_0 and the other types that quantize can write",
          "choose the type of changed weights, for example --type F16");
    }
  }
}
