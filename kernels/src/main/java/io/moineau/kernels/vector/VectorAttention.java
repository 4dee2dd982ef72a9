package io.moineau.kernels.vector;

import static io.moineau.kernels.vector.Lanes.F;
import static io.moineau.kernels.vector.Lanes.floats;

import io.moineau.kernels.AttentionCall;
import io.moineau.kernels.AttentionShape;
import io.moineau.kernels.PagedKv;
import io.moineau.tensor.DType;
import java.lang.foreign.Arena;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Attention of one token and some query heads of one key-value head; the scratch memory of one
 * thread.
 *
 * <p>Each key and value is read once for all these heads (four at a time in registers), which is
 * what makes grouped queries and MLA (one key, many heads) cheap. Scores of all positions are kept,
 * so that the softmax is two plain passes. Keys and values that are not floats are turned into
 * floats in chunks that stay in cache.
 */
final class VectorAttention implements AutoCloseable {
  private static final int CHUNK = 32; // positions whose keys or values are turned at once

  private Arena arena = Arena.ofShared();
  private long weights; // [heads, positions padded to 16]: scores, then exp of them
  private long tile; // 16 floats
  private long slots; // int64 [positions]: number of the slot within the layer
  private long ordinals; // int64 [CHUNK]: 0, 1, 2 ...
  private long turned; // [CHUNK, keyDim or valueDim] floats
  private int positionsHeld;
  private int headsHeld;
  private int dimHeld;

  static boolean supports(AttentionCall call) {
    AttentionShape shape = call.shape();
    int multiple = call.kv().type() == DType.Q8_0 ? 32 : 16;
    return shape.keyDim() % multiple == 0 && shape.valueDim() % multiple == 0;
  }

  private void ensure(int positions, int heads, int dim) {
    if (positions <= positionsHeld && heads <= headsHeld && dim <= dimHeld) {
      return;
    }
    positionsHeld = Math.max(positionsHeld, positions + positions / 4 + 64) + 15 & -16;
    headsHeld = Math.max(headsHeld, heads);
    dimHeld = Math.max(dimHeld, dim);
    arena.close();
    arena = Arena.ofShared();
    tile = arena.allocate(64, 64).address();
    weights = arena.allocate(4L * positionsHeld * headsHeld, 64).address();
    slots = arena.allocate(8L * positionsHeld, 64).address();
    ordinals = arena.allocate(8L * CHUNK, 64).address();
    turned = arena.allocate(4L * CHUNK * dimHeld, 64).address();
    for (int i = 0; i < CHUNK; i++) {
      Lanes.putLong(ordinals + 8L * i, i);
    }
  }

  /** See {@link io.moineau.kernels.KernelProvider#attend}. */
  void attend(
      AttentionCall call, int token, int headFrom, int headTo, int from, int to, long partial) {
    AttentionShape shape = call.shape();
    int heads = headTo - headFrom;
    int seen = to - from;
    ensure(seen, heads, Math.max(shape.keyDim(), shape.valueDim()));
    PagedKv kv = call.kv();
    int blockTokens = kv.blockTokens();
    for (int p = from; p < to; p++) {
      long block = call.block(token, p / blockTokens);
      Lanes.putLong(slots + 8L * (p - from), block * blockTokens + p % blockTokens);
    }
    int kvHead = headFrom / (shape.numHeads() / shape.numKeyValueHeads());
    int padded = seen + 15 & -16;
    long q = call.q().address(token) + 4L * headFrom * shape.keyDim();
    score(call, q, heads, kvHead, seen, padded);
    int stride = call.partialStride();
    for (int h = 0; h < heads; h++) {
      long result = partial + 4L * (h * stride + shape.valueDim());
      softmax(weights + 4L * h * padded, seen, padded, shape.scale(), result);
      for (int c = 0; c < shape.valueDim(); c += F.length()) {
        Lanes.put(partial + 4L * (h * stride + c), FloatVector.zero(F));
      }
    }
    mix(call, heads, kvHead, seen, padded, partial, stride);
  }

