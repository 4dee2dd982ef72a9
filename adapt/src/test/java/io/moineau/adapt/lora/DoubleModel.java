package io.moineau.adapt.lora;

import io.moineau.adapt.block.Parameter;
import io.moineau.adapt.block.Parameters;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.format.GgufFile;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.model.Architectures;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MlaConfig;
import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;
import io.moineau.model.RopeTable;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The forward pass once more, in doubles, token by token, with the changes merged into the weights:
 * as unlike the code under test as it can be.
 */
final class DoubleModel {
  private final GgufFile file;
  private final ModelConfig c;
  private final Parameters layout;
  private final double scale;
  private final Map<String, double[]> frozen = new HashMap<>();
  private final float[][] cos;
  private final float[][] sin;
  private Map<String, double[]> merged = new HashMap<>();
  private TokenBatch batch = new TokenBatch(1);
  private int n;

  DoubleModel(GgufFile file, Parameters layout, double scale) {
    this.file = file;
    this.layout = layout;
    this.scale = scale;
    c = Architectures.config(file);
    int positions = 64;
    int half = c.rope().dim() / 2;
    cos = new float[positions][half];
    sin = new float[positions][half];
    float[] factors = new float[0];
    if (has("rope_freqs.weight")) {
      double[] wide = frozen("rope_freqs.weight");
      factors = new float[wide.length];
      for (int i = 0; i < wide.length; i++) {
        factors[i] = (float) wide[i];
      }
    }
    int[] all = new int[positions];
    for (int i = 0; i < positions; i++) {
      all[i] = i;
    }
    FloatMatrix cosines = FloatMatrix.allocate(Arena.ofAuto(), positions, half);
    FloatMatrix sines = FloatMatrix.allocate(Arena.ofAuto(), positions, half);
    new RopeTable(c.rope(), factors).fill(all, positions, cosines, sines);
    for (int i = 0; i < positions; i++) {
      cosines.copyRow(i, cos[i]);
      sines.copyRow(i, sin[i]);
    }
  }

  private boolean has(String name) {
    return file.find(name).isPresent();
  }

