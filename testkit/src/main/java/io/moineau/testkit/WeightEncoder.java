package io.moineau.testkit;

import io.moineau.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Turns floats into the bytes of a weight type; tests may give one that knows more types. */
@FunctionalInterface
public interface WeightEncoder {
  /** F32, F16, BF16 and Q8_0, simply done. */
  WeightEncoder PLAIN = WeightEncoder::plain;

  /**
   * The bytes of {@code values}, a whole number of blocks.
   *
   * @throws IllegalArgumentException if the type is not known here
   */
  byte[] encode(DType type, float[] values);

  private static byte[] plain(DType type, float[] values) {
    int bytes = Math.toIntExact(type.bytesFor(values.length));
    ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case F32 -> {
        for (float value : values) {
          out.putFloat(value);
        }
      }
      case F16 -> {
        for (float value : values) {
          out.putShort(Float.floatToFloat16(value));
        }
      }
      case BF16 -> {
        for (float value : values) {
          int bits = Float.floatToRawIntBits(value);
          out.putShort((short) (bits + 0x7fff + (bits >> 16 & 1) >> 16));
        }
      }
      case Q8_0 -> {
        for (int block = 0; block < values.length; block += 32) {
          blockQ80(values, block, out);
        }
      }
      default ->
          throw new IllegalArgumentException(
              "no simple encoder of type " + type + "; give one that knows it");
    }
    return out.array();
  }

  private static void blockQ80(float[] values, int block, ByteBuffer out) {
    float largest = 0;
    for (int i = 0; i < 32; i++) {
      largest = Math.max(largest, Math.abs(values[block + i]));
    }
    float scale = largest / 127;
    out.putShort(Float.floatToFloat16(scale));
    for (int i = 0; i < 32; i++) {
      out.put((byte) (scale == 0 ? 0 : Math.round(values[block + i] / scale)));
    }
  }
}
