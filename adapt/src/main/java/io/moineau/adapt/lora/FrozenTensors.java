package io.moineau.adapt.lora;

import io.moineau.format.GgufFile;
import io.moineau.kernels.RowDecoder;
import io.moineau.model.ModelException;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** Finds the tensors of a model and checks their shapes; matrices stay where they are. */
final class FrozenTensors {
  private final GgufFile file;

  FrozenTensors(GgufFile file) {
    this.file = file;
  }

  GgufFile file() {
    return file;
  }

  boolean has(String name) {
    return file.find(name).isPresent();
  }

  /**
   * A tensor of this shape, dimensions of 1 aside.
   *
   * @throws ModelException {@code model-missing-tensor}, {@code model-bad-tensor-shape}
   */
  TensorView tensor(String name, long... dims) {
    TensorView found = file.find(name).orElseThrow(() -> missing(name));
    Shape shape = Shape.of(dims);
    if (!Arrays.equals(withoutOnes(found.shape()), withoutOnes(shape))) {
      throw new ModelException(
          "model-bad-tensor-shape",
          "a tensor's shape does not match the hyper-parameters",
          "tensor " + name + " in " + file.path() + " has shape " + found.shape(),
          shape.toString(),
          "the file is damaged, or made for a variant that cannot be fine-tuned yet");
    }
    return found.shape().equals(shape)
        ? found
        : new TensorView(name, found.type(), shape, found.data());
  }

  /** A matrix {@code [rows, columns]}. */
  FrozenWeight matrix(String name, long rows, long columns) {
    return new FrozenWeight(tensor(name, rows, columns));
  }

  /** A matrix {@code [rows, columns]} per expert or head. */
  FrozenWeight[] matrices(String name, int count, long rows, long columns) {
    TensorView all = tensor(name, count, rows, columns);
    FrozenWeight[] weights = new FrozenWeight[count];
    for (int i = 0; i < count; i++) {
      weights[i] = new FrozenWeight(all.slice(i));
    }
    return weights;
  }

  /** Rows {@code from} to {@code from + rows - 1} of each matrix {@code [all, columns]}. */
  FrozenWeight[] rows(String name, int count, long all, long columns, long from, long rows) {
    TensorView tensor = tensor(name, count, all, columns);
    FrozenWeight[] weights = new FrozenWeight[count];
    for (int i = 0; i < count; i++) {
      TensorView one = tensor.slice(i);
      MemorySegment data = one.data().asSlice(from * one.rowBytes(), rows * one.rowBytes());
      weights[i] =
          new FrozenWeight(new TensorView(name, one.type(), Shape.of(rows, columns), data));
    }
    return weights;
  }

  /** All numbers of a small tensor. */
  float[] floats(String name, long... dims) {
    FrozenWeight weight = new FrozenWeight(tensor(name, dims));
    float[] values = new float[Math.multiplyExact(weight.rows(), weight.columns())];
    weight.decode(new RowDecoder(), 0, weight.rows(), values, 0);
    return values;
  }

  /** The same, or none where the file does not have it. */
  Optional<float[]> find(String name, long... dims) {
    return has(name) ? Optional.of(floats(name, dims)) : Optional.empty();
  }

  private static long[] withoutOnes(Shape shape) {
    return Arrays.stream(shape.toArray()).filter(d -> d != 1).toArray();
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