  /** Products of queries and keys into {@link #weights}. */
  private void score(AttentionCall call, long q, int heads, int kvHead, int seen, int padded) {
    PagedKv kv = call.kv();
    int dim = call.shape().keyDim();
    long skip = kv.type().bytesFor((long) kvHead * dim);
    long base = kv.keyAddress(call.layer()) + skip;
    for (int p0 = 0; p0 < seen; p0 += CHUNK) {
      int count = Math.min(CHUNK, seen - p0);
      long keys = base;
      long rowBytes = kv.keyBytes();
      long list = slots + 8L * p0;
      if (kv.type() != DType.F32) {
        turn(kv.type(), base, rowBytes, list, count, dim);
        keys = turned;
        rowBytes = 4L * dim;
        list = ordinals;
      }
      scoreChunk(q, heads, keys, rowBytes, list, count, dim, weights + 4L * p0, padded);
    }
  }

  private void scoreChunk(
      long q,
      int heads,
      long keys,
      long rowBytes,
      long list,
      int count,
      int dim,
      long out,
      int padded) {
    long qBytes = 4L * dim;
    int p = 0;
    for (; p + 4 <= count; p += 4) {
      long k0 = keys + Lanes.getLong(list + 8L * p) * rowBytes;
      long k1 = keys + Lanes.getLong(list + 8L * p + 8) * rowBytes;
      long k2 = keys + Lanes.getLong(list + 8L * p + 16) * rowBytes;
      long k3 = keys + Lanes.getLong(list + 8L * p + 24) * rowBytes;
      int h = 0;
      for (; h + 4 <= heads; h += 4) {
        long q0 = q + h * qBytes;
        Tiles.fourByFour(
            q0, q0 + qBytes, q0 + 2 * qBytes, q0 + 3 * qBytes, k0, k1, k2, k3, dim, tile);
        for (int i = 0; i < 16; i++) {
          long to = out + 4L * ((h + (i & 3)) * (long) padded + p + (i >> 2));
          Lanes.put(to, Lanes.get(tile + 4L * i));
        }
      }
      for (; h < heads; h++) {
        // Keys take the place of the rows: four of them against one query.
        Tiles.fourByOne(k0, k1, k2, k3, q + h * qBytes, dim, tile);
        for (int i = 0; i < 4; i++) {
          Lanes.put(out + 4L * (h * (long) padded + p + i), Lanes.get(tile + 4L * i));
        }
      }
    }
    for (; p < count; p++) {
      long key = keys + Lanes.getLong(list + 8L * p) * rowBytes;
      for (int h = 0; h < heads; h++) {
        float dot = RowDot.f32(q + h * qBytes, key, dim);
        Lanes.put(out + 4L * (h * (long) padded + p), dot);
      }
    }
  }

  /**
   * Turns the scores of a head into weights exp(score * scale - max), zeros from {@code seen} to
   * {@code padded}; leaves max and the sum of the weights at {@code result}.
   */
  private static void softmax(long scores, int seen, int padded, float scale, long result) {
    if (seen == 0) {
      Lanes.put(result, Float.NEGATIVE_INFINITY);
      Lanes.put(result + 4, 0);
      return;
    }
    for (int p = seen; p < padded; p++) {
      Lanes.put(scores + 4L * p, Lanes.get(scores)); // any score that is there, for the maximum
    }
    FloatVector highest = floats(scores).mul(scale);
    for (int p = 0; p < padded; p += F.length()) {
      FloatVector scaled = floats(scores + 4L * p).mul(scale);
      Lanes.put(scores + 4L * p, scaled);
      highest = highest.max(scaled);
    }
    float max = highest.reduceLanes(VectorOperators.MAX);
    for (int p = seen; p < padded; p++) {
      Lanes.put(scores + 4L * p, Float.NEGATIVE_INFINITY);
    }
    FloatVector sum = FloatVector.zero(F);
    for (int p = 0; p < padded; p += F.length()) {
      FloatVector weight = RowOperations.exp(floats(scores + 4L * p).sub(max));
      Lanes.put(scores + 4L * p, weight);
      sum = sum.add(weight);
    }
    Lanes.put(result, max);
    Lanes.put(result + 4, Lanes.sum(sum));
  }

