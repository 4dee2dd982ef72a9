package io.moineau.model;

import io.moineau.format.GgufFile;
import io.moineau.kernels.Kernels;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds the tensors of a model and checks name, shape and type, so that nothing wrong reaches a
 * kernel.
 *
 * <p>Matrices stay where they are in the file's mapping. Vectors (norms, biases) are small and
 * become float arrays.
 */
public final class TensorBinder {
  private final GgufFile file;
  private final Kernels kernels;
  private final Arena arena;
  private final Adapters adapters;

  TensorBinder(GgufFile file, Kernels kernels, Arena arena, Adapters adapters) {
    this.adapters = adapters;
    this.file = file;
    this.kernels = kernels;
    this.arena = arena;
  }

  /** A matrix {@code [rows, columns]} that must be there. */
  public TensorView matrix(String name, long rows, long columns) {
    return findMatrix(name, rows, columns).orElseThrow(() -> missing(name));
  }

  /** A matrix, if the file has it. */
  public Optional<TensorView> findMatrix(String name, long rows, long columns) {
    return find(name, Shape.of(rows, columns));
  }

  /** Matrices of every expert, {@code [experts, rows, columns]}. */
  public TensorView experts(String name, int experts, long rows, long columns) {
    return find(name, Shape.of(experts, rows, columns)).orElseThrow(() -> missing(name));
  }

  /**
   * Matrices of every expert, if the file has them.
   *
   * @throws ModelException {@code model-adapted-fused} if an adapter changes them: what it adds is
   *     not divided among what the tensor is fused of
   */
  public Optional<TensorView> findFusedExperts(String name, int experts, long rows, long columns) {
    Optional<TensorView> found = find(name, Shape.of(experts, rows, columns));
    if (found.isPresent() && !adapters.of(found.get()).isEmpty()) {
      throw new ModelException(
          "model-adapted-fused",
          "an adapter changes a tensor that holds two matrices of each expert",
          "tensor " + name + " in " + file.path(),
          "adapters of files with ffn_gate_exps and ffn_up_exps, or of other tensors",
          "convert model and adapter again with the two apart");
    }
    return found;
  }

  /** Matrices per head, {@code [heads, rows, columns]}. */
  public TensorView[] heads(String name, int heads, long rows, long columns) {
    TensorView all = find(name, Shape.of(heads, rows, columns)).orElseThrow(() -> missing(name));
    return slices(adapted(all), heads);
  }

  /** The slices of a tensor's slowest dimension. */
  public static TensorView[] slices(TensorView all, int count) {
    TensorView[] slices = new TensorView[count];
    for (int i = 0; i < count; i++) {
      slices[i] = all.slice(i);
    }
    return slices;
  }

  /** A vector that must be there. */
  public float[] vector(String name, int elements) {
    return findVector(name, elements).orElseThrow(() -> missing(name));
  }

  /** A vector, if the file has it. */
  public Optional<float[]> findVector(String name, int elements) {
    return find(name, Shape.of(elements)).map(this::floats);
  }

  /** A matrix of biases per expert, {@code [experts, elements]}, if the file has it. */
  public Optional<float[]> findRows(String name, int rows, int elements) {
    return find(name, Shape.of(rows, elements)).map(this::floats);
  }

  /** Rows {@code from} to {@code from + count - 1} of a matrix, in place, adapters included. */
  public TensorView rows(TensorView matrix, long from, long count) {
    TensorView rows = slice(matrix, from, count);
    adapters.bind(rows, adapters.of(matrix).stream().map(c -> c.rows(from, count)).toList());
    return rows;
  }

  /**
   * The tensor with what adapters change already added, as a copy in F32 that takes part in
   * products without them; the tensor itself if they change nothing of it.
   */
  public TensorView adapted(TensorView tensor) {
    List<LowRank> changes = adapters.of(tensor);
    if (changes.isEmpty()) {
      return tensor;
    }
    int columns = Math.toIntExact(tensor.columns());
    int rows = Math.toIntExact(tensor.rows());
    FloatMatrix copy = FloatMatrix.allocate(arena, rows, columns);
    float[] row = new float[columns];
    for (int r = 0; r < rows; r++) {
      kernels.dequantizeRow(tensor, r, copy, r);
      copy.copyRow(r, row);
      adapters.addRow(tensor.name(), r, row);
      copy.setRow(r, row);
    }
    return new TensorView(tensor.name() + " (adapted)", DType.F32, tensor.shape(), copy.data());
  }

