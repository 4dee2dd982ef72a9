package io.moineau.adapt.block;

import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MlaConfig;
import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The forward pass of every block once more, in doubles and as the papers write it. */
final class Reference {
  private final Parameters layout;
  private final double[] p;
  private final TokenBatch batch;
  private final int n;

  Reference(Parameters layout, double[] values, TokenBatch batch) {
    this.layout = layout;
    this.p = values;
    this.batch = batch;
    this.n = batch.size();
  }

  private int at(String name) {
    return layout.list().stream()
        .filter(parameter -> parameter.name().equals(name))
        .findFirst()
        .orElseThrow()
        .offset();
  }

  double[] linear(double[] x, String name, int in, int out) {
    return linear(x, n, at(name), in, out);
  }

  private double[] linear(double[] x, int rows, int w, int in, int out) {
    double[] y = new double[rows * out];
    for (int t = 0; t < rows; t++) {
      for (int r = 0; r < out; r++) {
        for (int c = 0; c < in; c++) {
          y[t * out + r] += p[w + r * in + c] * x[t * in + c];
        }
      }
    }
    return y;
  }

  double[] rmsNorm(double[] x, String name, int width, double eps) {
    int gain = at(name);
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += width) {
      double sum = 0;
      for (int i = 0; i < width; i++) {
        sum += x[row + i] * x[row + i];
      }
      double root = Math.sqrt(sum / width + eps);
      for (int i = 0; i < width; i++) {
        y[row + i] = x[row + i] / root * p[gain + i];
      }
    }
    return y;
  }

  double[] rope(
      double[] x, int heads, int headDim, int first, int dim, double theta, boolean neox) {
    double[] y = x.clone();
    for (int t = 0; t < n; t++) {
      for (int h = 0; h < heads; h++) {
        int at = (t * heads + h) * headDim + first;
        for (int i = 0; i < dim / 2; i++) {
          double angle = batch.position(t) * Math.pow(theta, -2.0 * i / dim);
          int left = neox ? at + i : at + 2 * i;
          int right = neox ? at + i + dim / 2 : at + 2 * i + 1;
          y[left] = x[left] * Math.cos(angle) - x[right] * Math.sin(angle);
          y[right] = x[left] * Math.sin(angle) + x[right] * Math.cos(angle);
        }
      }
    }
    return y;
  }

  double[] attention(
      double[] q, double[] k, double[] v, int heads, int kvHeads, int dk, int dv, double scale) {
    double[] y = new double[n * heads * dv];
    for (int t = 0; t < n; t++) {
      int first = t - batch.position(t);
      for (int h = 0; h < heads; h++) {
        int kv = h / (heads / kvHeads);
        double[] e = new double[t - first + 1];
        double sum = 0;
        for (int s = first; s <= t; s++) {
          double score = 0;
          for (int i = 0; i < dk; i++) {
            score += q[(t * heads + h) * dk + i] * k[(s * kvHeads + kv) * dk + i];
          }
          e[s - first] = Math.exp(scale * score);
          sum += e[s - first];
        }
        for (int s = first; s <= t; s++) {
          for (int i = 0; i < dv; i++) {
            y[(t * heads + h) * dv + i] += e[s - first] / sum * v[(s * kvHeads + kv) * dv + i];
          }
        }
      }
    }
    return y;
  }

  double[] gqa(double[] x, ModelConfig c, int layer) {
    String prefix = "blk." + layer + ".";
    int heads = c.numAttentionHeads();
    int kv = c.numKeyValueHeads();
    int d = c.headDim();
    int hidden = c.hiddenSize();
    double[] q = linear(x, prefix + "attn_q.weight", hidden, heads * d);
    double[] k = linear(x, prefix + "attn_k.weight", hidden, kv * d);
    double[] v = linear(x, prefix + "attn_v.weight", hidden, kv * c.valueHeadDim());
    q = rmsNorm(q, prefix + "attn_q_norm.weight", d, c.rmsNormEps());
    k = rmsNorm(k, prefix + "attn_k_norm.weight", d, c.rmsNormEps());
    q = rope(q, heads, d, 0, c.rope().dim(), c.rope().theta(), c.rope().neox());
    k = rope(k, kv, d, 0, c.rope().dim(), c.rope().theta(), c.rope().neox());
    double[] o = attention(q, k, v, heads, kv, d, c.valueHeadDim(), c.attentionScale());
    return linear(o, prefix + "attn_output.weight", heads * c.valueHeadDim(), hidden);
  }

  double[] mla(double[] x, ModelConfig c, int layer) {
    String prefix = "blk." + layer + ".";
    MlaConfig m = c.mla().orElseThrow();
    int heads = c.numAttentionHeads();
    int hidden = c.hiddenSize();
    int nope = m.qkNopeHeadDim();
    int rope = m.qkRopeHeadDim();
    int lora = m.kvLoraRank();
    double[] from = x;
    int width = hidden;
    String name = "attn_q.weight";
    if (m.qLoraRank() > 0) {
      width = m.qLoraRank();
      from = linear(x, prefix + "attn_q_a.weight", hidden, width);
      from = rmsNorm(from, prefix + "attn_q_a_norm.weight", width, c.rmsNormEps());
      name = "attn_q_b.weight";
    }
    double[] q = linear(from, prefix + name, width, heads * (nope + rope));
    q = rope(q, heads, nope + rope, nope, rope, c.rope().theta(), c.rope().neox());
    double[] both = linear(x, prefix + "attn_kv_a_mqa.weight", hidden, lora + rope);
    double[] small = new double[n * lora];
    double[] rotary = new double[n * rope];
    for (int t = 0; t < n; t++) {
      System.arraycopy(both, t * (lora + rope), small, t * lora, lora);
      System.arraycopy(both, t * (lora + rope) + lora, rotary, t * rope, rope);
    }
    small = rmsNorm(small, prefix + "attn_kv_a_norm.weight", lora, c.rmsNormEps());
    rotary = rope(rotary, 1, rope, 0, rope, c.rope().theta(), c.rope().neox());
    double[] kNope = linear(small, prefix + "attn_k_b.weight", lora, heads * nope);
    double[] v = linear(small, prefix + "attn_v_b.weight", lora, heads * m.vHeadDim());
    double[] k = new double[n * heads * (nope + rope)];
    for (int t = 0; t < n; t++) {
      for (int h = 0; h < heads; h++) {
        int to = (t * heads + h) * (nope + rope);
        System.arraycopy(kNope, (t * heads + h) * nope, k, to, nope);
        System.arraycopy(rotary, t * rope, k, to + nope, rope);
      }
    }
    double[] o = attention(q, k, v, heads, heads, nope + rope, m.vHeadDim(), c.attentionScale());
    return linear(o, prefix + "attn_output.weight", heads * m.vHeadDim(), hidden);
  }

  double[] swiGlu(double[] x, int layer, String suffix, int hidden, int width) {
    String prefix = "blk." + layer + ".ffn_";
    return swiGlu(
        x,
        n,
        at(prefix + "gate" + suffix + ".weight"),
        at(prefix + "up" + suffix + ".weight"),
        at(prefix + "down" + suffix + ".weight"),
        hidden,
        width);
  }

  private double[] swiGlu(
      double[] x, int rows, int gateAt, int upAt, int downAt, int hidden, int width) {
    double[] gate = linear(x, rows, gateAt, hidden, width);
    double[] up = linear(x, rows, upAt, hidden, width);
    for (int i = 0; i < gate.length; i++) {
      gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
    }
    return linear(gate, rows, downAt, width, hidden);
  }

  double[] moe(double[] x, ModelConfig c, int layer) {
    MoeConfig m = c.moe().orElseThrow();
    int hidden = c.hiddenSize();
    int width = m.moeIntermediateSize();
    String prefix = "blk." + layer + ".";
    double[] y =
        m.sharedIntermediateSize() > 0
            ? swiGlu(x, layer, "_shexp", hidden, m.sharedIntermediateSize())
            : new double[n * hidden];
    double[] logits = linear(x, prefix + "ffn_gate_inp.weight", hidden, m.nRoutedExperts());
    for (int t = 0; t < n; t++) {
      double[] s = scores(logits, t, m);
      int[] chosen = choose(s, at(prefix + "exp_probs_b.bias"), m);
      double sum = m.normTopkProb() ? Arrays.stream(chosen).mapToDouble(e -> s[e]).sum() : 1;
      double[] token = Arrays.copyOfRange(x, t * hidden, (t + 1) * hidden);
      for (int e : chosen) {
        double[] one =
            swiGlu(
                token,
                1,
                at(prefix + "ffn_gate_exps.weight") + e * width * hidden,
                at(prefix + "ffn_up_exps.weight") + e * width * hidden,
                at(prefix + "ffn_down_exps.weight") + e * width * hidden,
                hidden,
                width);
        for (int i = 0; i < hidden; i++) {
          y[t * hidden + i] += m.routedScalingFactor() * s[e] / sum * one[i];
        }
      }
    }
    return y;
  }

  private static double[] scores(double[] logits, int t, MoeConfig m) {
    int count = m.nRoutedExperts();
    double[] s = new double[count];
    double sum = 0;
    for (int e = 0; e < count; e++) {
      double logit = logits[t * count + e];
      s[e] = m.scoring() == Scoring.SIGMOID ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit);
      sum += s[e];
    }
    for (int e = 0; e < count && m.scoring() == Scoring.SOFTMAX; e++) {
      s[e] /= sum;
    }
    return s;
  }

  private int[] choose(double[] s, int bias, MoeConfig m) {
    int[] chosen = new int[m.numExpertsPerTok()];
    double[] left = new double[s.length];
    for (int e = 0; e < s.length; e++) {
      left[e] = s[e] + p[bias + e];
    }
    for (int i = 0; i < chosen.length; i++) {
      for (int e = 1; e < left.length; e++) {
        if (left[e] > left[chosen[i]]) {
          chosen[i] = e;
        }
      }
      left[chosen[i]] = Double.NEGATIVE_INFINITY;
    }
    return chosen;
  }

  double[] layer(double[] x, ModelConfig c, int layer) {
    String prefix = "blk." + layer + ".";
    double[] in = rmsNorm(x, prefix + "attn_norm.weight", c.hiddenSize(), c.rmsNormEps());
    double[] middle = plus(x, c.mla().isPresent() ? mla(in, c, layer) : gqa(in, c, layer));
    in = rmsNorm(middle, prefix + "ffn_norm.weight", c.hiddenSize(), c.rmsNormEps());
    boolean experts = c.moe().isPresent() && c.moe().get().isMoeLayer(layer);
    return plus(
        middle,
        experts ? moe(in, c, layer) : swiGlu(in, layer, "", c.hiddenSize(), c.intermediateSize()));
  }

  private static double[] plus(double[] a, double[] b) {
    double[] sum = a.clone();
    for (int i = 0; i < a.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  double[] embedding(int hidden) {
    double[] x = new double[n * hidden];
    for (int t = 0; t < n; t++) {
      System.arraycopy(p, at("token_embd.weight") + batch.token(t) * hidden, x, t * hidden, hidden);
    }
    return x;
  }

  double loss(double[] x, int weight, int hidden, int vocabSize) {
    double[] logits = linear(x, n, weight, hidden, vocabSize);
    double loss = 0;
    for (int t = 0; t < n; t++) {
      if (batch.target(t) != TokenBatch.NO_TARGET) {
        double sum = 0;
        for (int v = 0; v < vocabSize; v++) {
          sum += Math.exp(logits[t * vocabSize + v]);
        }
        loss += Math.log(sum) - logits[t * vocabSize + batch.target(t)];
      }
    }
    return loss;
  }

  double model(ModelConfig c, boolean tied) {
    int output = at(tied ? "token_embd.weight" : "output.weight");
    return loss(states(c), output, c.hiddenSize(), c.vocabSize());
  }

  private double[] states(ModelConfig c) {
    double[] x = embedding(c.hiddenSize());
    for (int i = 0; i < c.numHiddenLayers(); i++) {
      x = layer(x, c, i);
    }
    return rmsNorm(x, "output_norm.weight", c.hiddenSize(), c.rmsNormEps());
  }

  /** The loss of tokens after next, from whole documents: their last token is target only. */
  double mtp(ModelConfig c, boolean tied) {
    int hidden = c.hiddenSize();
    String prefix = "blk." + c.numHiddenLayers() + ".nextn.";
    TokenBatch next = new TokenBatch(n);
    List<Integer> before = new ArrayList<>();
    for (int i = 0; i + 1 < n; i++) {
      if (batch.position(i + 1) > 0) { // else it begins another document
        if (batch.position(i) == 0) {
          next.beginSegment();
        }
        next.add(batch.token(i + 1), batch.target(i + 1));
        before.add(i);
      }
    }
    double[] states = states(c);
    Reference mine = new Reference(layout, p, next);
    double[] e = rmsNorm(mine.embedding(hidden), prefix + "enorm.weight", hidden, c.rmsNormEps());
    double[] h = rmsNorm(states, prefix + "hnorm.weight", hidden, c.rmsNormEps());
    double[] joined = new double[2 * hidden * mine.n];
    for (int i = 0; i < mine.n; i++) {
      System.arraycopy(e, i * hidden, joined, 2 * i * hidden, hidden);
      System.arraycopy(h, before.get(i) * hidden, joined, 2 * i * hidden + hidden, hidden);
    }
    double[] x = mine.linear(joined, prefix + "eh_proj.weight", 2 * hidden, hidden);
    x = mine.layer(x, c, c.numHiddenLayers());
    x = rmsNorm(x, prefix + "shared_head_norm.weight", hidden, c.rmsNormEps());
    int output = at(tied ? "token_embd.weight" : "output.weight");
    return mine.loss(x, output, hidden, c.vocabSize());
  }
}
