package io.moineau.plan.chips;

import java.util.Locale;

/** Types of numbers that chips have peaks for, with the bit length that the rules count. */
public enum Precision {
  FP64(64),
  FP32(32),
  /** 19 bits are used, 32 are stored and counted: so every published table has it. */
  TF32(32),
  BF16(16),
  FP16(16),
  INT8(8),
  FP8(8),
  FP4(4);

  private final int bits;

  Precision(int bits) {
    this.bits = bits;
  }

  /** Bits of the largest input of its multiplication. */
  public int bits() {
    return bits;
  }

  /** The name in files: {@code fp16}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
