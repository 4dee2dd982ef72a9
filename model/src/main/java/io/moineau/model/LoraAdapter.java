package io.moineau.model;

import io.moineau.format.GgufFile;
import io.moineau.format.GgufMetadata;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Low-rank changes to a model's weights, in llama.cpp's form: a GGUF file of type {@code adapter}
 * with two tensors, {@code NAME.lora_a} and {@code NAME.lora_b}, for each weight that it changes.
 * The file stays mapped until this is closed.
 */
public final class LoraAdapter implements AutoCloseable {
  /** The token embedding: a row of {@code lora_a} per token, and {@code lora_b} for all. */
  static final String EMBEDDING = "token_embd.weight";

  private static final String A = ".lora_a";
  private static final String B = ".lora_b";

  private final GgufFile file;
  private final float scale;
  private final float alpha;
  private final Map<String, LowRank> changes = new LinkedHashMap<>();

  private LoraAdapter(GgufFile file, float scale) {
    this.file = file;
    this.scale = scale;
    this.alpha = (float) number(file.metadata(), "adapter.lora.alpha");
  }

  /**
   * Opens an adapter and checks it against the model that it is for.
   *
   * @param scale how much of it is added; 1 as it was trained
   * @throws ModelException {@code lora-...} if the file is no adapter, is one for another
   *     architecture, or has a tensor that does not fit
   */
  public static LoraAdapter open(Path path, float scale, GgufFile model) {
    return open(GgufFile.open(path), scale, model);
  }

