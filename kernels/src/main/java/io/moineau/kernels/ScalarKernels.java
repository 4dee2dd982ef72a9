package io.moineau.kernels;

import io.moineau.kernels.quant.BlockCodec;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Plain Java: the definition of right, against which every other provider is tested, and what users
 * get whose JVM was started without the Vector API module.
 *
 * <p>Weights are dequantised a few rows at a time and multiplied as floats, in loops of a form that
 * the JIT can vectorise by itself: a float sum of a fixed order it cannot, so {@link #dot} keeps 64
 * sums side by side.
 */
final class ScalarKernels implements KernelProvider {
  private static final int ROUNDED = 1;
  private static final int LANES = 64;

  private final Scratch[] scratch;

  ScalarKernels(int threads) {
    scratch = new Scratch[threads];
    for (int i = 0; i < threads; i++) {
      scratch[i] = new Scratch();
    }
  }

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public String describe() {
    return "scalar: plain Java";
  }

  @Override
  public boolean supports(DType weight) {
    return WeightTypes.supports(weight);
  }

  @Override
  public int packing(DType weight, Precision precision) {
    return weight.isQuantized() && precision == Precision.DEFAULT ? ROUNDED : PLAIN;
  }

  @Override
  public long packedRowBytes(int packing, int columns) {
    return (columns * 4L + 63) & -64;
  }

  @Override
  public void pack(
      int packing,
      MemorySegment source,
      long sourceOffset,
      int columns,
      MemorySegment packed,
      long packedOffset) {
    if (packing == PLAIN) {
      MemorySegment.copy(source, sourceOffset, packed, packedOffset, columns * 4L);
      return;
    }
    float[] block = new float[ActivationRounding.BLOCK];
    for (int c = 0; c < columns; c += block.length) {
      int count = Math.min(block.length, columns - c);
      long at = sourceOffset + c * 4L;
      MemorySegment.copy(source, ValueLayout.JAVA_FLOAT, at, block, 0, count);
      ActivationRounding.round(block, 0, count);
      at = packedOffset + c * 4L;
      MemorySegment.copy(block, 0, packed, ValueLayout.JAVA_FLOAT, at, count);
    }
  }

  @Override
  public int rowsPerPiece(DType weight, int rows, int columns, int activations) {
    return 16;
  }

  @Override
  public int sameAsAlone(DType weight, int packing) {
    return Integer.MAX_VALUE;
  }

  @Override
  public void multiply(Product product, int rowFrom, int rowTo, int thread) {
    Scratch own = scratch[thread];
    int columns = product.columns();
    float[] weights = own.weights(16 * columns);
    float[] x = own.activation(columns);
    BlockCodec codec = BlockCodecs.of(product.type());
    for (int first = rowFrom; first < rowTo; first += 16) {
      int rows = Math.min(16, rowTo - first);
      for (int r = 0; r < rows; r++) {
        long at = product.weightOffset(first + r);
        codec.dequantize(product.weights(), at, weights, r * columns, columns);
      }
      for (int i = 0; i < product.activations(); i++) {
        MemorySegment.copy(
            product.packed(), ValueLayout.JAVA_FLOAT, product.packedOffset(i), x, 0, columns);
        for (int r = 0; r < rows; r++) {
          float sum = dot(weights, r * columns, x, columns, own.sums);
          product.out().set(product.outRow() + i, product.outColumn() + first + r, sum);
        }
      }
    }
  }

  private static float dot(float[] weights, int from, float[] x, int columns, float[] sums) {
    java.util.Arrays.fill(sums, 0);
    int c = 0;
    for (; c + LANES <= columns; c += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        sums[lane] += weights[from + c + lane] * x[c + lane];
      }
    }
    float rest = 0;
    for (; c < columns; c++) {
      rest += weights[from + c] * x[c];
    }
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        sums[lane] += sums[lane + half];
      }
    }
    return sums[0] + rest;
  }

  @Override
  public void rmsNorm(
      FloatMatrix x, int row, int columns, int groups, float[] weight, float eps, FloatMatrix out) {
    int part = columns / groups;
    for (int g = 0; g < groups; g++) {
      double squares = 0;
      for (int c = g * part; c < (g + 1) * part; c++) {
        squares += (double) x.get(row, c) * x.get(row, c);
      }
      float factor = (float) (1.0 / Math.sqrt(squares / part + eps));
      for (int c = 0; c < part; c++) {
        float w = weight[weight.length == part ? c : g * part + c];
        out.set(row, g * part + c, x.get(row, g * part + c) * factor * w);
      }
    }
  }

  @Override
  public void rope(
      FloatMatrix x,
      int row,
      int numHeads,
      int headStride,
      int offset,
      int ropeDim,
      FloatMatrix cos,
      FloatMatrix sin,
      boolean neox) {
    int half = ropeDim / 2;
    for (int h = 0; h < numHeads; h++) {
      for (int i = 0; i < half; i++) {
        int a = h * headStride + offset + (neox ? i : 2 * i);
        int b = neox ? a + half : a + 1;
        float x0 = x.get(row, a);
        float x1 = x.get(row, b);
        x.set(row, a, x0 * cos.get(row, i) - x1 * sin.get(row, i));
        x.set(row, b, x0 * sin.get(row, i) + x1 * cos.get(row, i));
      }
    }
  }

  @Override
  public void swiGlu(FloatMatrix gate, FloatMatrix up, int row, int columns) {
    for (int c = 0; c < columns; c++) {
      float g = gate.get(row, c);
      gate.set(row, c, (float) (g / (1 + Math.exp(-g))) * up.get(row, c));
    }
  }

  @Override
  public void clampedSwiGlu(
      FloatMatrix gate, FloatMatrix up, int row, int columns, float alpha, float limit) {
    for (int c = 0; c < columns; c++) {
      float g = Math.min(gate.get(row, c), limit);
      float u = Math.clamp(up.get(row, c), -limit, limit);
      gate.set(row, c, (float) (g / (1 + Math.exp(-alpha * g))) * (u + 1));
    }
  }

  @Override
  public void addScaled(
      FloatMatrix x, int row, FloatMatrix y, int yRow, int columns, float factor) {
    for (int c = 0; c < columns; c++) {
      x.set(row, c, x.get(row, c) + factor * y.get(yRow, c));
    }
  }

  @Override
  public void addBias(FloatMatrix x, int row, float[] bias) {
    for (int c = 0; c < bias.length; c++) {
      x.set(row, c, x.get(row, c) + bias[c]);
    }
  }

  @Override
  public void attend(
      AttentionCall call,
      int token,
      int headFrom,
      int headTo,
      int from,
      int to,
      MemorySegment partial,
      long partialOffset,
      int thread) {
    AttentionShape shape = call.shape();
    Scratch own = scratch[thread];
    int keyDim = shape.keyDim();
    int valueDim = shape.valueDim();
    int perKv = shape.numHeads() / shape.numKeyValueHeads();
    int kvHead = headFrom / perKv;
    float[] key = own.weights(keyDim);
    float[] value = own.value(valueDim);
    float[] score = own.activation((headTo - headFrom) * (to - from));
    float[] query = own.query((headTo - headFrom) * keyDim);
    MemorySegment.copy(
        call.q().data(),
        ValueLayout.JAVA_FLOAT,
        call.q().offset(token, headFrom * keyDim),
        query,
        0,
        (headTo - headFrom) * keyDim);
    for (int p = from; p < to; p++) {
      call.kv().readKey(call, token, p, kvHead * keyDim, key, keyDim);
      for (int h = headFrom; h < headTo; h++) {
        float dot = dot(query, (h - headFrom) * keyDim, key, keyDim, own.sums);
        score[(h - headFrom) * (to - from) + p - from] = dot * shape.scale();
      }
    }
    int stride = call.partialStride();
    float[] sums = own.result((headTo - headFrom) * stride);
    for (int h = 0; h < headTo - headFrom; h++) {
      int at = h * (to - from);
      float max = Float.NEGATIVE_INFINITY;
      for (int i = at; i < at + to - from; i++) {
        max = Math.max(max, score[i]);
      }
      double total = 0;
      for (int i = at; i < at + to - from; i++) {
        score[i] = (float) Math.exp(score[i] - max);
        total += score[i];
      }
      java.util.Arrays.fill(sums, h * stride, h * stride + valueDim, 0);
      sums[h * stride + valueDim] = max;
      sums[h * stride + valueDim + 1] = (float) total;
    }
    for (int p = from; p < to; p++) {
      call.kv().readValue(call, token, p, kvHead * valueDim, value, valueDim);
      for (int h = 0; h < headTo - headFrom; h++) {
        float weight = score[h * (to - from) + p - from];
        for (int c = 0; c < valueDim; c++) {
          sums[h * stride + c] += weight * value[c];
        }
      }
    }
    MemorySegment.copy(
        sums, 0, partial, ValueLayout.JAVA_FLOAT, partialOffset, (headTo - headFrom) * stride);
  }

  /** Arrays of one thread, grown as needed. */
  private static final class Scratch {
    private final float[] sums = new float[LANES];
    private float[] weights = new float[0];
    private float[] activation = new float[0];
    private float[] query = new float[0];
    private float[] value = new float[0];
    private float[] result = new float[0];

    float[] weights(int length) {
      return weights.length >= length ? weights : (weights = new float[length]);
    }

    float[] activation(int length) {
      return activation.length >= length ? activation : (activation = new float[length]);
    }

    float[] query(int length) {
      return query.length >= length ? query : (query = new float[length]);
    }

    float[] value(int length) {
      return value.length >= length ? value : (value = new float[length]);
    }

    float[] result(int length) {
      return result.length >= length ? result : (result = new float[length]);
    }
  }
}
