package io.moineau.model;

import io.moineau.kernels.ExpertGroups;
import io.moineau.kernels.Kernels;
import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A feed-forward layer of routed experts, with shared ones where the model has them.
 *
 * <p>Files have the experts' gates and ups apart, or fused as llama.cpp's converter does where it
 * is asked to: {@code ffn_gate_up_exps}, each expert's gate before its up.
 *
 * <p>Tokens are sorted by expert, and each expert's three products run once over all tokens that
 * chose it: weights are read once per batch, not once per token.
 */
public final class MoeFfn implements FeedForward {
  /** gpt-oss's SwiGLU: {@code (up + 1) * gate * sigmoid(ALPHA * gate)}, both clamped at LIMIT. */
  private static final float ALPHA = 1.702f;

  private static final float LIMIT = 7;

  private final MoeConfig config;
  private final Router router;
  private final TensorView ffnGateInp; // [nRoutedExperts, hiddenSize]
  private final float @Nullable [] gateInpBias; // [nRoutedExperts]
  // [nRoutedExperts, moeIntermediateSize, hiddenSize] each, or one of both, gate first
  private final TensorView[] gateAndUp;
  private final TensorView[] down; // [nRoutedExperts, hiddenSize, moeIntermediateSize]
  private final float @Nullable [] gateBias; // [nRoutedExperts, moeIntermediateSize]
  private final float @Nullable [] upBias;
  private final float @Nullable [] downBias; // [nRoutedExperts, hiddenSize]
  private final boolean clamped;
  private final Optional<DenseFfn> sharedExperts;
  private final Optional<TensorView> sharedGate; // [1, hiddenSize]
  private final int hiddenSize;

  private MoeFfn(ModelConfig model, TensorBinder tensors, int layer, boolean clamped) {
    this.config = model.moe().orElseThrow();
    this.hiddenSize = model.hiddenSize();
    this.clamped = clamped;
    int count = config.nRoutedExperts();
    int width = config.moeIntermediateSize();
    String prefix = "blk." + layer + ".";
    router =
        new Router(
            config, tensors.findVector(prefix + "exp_probs_b.bias", count).orElse(new float[0]));
    ffnGateInp = tensors.matrix(prefix + "ffn_gate_inp.weight", count, hiddenSize);
    gateInpBias = tensors.findVector(prefix + "ffn_gate_inp.bias", count).orElse(null);
    Optional<TensorView> fused =
        tensors.findFusedExperts(prefix + "ffn_gate_up_exps.weight", count, 2L * width, hiddenSize);
    gateAndUp =
        fused.isPresent()
            ? new TensorView[] {fused.get()}
            : new TensorView[] {
              tensors.experts(prefix + "ffn_gate_exps.weight", count, width, hiddenSize),
              tensors.experts(prefix + "ffn_up_exps.weight", count, width, hiddenSize)
            };
    down =
        new TensorView[] {
          tensors.experts(prefix + "ffn_down_exps.weight", count, hiddenSize, width)
        };
    gateBias = tensors.findRows(prefix + "ffn_gate_exps.bias", count, width).orElse(null);
    upBias = tensors.findRows(prefix + "ffn_up_exps.bias", count, width).orElse(null);
    downBias = tensors.findRows(prefix + "ffn_down_exps.bias", count, hiddenSize).orElse(null);
    int shared = config.sharedIntermediateSize();
    sharedExperts =
        shared == 0
            ? Optional.empty()
            : Optional.of(DenseFfn.bind(tensors, layer, "_shexp", hiddenSize, shared));
    sharedGate =
        shared == 0
            ? Optional.empty()
            : tensors.findMatrix(prefix + "ffn_gate_inp_shexp.weight", 1, hiddenSize);
  }

  /** Binds a layer whose experts are SwiGLU. */
  public static MoeFfn bind(ModelConfig model, TensorBinder tensors, int layer) {
    return new MoeFfn(model, tensors, layer, false);
  }

  /** Binds a layer whose experts have gpt-oss's clamped SwiGLU. */
  public static MoeFfn bindClamped(ModelConfig model, TensorBinder tensors, int layer) {
    return new MoeFfn(model, tensors, layer, true);
  }

