package io.moineau.model;

import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;

/** SwiGLU: {@code down(silu(gate(x)) * up(x))} (arXiv 2002.05202). */
public final class DenseFfn implements FeedForward {
  private final TensorView ffnDown; // [hiddenSize, intermediateSize]
  private final TensorView[] gateAndUp; // [intermediateSize, hiddenSize] each
  private final int width;

  /** The block of these three matrices. */
  public DenseFfn(TensorView ffnGate, TensorView ffnUp, TensorView ffnDown) {
    this.gateAndUp = new TensorView[] {ffnGate, ffnUp};
    this.ffnDown = ffnDown;
    this.width = Math.toIntExact(ffnGate.rows());
  }

  /** Binds {@code blk.N.ffn_gate} and the like, {@code suffix} being empty or {@code _shexp}. */
  public static DenseFfn bind(
      TensorBinder tensors, int layer, String suffix, int hidden, int width) {
    String prefix = "blk." + layer + ".";
    return new DenseFfn(
        tensors.matrix(prefix + "ffn_gate" + suffix + ".weight", width, hidden),
        tensors.matrix(prefix + "ffn_up" + suffix + ".weight", width, hidden),
        tensors.matrix(prefix + "ffn_down" + suffix + ".weight", hidden, width));
  }

  @Override
  public void forward(Pass pass, int layer, FloatMatrix x, FloatMatrix out) {
    int n = pass.size();
    // The workspace is as wide as the widest block; this one may be narrower.
    FloatMatrix gate = pass.workspace().gate.reshape(n, width);
    FloatMatrix up = pass.workspace().up.reshape(n, width);
    pass.matmul(gateAndUp, x, n, new FloatMatrix[] {gate, up});
    pass.kernels().swiGlu(gate, up, n, width);
    pass.matmul(ffnDown, gate, n, out);
    pass.seen("ffn_out", layer, out);
  }
}
