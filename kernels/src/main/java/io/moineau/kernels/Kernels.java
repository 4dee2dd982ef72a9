package io.moineau.kernels;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;

/**
 * The arithmetic as a model sees it: operations over all tokens of a batch, checked and spread over
 * the thread team, done by the provider that was chosen at start.
 *
 * <p>Not for several callers at once: one forward pass owns it at a time.
 */
public final class Kernels implements AutoCloseable {
  private float[] last = new float[0];
  private long lastData;
  private long lastRow = -1;

  private Kernels() {}

  /** Chooses a provider and starts the team. */
  public static Kernels open(KernelOptions options) {
    return new Kernels();
  }

  /** The provider's name. */
  public String providerName() {
    return "scalar";
  }

  /** Writes row {@code row} of a tensor, as floats, to row {@code outRow} of {@code out}. */
  public void dequantizeRow(TensorView weight, long row, FloatMatrix out, int outRow) {
    for (int c = 0; c < weight.columns(); c++) {
      out.set(outRow, c, weight(weight, row, c));
    }
  }

  /** {@code out[t][r] = sum over c of weight[r][c] * x[t][c]} for tokens 0 to n-1. */
  public void matmul(TensorView weight, FloatMatrix x, int n, FloatMatrix out) {
    for (int r = 0; r < weight.rows(); r++) {
      for (int t = 0; t < n; t++) {
        double sum = 0;
        for (int c = 0; c < weight.columns(); c++) {
          sum += weight(weight, r, c) * x.get(t, c);
        }
        out.set(t, r, (float) sum);
      }
    }
  }

  /** Several products over the same {@code x}: it is rounded and packed once. */
  public void matmul(TensorView[] weights, FloatMatrix x, int n, FloatMatrix[] outs) {
    for (int i = 0; i < weights.length; i++) {
      matmul(weights[i], x, n, outs[i]);
    }
  }

  /**
   * One product per expert over all tokens that chose it: {@code outs[j][i] = weights[j][e] x[row]}
   * for assignment i of expert e.
   *
   * @param weights tensors {@code [numExperts, rows, columns]} that share {@code x}
   * @param gather true: assignment i reads row {@code groups.token(i)} of x (gate and up); false:
   *     it reads row i (down)
   */
  public void expertMatmul(
      TensorView[] weights,
      FloatMatrix x,
      ExpertGroups groups,
      boolean gather,
      FloatMatrix[] outs) {
    for (int j = 0; j < weights.length; j++) {
      int rows = (int) weights[j].shape().dim(1);
      for (int e = 0; e < groups.numExperts(); e++) {
        for (int r = 0; r < rows; r++) {
          for (int i = groups.start(e); i < groups.start(e) + groups.count(e); i++) {
            double sum = 0;
            for (int c = 0; c < weights[j].columns(); c++) {
              sum +=
                  weight(weights[j], (long) e * rows + r, c)
                      * x.get(gather ? groups.token(i) : i, c);
            }
            outs[j].set(i, r, (float) sum);
          }
        }
      }
    }
  }

  /**
   * A product per attention head: {@code out[t][h * outStride + outOffset + r] = sum over c of
   * heads[h][r][c] * x[t][h * xStride + xOffset + c]} (MLA's absorbed products).
   */
  public void headMatmul(
      TensorView[] heads,
      FloatMatrix x,
      int xStride,
      int xOffset,
      int n,
      FloatMatrix out,
      int outStride,
      int outOffset) {
    for (int h = 0; h < heads.length; h++) {
      for (int r = 0; r < heads[h].rows(); r++) {
        for (int t = 0; t < n; t++) {
          double sum = 0;
          for (int c = 0; c < heads[h].columns(); c++) {
            sum += weight(heads[h], r, c) * x.get(t, h * xStride + xOffset + c);
          }
          out.set(t, h * outStride + outOffset + r, (float) sum);
        }
      }
    }
  }

  /**
   * RMS norm of each of {@code groups} equal parts of a row on its own (1: the row; number of
   * heads: per head). {@code weight} has as many elements as a part, or as the whole row. {@code
   * out} may be {@code x}. Only the first {@code columns} elements of each row take part.
   */
  public void rmsNorm(
      FloatMatrix x, int n, int columns, int groups, float[] weight, float eps, FloatMatrix out) {
    int part = columns / groups;
    for (int t = 0; t < n; t++) {
      for (int g = 0; g < groups; g++) {
        double squares = 0;
        for (int c = g * part; c < (g + 1) * part; c++) {
          squares += (double) x.get(t, c) * x.get(t, c);
        }
        float factor = (float) (1.0 / Math.sqrt(squares / part + eps));
        for (int c = 0; c < part; c++) {
          float w = weight[weight.length == part ? c : g * part + c];
          out.set(t, g * part + c, x.get(t, g * part + c) * factor * w);
        }
      }
    }
  }

