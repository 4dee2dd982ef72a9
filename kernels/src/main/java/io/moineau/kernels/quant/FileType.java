package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.util.Locale;
import java.util.Optional;

/**
 * The mixtures of types that a whole model can be quantised to: {@code general.file_type} of GGUF,
 * those of {@code llama_ftype} whose types can be written without an importance matrix.
 */
public enum FileType {
  F32(0, DType.F32),
  F16(1, DType.F16),
  Q4_0(2, DType.Q4_0),
  Q4_1(3, DType.Q4_1),
  Q8_0(7, DType.Q8_0),
  Q5_0(8, DType.Q5_0),
  Q5_1(9, DType.Q5_1),
  Q2_K(10, DType.Q2_K),
  Q3_K_S(11, DType.Q3_K),
  Q3_K_M(12, DType.Q3_K),
  Q3_K_L(13, DType.Q3_K),
  Q4_K_S(14, DType.Q4_K),
  Q4_K_M(15, DType.Q4_K),
  Q5_K_S(16, DType.Q5_K),
  Q5_K_M(17, DType.Q5_K),
  Q6_K(18, DType.Q6_K),
  Q2_K_S(21, DType.Q2_K),
  IQ4_NL(25, DType.IQ4_NL),
  IQ4_XS(30, DType.IQ4_XS),
  BF16(32, DType.BF16),
  TQ1_0(36, DType.TQ1_0),
  TQ2_0(37, DType.TQ2_0),
  MXFP4_MOE(38, DType.MXFP4),
  Q1_0(40, DType.Q1_0),
  Q2_0(41, DType.Q2_0);

  private final int number;
  private final DType type;

  FileType(int number, DType type) {
    this.number = number;
    this.type = type;
  }

  /** The mixture of this name, in any case; {@code Q4_K} is Q4_K_M as usual, and so on. */
  public static Optional<FileType> fromName(String name) {
    String wanted = name.strip().toUpperCase(Locale.ROOT);
    wanted =
        switch (wanted) {
          case "Q3_K", "Q4_K", "Q5_K" -> wanted + "_M";
          case "MXFP4" -> "MXFP4_MOE";
          default -> wanted;
        };
    for (FileType fileType : values()) {
      if (fileType.name().equals(wanted)) {
        return Optional.of(fileType);
      }
    }
    return Optional.empty();
  }

  /** The mixture of this number, or empty where it cannot be written here. */
  public static Optional<FileType> fromNumber(long number) {
    for (FileType fileType : values()) {
      if (fileType.number == number) {
        return Optional.of(fileType);
      }
    }
    return Optional.empty();
  }

  /** The value of {@code general.file_type}. */
  public int number() {
    return number;
  }

  /** The type of most tensors. */
  public DType type() {
    return type;
  }
}