  /**
   * The same of a file that is open already; it is closed with the adapter, and if this fails.
   *
   * @throws ModelException as {@link #open(Path, float, GgufFile)}
   */
  public static LoraAdapter open(GgufFile file, float scale, GgufFile model) {
    try {
      if (!Float.isFinite(scale)) {
        throw new ModelException(
            "lora-bad-scale",
            "an adapter's scale is no number",
            file.path() + ":" + scale,
            "any finite number; 1 is as it was trained",
            "correct it");
      }
      LoraAdapter adapter = new LoraAdapter(file, scale);
      adapter.checkKind(model);
      adapter.bind(model);
      return adapter;
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static double number(GgufMetadata metadata, String key) {
    return metadata.findNumber(key).orElse(0d);
  }

  private void checkKind(GgufFile model) {
    String type = file.metadata().findString("general.type").orElse("model");
    String kind = file.metadata().findString("adapter.type").orElse("");
    if (!type.equals("adapter") || !kind.equals("lora")) {
      throw new ModelException(
          "lora-not-an-adapter",
          "a file that is to be added to a model is no LoRA adapter",
          file.path() + ": general.type=" + type + ", adapter.type=" + kind,
          "general.type=adapter and adapter.type=lora",
          type.equals("model") ? "name it as the model instead" : "convert the adapter again");
    }
    String own = file.metadata().findString("general.architecture").orElse("");
    String wanted = model.metadata().findString("general.architecture").orElse("");
    if (!own.equals(wanted)) {
      throw new ModelException(
          "lora-other-architecture",
          "an adapter is for another architecture",
          file.path() + ": general.architecture=" + own,
          wanted + ", as " + model.path() + " has",
          "use the adapter with the model that it was trained on");
    }
  }

  private void bind(GgufFile model) {
    for (TensorView tensor : file.tensors().values()) {
      String name = tensor.name();
      if (name.endsWith(A)) {
        String weight = name.substring(0, name.length() - A.length());
        changes.put(weight, pair(model, weight));
      } else if (!name.endsWith(B) || file.find(swap(name)).isEmpty()) {
        throw new ModelException(
            "lora-stray-tensor",
            "an adapter has a tensor without its partner",
            "tensor " + name + " in " + file.path(),
            "pairs of NAME.lora_a and NAME.lora_b",
            "the file is damaged, or of another kind than LoRA; convert it again");
      }
    }
    if (changes.isEmpty()) {
      throw new ModelException(
          "lora-empty",
          "an adapter changes nothing",
          file.path() + " has no tensors",
          "at least one pair of NAME.lora_a and NAME.lora_b",
          "convert the adapter again");
    }
  }

  private static String swap(String name) {
    return name.substring(0, name.length() - B.length()) + A;
  }

  private LowRank pair(GgufFile model, String weight) {
    TensorView a = file.tensor(weight + A);
    TensorView b =
        file.find(weight + B)
            .orElseThrow(() ->
                new ModelException(
                    "lora-stray-tensor",
                    "an adapter has a tensor without its partner",
                    "tensor " + weight + A + " in " + file.path(),
                    weight + B + " beside it",
                    "the file is damaged; convert the adapter again"));
    TensorView base =
        model
            .find(weight)
            .orElseThrow(() ->
                new ModelException(
                    "lora-unknown-weight",
                    "an adapter changes a weight that the model does not have",
                    "tensor " + weight + " of " + file.path(),
                    "weights of " + model.path(),
                    "use the adapter with the model that it was trained on"));
    check(weight, base, a, b);
    long rank = b.columns();
    return new LowRank(a, b, scale * (alpha == 0 ? 1 : alpha / rank));
  }

  private void check(String weight, TensorView base, TensorView a, TensorView b) {
    Shape shape = base.shape();
    boolean embedding = weight.equals(EMBEDDING);
    int rank = shape.rank();
    boolean fits = rank >= 2 && a.shape().rank() == rank && b.shape().rank() == rank;
    if (fits && embedding) {
      fits = a.rows() == shape.dim(0) && b.rows() == shape.dim(1) && a.columns() == b.columns();
    } else if (fits) {
      long experts = rank == 3 ? shape.dim(0) : 1;
      fits =
          a.columns() == shape.columns()
              && b.rows() == shape.rows()
              && a.rows() == experts * b.columns()
              && (rank == 2 || a.shape().dim(0) == experts && b.shape().dim(0) == experts);
    }
    if (!fits) {
      throw new ModelException(
          "lora-bad-shape",
          "an adapter's matrices do not fit the weight that they change",
          weight + " " + shape + " in " + file.path() + ": a " + a.shape() + ", b " + b.shape(),
          embedding
              ? "a [tokens, rank] and b [columns, rank]"
              : "a [rank, columns] and b [rows, rank], per expert where there are experts",
          "use the adapter with the model that it was trained on");
    }
  }

  /** The file. */
  public Path path() {
    return file.path();
  }

  /** How many weights it changes. */
  public int size() {
    return changes.size();
  }

  /** The largest rank of its matrices. */
  public int rank() {
    return changes.values().stream().mapToInt(LowRank::rank).max().orElse(0);
  }

  /** What was asked for of it. */
  public float scale() {
    return scale;
  }

  /** Whether it changes the weight of this name. */
  public boolean changes(String weight) {
    return changes.containsKey(weight);
  }

  Map<String, LowRank> changes() {
    return changes;
  }

  /**
   * Adds what the adapter changes in one row of a weight, of whatever dimensions, to its floats.
   *
   * @param weight the weight's name; one that is not changed stays as it is
   * @param row over all dimensions but the fastest
   */
  public void addTo(String weight, long row, float[] floats) {
    LowRank change = changes.get(weight);
    if (change == null) {
      return;
    }
    boolean embedding = weight.equals(EMBEDDING);
    int rank = change.rank();
    TensorView left = embedding ? change.a() : change.b();
    TensorView right = embedding ? change.b() : change.a();
    float[] factors = new float[rank];
    row(left, row, factors);
    if (embedding) { // the other matrix has a row per column
      float[] one = new float[rank];
      for (int c = 0; c < floats.length; c++) {
        row(right, c, one);
        double sum = 0;
        for (int k = 0; k < rank; k++) {
          sum += (double) factors[k] * one[k];
        }
        floats[c] += (float) (change.scale() * sum);
      }
      return;
    }
    long expert = left.shape().rank() == 3 ? row / left.shape().dim(1) : 0;
    double[] sums = new double[floats.length];
    float[] one = new float[floats.length];
    for (int k = 0; k < rank; k++) {
      row(right, expert * rank + k, one);
      for (int c = 0; c < one.length; c++) {
        sums[c] += (double) factors[k] * one[c];
      }
    }
    for (int c = 0; c < floats.length; c++) {
      floats[c] += (float) (change.scale() * sums[c]);
    }
  }

  private static void row(TensorView tensor, long row, float[] to) {
    BlockCodecs.of(tensor.type())
        .dequantize(tensor.data(), row * tensor.rowBytes(), to, 0, to.length);
  }

  @Override
  public void close() {
    file.close();
  }
}
