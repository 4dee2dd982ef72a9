package io.moineau.kernels;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;

/** Which types can be multiplied, and the error for one that cannot. */
final class WeightTypes {
  private WeightTypes() {}

  static boolean supports(DType type) {
    return BlockCodecs.types().contains(type);
  }

  static KernelException unsupported(TensorView weight) {
    return new KernelException(
        "kernel-unsupported-type",
        "there is no kernel for weights of this type",
        "tensor " + weight.name() + " has type " + weight.type(),
        BlockCodecs.types().toString(),
        "convert the tensor to one of these");
  }
}