  /** Adds weighted values to the partial sums. */
  private void mix(
      AttentionCall call, int heads, int kvHead, int seen, int padded, long partial, int stride) {
    PagedKv kv = call.kv();
    int dim = call.shape().valueDim();
    long base =
        kv.valueAddress(call.layer())
            + (kv.valueColumns() == 0 ? 0 : kv.type().bytesFor((long) kvHead * dim));
    for (int p0 = 0; p0 < seen; p0 += CHUNK) {
      int count = Math.min(CHUNK, seen - p0);
      long values = base;
      long rowBytes = kv.valueBytes();
      long list = slots + 8L * p0;
      if (kv.type() != DType.F32) {
        turn(kv.type(), base, rowBytes, list, count, dim);
        values = turned;
        rowBytes = 4L * dim;
        list = ordinals;
      }
      int h = 0;
      for (; h + 4 <= heads; h += 4) {
        long w = weights + 4L * (h * (long) padded + p0);
        for (int c = 0; c < dim; c += F.length()) {
          mixFour(
              w,
              4L * padded,
              values + 4L * c,
              rowBytes,
              list,
              count,
              partial + 4L * (h * stride + c),
              4L * stride);
        }
      }
      for (; h < heads; h++) {
        long w = weights + 4L * (h * (long) padded + p0);
        for (int c = 0; c < dim; c += F.length()) {
          mixOne(w, values + 4L * c, rowBytes, list, count, partial + 4L * (h * stride + c));
        }
      }
    }
  }

  private static void mixFour(
      long w, long ws, long values, long rowBytes, long list, int count, long sum, long stride) {
    FloatVector a = floats(sum);
    FloatVector b = floats(sum + stride);
    FloatVector c = floats(sum + 2 * stride);
    FloatVector d = floats(sum + 3 * stride);
    for (int p = 0; p < count; p++) {
      FloatVector v = floats(values + Lanes.getLong(list + 8L * p) * rowBytes);
      long at = w + 4L * p;
      a = v.fma(Lanes.all(Lanes.get(at)), a);
      b = v.fma(Lanes.all(Lanes.get(at + ws)), b);
      c = v.fma(Lanes.all(Lanes.get(at + 2 * ws)), c);
      d = v.fma(Lanes.all(Lanes.get(at + 3 * ws)), d);
    }
    Lanes.put(sum, a);
    Lanes.put(sum + stride, b);
    Lanes.put(sum + 2 * stride, c);
    Lanes.put(sum + 3 * stride, d);
  }

  private static void mixOne(long w, long values, long rowBytes, long list, int count, long sum) {
    FloatVector a = floats(sum);
    for (int p = 0; p < count; p++) {
      FloatVector v = floats(values + Lanes.getLong(list + 8L * p) * rowBytes);
      a = v.fma(Lanes.all(Lanes.get(w + 4L * p)), a);
    }
    Lanes.put(sum, a);
  }

  /** Turns {@code count} listed rows of F16 or Q8_0 into floats. */
  private void turn(DType type, long base, long rowBytes, long list, int count, int dim) {
    for (int p = 0; p < count; p++) {
      long row = base + Lanes.getLong(list + 8L * p) * rowBytes;
      long to = turned + 4L * p * dim;
      if (type == DType.F16) {
        RowDequantizer.f16(row, dim, to);
      } else {
        RowDequantizer.q8_0(row, dim / 32, to);
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
