package io.moineau.kernels.quant;

import io.moineau.kernels.KernelException;
import io.moineau.tensor.DType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The codec of each weight type. */
public final class BlockCodecs {
  private static final Map<DType, BlockCodec> BY_TYPE = new EnumMap<>(DType.class);

  static {
    for (BlockCodec codec :
        List.of(
            new F32(),
            new F16(),
            new BF16(),
            new F64(),
            new I8(),
            new I16(),
            new I32(),
            new I64(),
            new Q1_0(),
            new Q2_0(),
            new Q4_0(),
            new Q4_1(),
            new Q5_0(),
            new Q5_1(),
            new Q8_0(),
            new Q8_1(),
            new Q2_K(),
            new Q3_K(),
            new Q4_K(),
            new Q5_K(),
            new Q6_K(),
            new Q8_K(),
            new IQ1_S(),
            new IQ1_M(),
            new IQ2_XXS(),
            new IQ2_XS(),
            new IQ2_S(),
            new IQ3_XXS(),
            new IQ3_S(),
            new IQ4_NL(),
            new IQ4_XS(),
            new TQ1_0(),
            new TQ2_0(),
            new MXFP4(),
            new NVFP4())) {
      BY_TYPE.put(codec.type(), codec);
    }
  }

  private BlockCodecs() {}

  /**
   * The codec of a type.
   *
   * @throws KernelException {@code quant-unknown-type} if there is none
   */
  public static BlockCodec of(DType type) {
    BlockCodec codec = BY_TYPE.get(type);
    if (codec == null) {
      throw new KernelException(
          "quant-unknown-type",
          "a weight type cannot be read",
          "type " + type + " (number " + type.id() + ")",
          types().toString(),
          "use a file of another type, such as Q4_K_M");
    }
    return codec;
  }

  /** The types that can be read, in the order of their numbers. */
  public static Set<DType> types() {
    return Collections.unmodifiableSet(BY_TYPE.keySet());
  }

  /**
   * The codec of a type that can also be written.
   *
   * @throws KernelException {@code quant-cannot-write} if it can only be read, {@code
   *     quant-unknown-type} if not even that
   */
  public static BlockEncoder encoder(DType type) {
    if (of(type) instanceof BlockEncoder encoder) {
      return encoder;
    }
    throw new KernelException(
        "quant-cannot-write",
        "a weight type can be read but not written",
        "type " + type,
        writableTypes().toString(),
        "choose one of these");
  }

  /** The types that can be written, in the order of their numbers. */
  public static Set<DType> writableTypes() {
    Set<DType> writable = EnumSet.noneOf(DType.class);
    BY_TYPE.forEach((type, codec) -> {
      if (codec instanceof BlockEncoder) {
        writable.add(type);
      }
    });
    return Collections.unmodifiableSet(writable);
  }
}
