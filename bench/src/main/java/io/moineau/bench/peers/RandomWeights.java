package io.moineau.bench.peers;

import io.moineau.format.TensorSink;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.kernels.quant.BlockEncoder;
import io.moineau.tensor.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Random weights of any type that can be written, as fast as a disk takes them.
 *
 * <p>For each type and spread a pool of groups of 256 normally distributed weights is quantised
 * once; tensors are groups drawn from the pool. So gigabytes need neither gigabytes of memory nor
 * the search that a quantisation is, and yet have the values, scales and error of real quantised
 * weights.
 */
final class RandomWeights {
  /** A multiple of every type's block. */
  private static final int GROUP = 256;

  private static final int GROUPS = 1 << 12;
  private static final int PIECE_GROUPS = 1 << 11;

  private record Distribution(DType type, float spread, float middle) {}

  private final long seed;
  private final Map<Distribution, byte[]> pools = new HashMap<>();

  RandomWeights(long seed) {
    this.seed = seed;
  }

  /**
   * Writes a tensor.
   *
   * @param tensor which tensor of the model: each has its own sequence of groups
   * @param bytes of the whole tensor
   * @param spread standard deviation
   */
  void write(TensorSink sink, int tensor, DType type, long bytes, float spread, float middle)
      throws IOException {
    byte[] pool = pools.computeIfAbsent(new Distribution(type, spread, middle), this::pool);
    int group = (int) type.bytesFor(GROUP);
    byte[] piece = new byte[PIECE_GROUPS * group];
    // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    long state = seed * 0x9E3779B97F4A7C15L + tensor * 0xD1B54A32D192ED03L;
    for (long at = 0; at < bytes; at += piece.length) {
      for (int i = 0; i < PIECE_GROUPS; i++) {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        int from = (int) ((z ^ (z >>> 31)) & (GROUPS - 1));
        System.arraycopy(pool, from * group, piece, i * group, group);
      }
      long here = Math.min(piece.length, bytes - at);
      sink.write(MemorySegment.ofArray(piece).asSlice(0, here));
    }
  }

  private byte[] pool(Distribution of) {
    BlockEncoder encoder = BlockCodecs.encoder(of.type);
    Random random = new Random(seed ^ Float.floatToIntBits(of.spread));
    float[] values = new float[GROUP];
    int group = (int) of.type.bytesFor(GROUP);
    byte[] pool = new byte[GROUPS * group];
    MemorySegment target = MemorySegment.ofArray(pool);
    for (int g = 0; g < GROUPS; g++) {
      for (int i = 0; i < GROUP; i++) {
        values[i] = of.middle + of.spread * (float) random.nextGaussian();
      }
      encoder.quantize(values, 0, target, (long) g * group, GROUP);
    }
    return pool;
  }
}
