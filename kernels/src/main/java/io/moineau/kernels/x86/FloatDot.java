package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.ymm;

import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/**
 * Weights that are floats of 32 or 16 bits; a "block" is sixteen of them, activations are floats.
 */
final class FloatDot implements DotKernels.DotBlock {
  /** Weights per step. */
  static final int STEP = 16;

  private final DotKernels k;
  private final Assembler a;
  private final DType type;

  FloatDot(DotKernels k, DType type) {
    this.k = k;
    this.a = k.a;
    this.type = type;
  }

  @Override
  public int weightBytes() {
    return STEP * type.blockBytes();
  }

  @Override
  public int activationBytes() {
    return STEP * 4;
  }

  /** The second eight weights of a step have sums of their own, so that additions overlap. */
  @Override
  public float minimumFactor() {
    return 1;
  }

  @Override
  public boolean minimumInAllLanes() {
    return true;
  }

  @Override
  public void block() {
    for (int r = 0; r < k.rows; r++) {
      for (int half = 0; half < 2; half++) {
        Vec w = ymm(8 + half);
        Mem at = Mem.at(DotKernels.WEIGHT[r], half * weightBytes() / 2);
        switch (type) {
          case F16 -> a.op(Op.VCVTPH2PS, w, at);
          case BF16 -> {
            a.op(Op.VPMOVZXWD, w, at);
            a.op(Op.VPSLLD, w, w, 16);
          }
          default -> a.op(Op.VMOVUPS, w, at);
        }
        for (int n = 0; n < k.acts; n++) {
          Vec to = half == 0 ? k.sum(r, n) : k.minimum(r, n);
          a.op(Op.VFMADD231PS, to, w, Mem.at(DotKernels.X[n], 32 * half));
        }
      }
    }
  }
}