  @Override
  public void forward(Pass pass, int layer, FloatMatrix x, FloatMatrix out) {
    Kernels kernels = pass.kernels();
    Workspace scratch = pass.workspace();
    int n = pass.size();
    route(pass, layer, x);
    ExpertGroups groups = scratch.groups;
    groups.group(scratch.experts, n, config.numExpertsPerTok());
    for (int i = 0; i < groups.size(); i++) {
      scratch.assignmentOf[groups.token(i) * config.numExpertsPerTok() + groups.slot(i)] = i;
    }
    FloatMatrix gate = scratch.expertGate;
    FloatMatrix up = scratch.expertUp;
    int width = config.moeIntermediateSize();
    pass.expertMatmul(gateAndUp, x, groups, true, new FloatMatrix[] {gate, up});
    addExpertBias(groups, gate, gateBias, width);
    addExpertBias(groups, up, upBias, width);
    if (clamped) {
      kernels.clampedSwiGlu(gate, up, groups.size(), width, ALPHA, LIMIT);
    } else {
      kernels.swiGlu(gate, up, groups.size(), width);
    }
    pass.expertMatmul(down, gate, groups, false, new FloatMatrix[] {scratch.expertDown});
    addExpertBias(groups, scratch.expertDown, downBias, hiddenSize);
    kernels.parallel(n, t -> combine(kernels, scratch, t, out));
    pass.seen("ffn_moe_out", layer, out);
    if (sharedExperts.isPresent()) {
      addShared(pass, layer, sharedExperts.get(), x, out);
    }
  }

  private void route(Pass pass, int layer, FloatMatrix x) {
    Workspace scratch = pass.workspace();
    int n = pass.size();
    pass.matmul(ffnGateInp, x, n, scratch.routerLogits);
    if (gateInpBias != null) {
      pass.kernels().addBias(scratch.routerLogits, n, gateInpBias);
    }
    pass.seen("ffn_moe_logits", layer, scratch.routerLogits);
    float[] logits = new float[config.nRoutedExperts()];
    float[] selection = new float[config.nRoutedExperts()];
    for (int t = 0; t < n; t++) {
      scratch.routerLogits.copyRow(t, logits);
      router.route(
          logits, selection, scratch.experts, scratch.expertWeights, t * config.numExpertsPerTok());
    }
    ExpertListener listener = pass.experts();
    if (listener != null) {
      listener.routed(layer, n, config.numExpertsPerTok(), scratch.experts, scratch.expertWeights);
    }
  }

  private void addExpertBias(
      ExpertGroups groups, FloatMatrix values, float @Nullable [] bias, int columns) {
    if (bias == null) {
      return;
    }
    for (int e = 0; e < groups.numExperts(); e++) {
      for (int i = groups.start(e); i < groups.start(e) + groups.count(e); i++) {
        for (int c = 0; c < columns; c++) {
          values.set(i, c, values.get(i, c) + bias[e * columns + c]);
        }
      }
    }
  }

  /** {@code out[t] = sum over choices of weight * expert's output}, in the order of the choices. */
  private void combine(Kernels kernels, Workspace scratch, int token, FloatMatrix out) {
    int used = config.numExpertsPerTok();
    out.data().asSlice(out.offset(token, 0), 4L * hiddenSize).fill((byte) 0);
    for (int s = 0; s < used; s++) {
      int row = scratch.assignmentOf[token * used + s];
      float weight = scratch.expertWeights[token * used + s];
      kernels.addScaled(out, token, scratch.expertDown, row, hiddenSize, weight);
    }
  }

  private void addShared(Pass pass, int layer, DenseFfn experts, FloatMatrix x, FloatMatrix out) {
    FloatMatrix shared = pass.workspace().shared;
    int n = pass.size();
    experts.forward(pass, layer, x, shared);
    if (sharedGate.isPresent()) {
      FloatMatrix gate = pass.workspace().gate.reshape(n, 1);
      pass.matmul(sharedGate.get(), x, n, gate);
      for (int t = 0; t < n; t++) {
        float g = (float) (1 / (1 + Math.exp(-gate.get(t, 0))));
        for (int c = 0; c < hiddenSize; c++) {
          shared.set(t, c, shared.get(t, c) * g);
        }
      }
    }
    pass.seen("ffn_shexp", layer, shared);
    pass.kernels().add(out, shared, n, hiddenSize);
  }
}
