package io.moineau.tensor;

import java.util.Optional;

/**
 * The element types of GGML: how many weights a block holds and how many bytes it takes.
 *
 * <p>Numbers and sizes are those of {@code ggml.h} and {@code ggml-common.h} (llama.cpp v0.5.0). A
 * row of a tensor is a whole number of blocks.
 */
public enum DType {
  F32(0, 1, 4),
  F16(1, 1, 2),
  Q4_0(2, 32, 18),
  Q4_1(3, 32, 20),
  Q5_0(6, 32, 22),
  Q5_1(7, 32, 24),
  Q8_0(8, 32, 34),
  Q8_1(9, 32, 36),
  Q2_K(10, 256, 84),
  Q3_K(11, 256, 110),
  Q4_K(12, 256, 144),
  Q5_K(13, 256, 176),
  Q6_K(14, 256, 210),
  Q8_K(15, 256, 292),
  IQ2_XXS(16, 256, 66),
  IQ2_XS(17, 256, 74),
  IQ3_XXS(18, 256, 98),
  IQ1_S(19, 256, 50),
  IQ4_NL(20, 32, 18),
  IQ3_S(21, 256, 110),
  IQ2_S(22, 256, 82),
  IQ4_XS(23, 256, 136),
  I8(24, 1, 1),
  I16(25, 1, 2),
  I32(26, 1, 4),
  I64(27, 1, 8),
  F64(28, 1, 8),
  IQ1_M(29, 256, 56),
  BF16(30, 1, 2),
  TQ1_0(34, 256, 54),
  TQ2_0(35, 256, 66),
  MXFP4(39, 32, 17),
  NVFP4(40, 64, 36),
  Q1_0(41, 128, 18),
  Q2_0(42, 64, 18);

  private static final DType[] BY_ID = new DType[64];

  static {
    for (DType type : values()) {
      BY_ID[type.id] = type;
    }
  }

  private final int id;
  private final int blockSize;
  private final int blockBytes;

  DType(int id, int blockSize, int blockBytes) {
    this.id = id;
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
  }

  /** The type with this number in GGUF, or empty where there is none that is known. */
  public static Optional<DType> fromId(long id) {
    return id < 0 || id >= BY_ID.length ? Optional.empty() : Optional.ofNullable(BY_ID[(int) id]);
  }

  /** The number of the type in GGUF. */
  public int id() {
    return id;
  }

  /** Elements per block. */
  public int blockSize() {
    return blockSize;
  }

  /** Bytes per block. */
  public int blockBytes() {
    return blockBytes;
  }

  /** Whether several elements share a block. */
  public boolean isQuantized() {
    return blockSize > 1;
  }

  /** Bits per element, scales included. */
  public double bitsPerWeight() {
    return 8.0 * blockBytes / blockSize;
  }

  /**
   * Bytes that {@code elements} elements take.
   *
   * @throws TensorException {@code tensor-partial-block} if {@code elements} is negative or not a
   *     multiple of {@link #blockSize()}, {@code tensor-too-large} if the bytes exceed 2^63-1
   */
  public long bytesFor(long elements) {
    if (elements < 0 || elements % blockSize != 0) {
      throw new TensorException(
          "tensor-partial-block",
          "a row must be a whole number of blocks",
          "elements=" + elements + " of type " + this,
          "multiples of " + blockSize,
          "choose another type for this tensor");
    }
    try {
      return Math.multiplyExact(elements / blockSize, (long) blockBytes);
    } catch (ArithmeticException e) {
      throw new TensorException(
          "tensor-too-large",
          "a tensor's size overflows",
          "elements=" + elements + " of type " + this,
          "at most 2^63-1 bytes",
          "the file is damaged");
    }
  }
}