  static TensorView slice(TensorView matrix, long from, long count) {
    long bytes = matrix.rowBytes();
    return new TensorView(
        matrix.name(),
        matrix.type(),
        Shape.of(count, matrix.columns()),
        matrix.data().asSlice(from * bytes, count * bytes));
  }

  /** A copy of rows of a matrix turned on its side, as F32: {@code [columns, count]}. */
  public TensorView transposed(TensorView matrix, long from, int count) {
    int columns = Math.toIntExact(matrix.columns());
    FloatMatrix out = FloatMatrix.allocate(arena, columns, count);
    try (Arena scratch = Arena.ofConfined()) {
      FloatMatrix row = FloatMatrix.allocate(scratch, 1, columns);
      for (int r = 0; r < count; r++) {
        kernels.dequantizeRow(matrix, from + r, row, 0);
        for (int c = 0; c < columns; c++) {
          out.set(c, r, row.get(0, c));
        }
      }
    }
    return new TensorView(
        matrix.name() + " (transposed)", DType.F32, Shape.of(columns, count), out.data());
  }

  private float[] floats(TensorView tensor) {
    int columns = Math.toIntExact(tensor.columns());
    float[] values = new float[Math.toIntExact(tensor.shape().elements())];
    try (Arena scratch = Arena.ofConfined()) {
      FloatMatrix row = FloatMatrix.allocate(scratch, 1, columns);
      float[] one = new float[columns];
      for (int r = 0; r < tensor.rows(); r++) {
        kernels.dequantizeRow(tensor, r, row, 0);
        row.copyRow(0, one);
        System.arraycopy(one, 0, values, r * columns, columns);
      }
    }
    return values;
  }

  private Optional<TensorView> find(String name, Shape shape) {
    Optional<TensorView> found = file.find(name);
    if (found.isEmpty()) {
      return found;
    }
    TensorView tensor = found.get();
    if (!withoutOnes(tensor.shape()).equals(withoutOnes(shape))) {
      throw new ModelException(
          "model-bad-tensor-shape",
          "a tensor's shape does not match the hyper-parameters",
          "tensor " + name + " in " + file.path() + " has shape " + tensor.shape(),
          shape.toString(),
          "the file is damaged, or made for a variant that cannot run yet");
    }
    if (tensor.columns() != shape.columns()) {
      tensor = new TensorView(name, tensor.type(), shape, tensor.data());
    }
    if (tensor.shape().rank() != shape.rank()) {
      tensor = new TensorView(name, tensor.type(), shape, tensor.data());
    }
    switch (tensor.type()) {
      case I8, I16, I32, I64, F64, Q8_K, Q8_1 -> throw badType(tensor);
      default -> {}
    }
    adapters.bind(tensor, adapters.named(name));
    return Optional.of(tensor);
  }

  private ModelException badType(TensorView tensor) {
    List<DType> allowed = new ArrayList<>(List.of(DType.values()));
    allowed.removeAll(
        List.of(DType.I8, DType.I16, DType.I32, DType.I64, DType.F64, DType.Q8_K, DType.Q8_1));
    return new ModelException(
        "model-bad-tensor-type",
        "a tensor has a type that weights cannot have",
        "tensor " + tensor.name() + " in " + file.path() + " has type " + tensor.type(),
        allowed.stream().map(DType::name).collect(Collectors.joining(", ")),
        "convert the model again");
  }

  private static Shape withoutOnes(Shape shape) {
    return Shape.of(java.util.Arrays.stream(shape.toArray()).filter(d -> d != 1).toArray());
  }

  private ModelException missing(String name) {
    return new ModelException(
        "model-missing-tensor",
        "a tensor is missing",
        "tensor " + name + " in " + file.path(),
        "every tensor of the architecture",
        "the file is incomplete; convert or fetch it again");
  }
}