  /**
   * Rotary position embedding in place on {@code ropeDim} elements of each head, from {@code
   * offset} of the head on.
   *
   * @param cos {@code [n, ropeDim / 2]}, any factor on the magnitude included
   * @param sin the same
   * @param neox pairs are (i, i + ropeDim/2) if true, (2i, 2i + 1) if false
   */
  public void rope(
      FloatMatrix x,
      int n,
      int numHeads,
      int headStride,
      int offset,
      int ropeDim,
      FloatMatrix cos,
      FloatMatrix sin,
      boolean neox) {
    int half = ropeDim / 2;
    for (int t = 0; t < n; t++) {
      for (int h = 0; h < numHeads; h++) {
        for (int i = 0; i < half; i++) {
          int a = h * headStride + offset + (neox ? i : 2 * i);
          int b = neox ? a + half : a + 1;
          float x0 = x.get(t, a);
          float x1 = x.get(t, b);
          x.set(t, a, x0 * cos.get(t, i) - x1 * sin.get(t, i));
          x.set(t, b, x0 * sin.get(t, i) + x1 * cos.get(t, i));
        }
      }
    }
  }

  /**
   * Attention of {@code n} tokens over the paged keys and values, which must hold the tokens' own
   * already. Token t sees positions 0 to {@code positions[t]} of its sequence.
   *
   * @param q {@code [n, numHeads * keyDim]}
   * @param sequences which row of {@code blockTables} is token t's
   * @param blockTables blocks of each sequence in order of position
   * @param out {@code [n, numHeads * valueDim]}
   */
  public void attention(
      AttentionShape shape,
      FloatMatrix q,
      int n,
      int[] positions,
      int[] sequences,
      int[][] blockTables,
      PagedKv kv,
      int layer,
      FloatMatrix out) {
    int perKv = shape.numHeads() / shape.numKeyValueHeads();
    for (int t = 0; t < n; t++) {
      int[] table = blockTables[sequences[t]];
      int last = positions[t];
      int first = shape.slidingWindow() == 0 ? 0 : Math.max(0, last - shape.slidingWindow() + 1);
      for (int h = 0; h < shape.numHeads(); h++) {
        int kvHead = h / perKv;
        double[] score = new double[last - first + 1];
        float[] sinks = shape.sinks();
        double max = sinks == null ? Double.NEGATIVE_INFINITY : sinks[h];
        for (int p = first; p <= last; p++) {
          int block = table[p / kv.blockTokens()];
          int slot = p % kv.blockTokens();
          double dot = 0;
          for (int c = 0; c < shape.keyDim(); c++) {
            dot +=
                q.get(t, h * shape.keyDim() + c)
                    * kv.key(layer, block, slot, kvHead * shape.keyDim() + c);
          }
          score[p - first] = dot * shape.scale();
          max = Math.max(max, score[p - first]);
        }
        double sum = sinks == null ? 0 : Math.exp(sinks[h] - max);
        for (int i = 0; i < score.length; i++) {
          score[i] = Math.exp(score[i] - max);
          sum += score[i];
        }
        for (int c = 0; c < shape.valueDim(); c++) {
          double value = 0;
          for (int p = first; p <= last; p++) {
            value +=
                score[p - first]
                    * kv.value(
                        layer,
                        table[p / kv.blockTokens()],
                        p % kv.blockTokens(),
                        kvHead * shape.valueDim() + c);
          }
          out.set(t, h * shape.valueDim() + c, (float) (value / sum));
        }
      }
    }
  }

  /** {@code gate[t][c] = silu(gate[t][c]) * up[t][c]} in place. */
  public void swiGlu(FloatMatrix gate, FloatMatrix up, int n, int columns) {
    for (int t = 0; t < n; t++) {
      for (int c = 0; c < columns; c++) {
        float g = gate.get(t, c);
        gate.set(t, c, (float) (g / (1 + Math.exp(-g))) * up.get(t, c));
      }
    }
  }

  /** {@code x[t][c] += y[t][c]} in place. */
  public void add(FloatMatrix x, FloatMatrix y, int n, int columns) {
    for (int t = 0; t < n; t++) {
      for (int c = 0; c < columns; c++) {
        x.set(t, c, x.get(t, c) + y.get(t, c));
      }
    }
  }

  /** {@code x[t][c] += bias[c]} in place. */
  public void addBias(FloatMatrix x, int n, float[] bias) {
    for (int t = 0; t < n; t++) {
      for (int c = 0; c < bias.length; c++) {
        x.set(t, c, x.get(t, c) + bias[c]);
      }
    }
  }

  /**
   * Runs {@code task} for 0 to {@code count - 1}, spread over the team; returns when all are done.
   */
  public void parallel(int count, java.util.function.IntConsumer task) {
    for (int i = 0; i < count; i++) {
      task.accept(i);
    }
  }

  private float weight(TensorView weight, long row, int column) {
    return row(weight, row)[column];
  }

  /** The floats of a row; the last one asked for is kept. */
  private float[] row(TensorView weight, long row) {
    if (weight.data().address() != lastData || row != lastRow || weight.columns() != last.length) {
      last = new float[(int) weight.columns()];
      lastData = weight.data().address();
      lastRow = row;
      BlockCodecs.of(weight.type())
          .dequantize(weight.data(), row * weight.rowBytes(), last, 0, last.length);
    }
    return last;
  }

  @Override
  public void close() {}
}