  private double[] frozen(String name) {
    return frozen.computeIfAbsent(
        name,
        key -> {
          TensorView view = file.tensor(key);
          float[] values = new float[Math.toIntExact(view.shape().elements())];
          BlockCodecs.of(view.type()).dequantize(view.data(), 0, values, 0, values.length);
          double[] wide = new double[values.length];
          for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
          }
          return wide;
        });
  }

  private double[] weight(String name) {
    return merged.getOrDefault(name, frozen(name));
  }

  /** Adds B A to every weight that has them. */
  private void merge(double[] p) {
    merged = new HashMap<>();
    Map<String, Parameter> byName = new HashMap<>();
    layout.list().forEach(parameter -> byName.put(parameter.name(), parameter));
    for (Parameter a : layout.list()) {
      if (!a.name().endsWith(".lora_a")) {
        continue;
      }
      String name = a.name().substring(0, a.name().length() - ".lora_a".length());
      Parameter b = byName.get(name + ".lora_b");
      int rank = b.columns();
      int in = a.columns();
      int out = b.dims().get(b.dims().size() - 2);
      double[] w = frozen(name).clone();
      for (int e = 0; e < w.length / (in * out); e++) {
        for (int r = 0; r < out; r++) {
          for (int k = 0; k < rank; k++) {
            double factor = scale * p[b.offset() + (e * out + r) * rank + k];
            for (int i = 0; i < in; i++) {
              w[(e * out + r) * in + i] += factor * p[a.offset() + (e * rank + k) * in + i];
            }
          }
        }
      }
      merged.put(name, w);
    }
  }

  double loss(TokenBatch newBatch, double[] parameters) {
    merge(parameters);
    batch = newBatch;
    n = batch.size();
    int hidden = c.hiddenSize();
    double[] x = new double[n * hidden];
    for (int t = 0; t < n; t++) {
      System.arraycopy(frozen("token_embd.weight"), batch.token(t) * hidden, x, t * hidden, hidden);
    }
    for (int i = 0; i < c.numHiddenLayers(); i++) {
      String block = "blk." + i + ".";
      double[] in = norm(x, block + "attn_norm.weight");
      x = plus(x, c.mla().isPresent() ? mla(in, block) : gqa(in, block, i));
      boolean post = has(block + "post_attention_norm.weight");
      in = norm(x, block + (post ? "post_attention_norm" : "ffn_norm") + ".weight");
      x = plus(x, has(block + "ffn_gate_inp.weight") ? moe(in, block) : ffn(in, block, ""));
    }
    x = norm(x, "output_norm.weight");
    double[] output = frozen(has("output.weight") ? "output.weight" : "token_embd.weight");
    double[] logits = linear(x, output, 0, hidden, c.vocabSize());
    double loss = 0;
    for (int t = 0; t < n; t++) {
      if (batch.target(t) != TokenBatch.NO_TARGET) {
        double sum = 0;
        for (int v = 0; v < c.vocabSize(); v++) {
          sum += Math.exp(logits[t * c.vocabSize() + v]);
        }
        loss += Math.log(sum) - logits[t * c.vocabSize() + batch.target(t)];
      }
    }
    return loss;
  }

  private static double[] plus(double[] a, double[] b) {
    double[] sum = a.clone();
    for (int i = 0; i < a.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  private static double[] linear(double[] x, double[] w, int at, int in, int out) {
    int rows = x.length / in;
    double[] y = new double[rows * out];
    for (int t = 0; t < rows; t++) {
      for (int r = 0; r < out; r++) {
        double sum = 0;
        for (int i = 0; i < in; i++) {
          sum += w[at + r * in + i] * x[t * in + i];
        }
        y[t * out + r] = sum;
      }
    }
    return y;
  }

  /** A layer by its name, with its bias if there is one. */
  private double[] linear(double[] x, String name) {
    double[] w = weight(name + ".weight");
    int in = x.length / n;
    int out = w.length / in;
    double[] y = linear(x, w, 0, in, out);
    if (has(name + ".bias")) {
      double[] bias = frozen(name + ".bias");
      for (int i = 0; i < y.length; i++) {
        y[i] += bias[i % out];
      }
    }
    return y;
  }

  private double[] norm(double[] x, String name) {
    double[] gain = frozen(name);
    double[] y = new double[x.length];
    for (int at = 0; at < x.length; at += gain.length) {
      double sum = 0;
      for (int i = 0; i < gain.length; i++) {
        sum += x[at + i] * x[at + i];
      }
      double root = Math.sqrt(sum / gain.length + c.rmsNormEps());
      for (int i = 0; i < gain.length; i++) {
        y[at + i] = x[at + i] / root * gain[i];
      }
    }
    return y;
  }

  /** Turns the last {@code rope.dim()} elements behind {@code first} of each head. */
  private double[] rope(double[] x, int heads, int headDim, int first) {
    double[] y = x.clone();
    int half = c.rope().dim() / 2;
    for (int t = 0; t < n; t++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < half; i++) {
          int at = (t * heads + h) * headDim + first;
          int left = c.rope().neox() ? at + i : at + 2 * i;
          int right = c.rope().neox() ? at + i + half : at + 2 * i + 1;
          double co = cos[batch.position(t)][i];
          double si = sin[batch.position(t)][i];
          y[left] = x[left] * co - x[right] * si;
          y[right] = x[left] * si + x[right] * co;
        }
      }
    }
    return y;
  }

  private double[] attention(
      double[] q, double[] k, double[] v, int kvHeads, int window, double[] sinks) {
    int heads = c.numAttentionHeads();
    int dk = c.headDim();
    int dv = c.valueHeadDim();
    double[] y = new double[n * heads * dv];
    for (int t = 0; t < n; t++) {
      int first = t - batch.position(t);
      if (window > 0) {
        first = Math.max(first, t + 1 - window);
      }
      for (int h = 0; h < heads; h++) {
        int kv = h / (heads / kvHeads);
        double[] e = new double[t + 1];
        double sum = sinks.length > 0 ? Math.exp(sinks[h]) : 0;
        for (int s = first; s <= t; s++) {
          double score = 0;
          for (int i = 0; i < dk; i++) {
            score += q[(t * heads + h) * dk + i] * k[(s * kvHeads + kv) * dk + i];
          }
          e[s] = Math.exp(c.attentionScale() * score);
          sum += e[s];
        }
        for (int s = first; s <= t; s++) {
          for (int i = 0; i < dv; i++) {
            y[(t * heads + h) * dv + i] += e[s] / sum * v[(s * kvHeads + kv) * dv + i];
          }
        }
      }
    }
    return y;
  }

  /** Columns of each token's row. */
  private double[] columns(double[] x, int from, int count) {
    int width = x.length / n;
    double[] part = new double[n * count];
    for (int t = 0; t < n; t++) {
      System.arraycopy(x, t * width + from, part, t * count, count);
    }
    return part;
  }

  private double[] gqa(double[] x, String block, int layer) {
    String prefix = block + "attn_";
    int heads = c.numAttentionHeads();
    int kv = c.numKeyValueHeads();
    int d = c.headDim();
    double[] q;
    double[] k;
    double[] v;
    if (has(prefix + "qkv.weight")) {
      double[] all = linear(x, prefix + "qkv");
      q = columns(all, 0, heads * d);
      k = columns(all, heads * d, kv * d);
      v = columns(all, (heads + kv) * d, kv * d);
    } else {
      q = linear(x, prefix + "q");
      k = linear(x, prefix + "k");
      v = linear(x, prefix + "v");
    }
    boolean normed = has(prefix + "q_norm.weight");
    boolean late = c.architecture().equals("hunyuan-moe");
    if (normed && !late) {
      q = norm(q, prefix + "q_norm.weight");
      k = norm(k, prefix + "k_norm.weight");
    }
    q = rope(q, heads, d, 0);
    k = rope(k, kv, d, 0);
    if (normed && late) {
      q = norm(q, prefix + "q_norm.weight");
      k = norm(k, prefix + "k_norm.weight");
    }
    double[] sinks = has(prefix + "sinks.weight") ? frozen(prefix + "sinks.weight") : new double[0];
    int window = layer % 2 == 0 ? c.slidingWindow() : 0;
    return linear(attention(q, k, v, kv, window, sinks), prefix + "output");
  }

  private double[] mla(double[] x, String block) {
    String prefix = block + "attn_";
    MlaConfig m = c.mla().orElseThrow();
    int heads = c.numAttentionHeads();
    int nope = m.qkNopeHeadDim();
    int rope = m.qkRopeHeadDim();
    int lora = m.kvLoraRank();
    double[] q =
        has(prefix + "q_a.weight")
            ? linear(norm(linear(x, prefix + "q_a"), prefix + "q_a_norm.weight"), prefix + "q_b")
            : linear(x, prefix + "q");
    double[] both = linear(x, prefix + "kv_a_mqa");
    double[] latent = norm(columns(both, 0, lora), prefix + "kv_a_norm.weight");
    q = rope(q, heads, nope + rope, nope);
    double[] turned = rope(columns(both, lora, rope), 1, rope, 0);
    double[] k = new double[n * heads * (nope + rope)];
    double[] v = new double[n * heads * m.vHeadDim()];
    for (int t = 0; t < n; t++) {
      for (int h = 0; h < heads; h++) {
        int at = (t * heads + h) * (nope + rope);
        for (int i = 0; i < nope + m.vHeadDim(); i++) {
          double sum = 0;
          for (int l = 0; l < lora; l++) {
            sum += latent[t * lora + l] * fromLatent(prefix, m, h, i, l);
          }
          if (i < nope) {
            k[at + i] = sum;
          } else {
            v[(t * heads + h) * m.vHeadDim() + i - nope] = sum;
          }
        }
        System.arraycopy(turned, t * rope, k, at + nope, rope);
      }
    }
    return linear(attention(q, k, v, heads, 0, new double[0]), prefix + "output");
  }

  private double fromLatent(String prefix, MlaConfig m, int head, int i, int l) {
    int nope = m.qkNopeHeadDim();
    int lora = m.kvLoraRank();
    if (has(prefix + "kv_b.weight")) {
      int row = head * (nope + m.vHeadDim()) + i;
      return frozen(prefix + "kv_b.weight")[row * lora + l];
    }
    return i < nope
        ? frozen(prefix + "k_b.weight")[(head * lora + l) * nope + i]
        : frozen(prefix + "v_b.weight")[(head * m.vHeadDim() + i - nope) * lora + l];
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private double[] ffn(double[] x, String block, String suffix) {
    double[] gate = linear(x, block + "ffn_gate" + suffix);
    double[] up = linear(x, block + "ffn_up" + suffix);
    for (int i = 0; i < gate.length; i++) {
      gate[i] *= sigmoid(gate[i]) * up[i];
    }
    return linear(gate, block + "ffn_down" + suffix);
  }

  private double[] moe(double[] x, String block) {
    MoeConfig m = c.moe().orElseThrow();
    int hidden = c.hiddenSize();
    double[] y = new double[n * hidden];
    if (m.sharedIntermediateSize() > 0) {
      y = ffn(x, block, "_shexp");
      if (has(block + "ffn_gate_inp_shexp.weight")) {
        double[] open = linear(x, block + "ffn_gate_inp_shexp");
        for (int i = 0; i < y.length; i++) {
          y[i] *= sigmoid(open[i / hidden]);
        }
      }
    }
    double[] logits = linear(x, block + "ffn_gate_inp");
    int count = m.nRoutedExperts();
    for (int t = 0; t < n; t++) {
      double[] l = Arrays.copyOfRange(logits, t * count, (t + 1) * count);
      double[] weights = weights(l, block, m);
      double[] token = Arrays.copyOfRange(x, t * hidden, (t + 1) * hidden);
      for (int e = 0; e < count; e++) {
        if (weights[e] != 0) {
          double[] one = expert(token, block, e, m.moeIntermediateSize());
          for (int i = 0; i < hidden; i++) {
            y[t * hidden + i] += weights[e] * one[i];
          }
        }
      }
    }
    return y;
  }

  /** The weight of every expert, 0 of those that are not chosen. */
  private double[] weights(double[] logits, String block, MoeConfig m) {
    int count = logits.length;
    double[] scores = new double[count];
    double all = Arrays.stream(logits).map(Math::exp).sum();
    for (int e = 0; e < count; e++) {
      scores[e] =
          switch (m.scoring()) {
            case SIGMOID -> sigmoid(logits[e]);
            case SOFTMAX -> Math.exp(logits[e]) / all;
            case SOFTMAX_CHOSEN -> Math.exp(logits[e]);
          };
    }
    double[] order = scores.clone();
    if (has(block + "exp_probs_b.bias")) {
      double[] bias = frozen(block + "exp_probs_b.bias");
      for (int e = 0; e < count; e++) {
        order[e] += bias[e];
      }
    }
    dropGroups(order, m);
    double[] weights = new double[count];
    double sum = 0;
    for (int i = 0; i < m.numExpertsPerTok(); i++) {
      int best = 0;
      for (int e = 1; e < count; e++) {
        best = order[e] > order[best] ? e : best;
      }
      order[best] = Double.NEGATIVE_INFINITY;
      weights[best] = scores[best];
      sum += scores[best];
    }
    boolean normalised = m.normTopkProb() || m.scoring() == Scoring.SOFTMAX_CHOSEN;
    for (int e = 0; e < count; e++) {
      weights[e] *= m.routedScalingFactor() / (normalised ? sum : 1);
    }
    return weights;
  }

  private static void dropGroups(double[] order, MoeConfig m) {
    if (m.nGroup() == 1) {
      return;
    }
    int size = order.length / m.nGroup();
    double[] score = new double[m.nGroup()];
    for (int g = 0; g < score.length; g++) {
      double[] group = Arrays.copyOfRange(order, g * size, (g + 1) * size);
      Arrays.sort(group);
      score[g] = group[size - 1] + group[size - 2];
    }
    double[] sorted = score.clone();
    Arrays.sort(sorted);
    for (int g = 0; g < score.length; g++) {
      if (score[g] < sorted[m.nGroup() - m.topkGroup()]) {
        Arrays.fill(order, g * size, (g + 1) * size, Double.NEGATIVE_INFINITY);
      }
    }
  }

  private double[] expert(double[] x, String block, int e, int width) {
    int hidden = x.length;
    double[] gate = expertLinear(x, block + "ffn_gate_exps", e, hidden, width);
    double[] up = expertLinear(x, block + "ffn_up_exps", e, hidden, width);
    boolean clamped = c.architecture().equals("gpt-oss");
    for (int i = 0; i < width; i++) {
      if (clamped) {
        double g = Math.min(7, gate[i]);
        gate[i] = g * sigmoid(1.702f * g) * (Math.clamp(up[i], -7, 7) + 1);
      } else {
        gate[i] *= sigmoid(gate[i]) * up[i];
      }
    }
    return expertLinear(gate, block + "ffn_down_exps", e, width, hidden);
  }

  private double[] expertLinear(double[] x, String name, int e, int in, int out) {
    double[] y = linear(x, weight(name + ".weight"), e * in * out, in, out);
    if (has(name + ".bias")) {
      for (int i = 0; i < out; i++) {
        y[i] += frozen(name + ".bias")[e * out + i];
      }
    }
    return y;
  }
}
