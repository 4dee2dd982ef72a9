package io.moineau.kernels.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.kernels.KernelException;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockEncoderTest {
  /** Sums of four uniform numbers by a linear congruential generator: no rounding, any language. */
  private static float[] goldenWeights() {
    float[] x = new float[16 * 256];
    long state = 42;
    for (int i = 0; i < x.length; i++) {
      long sum = 0;
      for (int k = 0; k < 4; k++) {
        state = state * 6364136223846793005L + 1442695040888963407L;
        sum += state >> 40;
      }
      x[i] = sum / (float) (1 << 23);
      switch (i / 256) {
        case 3 -> x[i] = 0;
        case 5 -> x[i] = Math.abs(x[i]);
        case 6 -> x[i] *= 0x1p-12f;
        case 7 -> x[i] = -0.75f;
        default -> {}
      }
    }
    return x;
  }

  // CRC-32 of what ggml_quantize_chunk of llama.cpp v0.5.0 makes of goldenWeights().
  @ParameterizedTest
  @CsvSource({
    "F16, 2df39918", "Q4_0, 7a331ff5", "Q4_1, bea77134", "Q5_0, f4185a39",
    "Q5_1, 69b815d6", "Q8_0, 80ffb519", "Q2_K, 26f7c962", "Q3_K, 03fca0ff",
    "Q4_K, dd147efe", "Q5_K, 72c3dae6", "Q6_K, e0011ed9", "IQ4_NL, 7da8f1ee",
    "IQ4_XS, 6a7459a3", "BF16, 538cb661", "TQ1_0, 77b4aa49", "TQ2_0, 29c6208c",
    "MXFP4, d47ca91e", "NVFP4, 4838712a", "Q1_0, f7b30d20", "Q2_0, 4a09bf4c"
  })
  void quantize_goldenWeights_bytesOfTheReference(DType type, String crc) {
    float[] x = goldenWeights();
    byte[] blocks = new byte[(int) type.bytesFor(x.length)];

    BlockCodecs.encoder(type).quantize(x, 0, MemorySegment.ofArray(blocks), 0, x.length);

    CRC32 actual = new CRC32();
    actual.update(blocks);
    assertThat(String.format("%08x", actual.getValue())).isEqualTo(crc);
  }

  @Test
  void quantize_extremeInputs_staysFiniteAndNear() {
    long seed = 20261120;
    Random random = new Random(seed);
    for (DType type : BlockCodecs.writableTypes()) {
      BlockEncoder encoder = BlockCodecs.encoder(type);
      for (float scale : new float[] {0, 1e-42f, 1e-30f, 1e-6f, 1, 1000}) {
        float[] x = new float[512];
        for (int i = 0; i < x.length; i++) {
          x[i] = (float) random.nextGaussian() * scale;
        }
        byte[] blocks = new byte[(int) type.bytesFor(x.length)];
        float[] back = new float[x.length];

        encoder.quantize(x, 0, MemorySegment.ofArray(blocks), 0, x.length);
        encoder.dequantize(MemorySegment.ofArray(blocks), 0, back, 0, x.length);

        for (int i = 0; i < x.length; i++) {
          assertThat(Math.abs(back[i] - x[i]))
              .as("%s, scale %s, element %d, seed %d", type, scale, i, seed)
              .isLessThanOrEqualTo(5 * scale + 2e-5f);
        }
      }
    }
  }

  @Test
  void quantize_notFinite_isNamedError() {
    for (DType type : BlockCodecs.writableTypes()) {
      for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
        float[] x = new float[256];
        x[17] = bad;
        MemorySegment blocks = MemorySegment.ofArray(new byte[(int) type.bytesFor(x.length)]);
        if (type.isQuantized()) {
          assertThatThrownBy(() -> BlockCodecs.encoder(type).quantize(x, 0, blocks, 0, 256))
              .as("%s of %s", bad, type)
              .isInstanceOfSatisfying(
                  KernelException.class, e -> assertThat(e.code()).isEqualTo("quant-not-finite"))
              .hasMessageContaining("element 17");
        } else {
          BlockCodecs.encoder(type).quantize(x, 0, blocks, 0, 256);
          float[] back = new float[256];
          BlockCodecs.of(type).dequantize(blocks, 0, back, 0, 256);
          assertThat(Float.compare(back[17], bad)).isZero();
        }
      }
    }
  }

  @Test
  void quantize_tooLargeForHalf_isNamedError() {
    float[] x = new float[256];
    for (DType type : BlockCodecs.writableTypes()) {
      if (type == DType.F32
          || type == DType.BF16
          || type == DType.Q8_K
          || type == DType.MXFP4
          || type == DType.NVFP4) {
        continue; // Their scales reach further, or end at their largest value.
      }
      MemorySegment blocks = MemorySegment.ofArray(new byte[(int) type.bytesFor(x.length)]);
      for (float huge : new float[] {3e9f, 1e15f, -1e30f, 3e38f}) {
        x[3] = huge;
        assertThatThrownBy(() -> BlockCodecs.encoder(type).quantize(x, 0, blocks, 0, 256))
            .as("%s of %s", huge, type)
            .isInstanceOfSatisfying(
                KernelException.class, e -> assertThat(e.code()).isEqualTo("quant-overflow"));
      }
    }
  }

  @Test
  void quantize_partialBlockOrShortTarget_isNamedError() {
    BlockEncoder encoder = BlockCodecs.encoder(DType.Q4_0);
    MemorySegment blocks = MemorySegment.ofArray(new byte[18]);

    assertThatThrownBy(() -> encoder.quantize(new float[64], 0, blocks, 0, 33))
        .isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> encoder.quantize(new float[64], 0, blocks, 0, 64))
        .isInstanceOfSatisfying(
            KernelException.class, e -> assertThat(e.code()).isEqualTo("quant-out-of-bounds"));
    assertThatThrownBy(() -> encoder.dequantize(blocks, 1, new float[64], 0, 32))
        .isInstanceOfSatisfying(
            KernelException.class, e -> assertThat(e.code()).isEqualTo("quant-out-of-bounds"));
  }

  @Test
  void encoder_readOnlyType_isNamedError() {
    assertThatThrownBy(() -> BlockCodecs.encoder(DType.IQ2_XXS))
        .isInstanceOfSatisfying(
            KernelException.class, e -> assertThat(e.code()).isEqualTo("quant-cannot-write"));
  }

  @Test
  void of_everyType_hasCodec() {
    for (DType type : DType.values()) {
      assertThat(BlockCodecs.of(type).type()).isEqualTo(type);
    }
  }

  @Test
  void dequantize_toMemoryAtOddOffsets_equalsArray() {
    byte[] bytes = new byte[1 + 40 * 144];
    new Random(5).nextBytes(bytes);
    float[] expected = new float[40 * 256];
    MemorySegment source = MemorySegment.ofArray(bytes);
    BlockCodec codec = BlockCodecs.of(DType.Q4_K);
    codec.dequantize(source, 1, expected, 0, expected.length);
    byte[] target = new byte[4 * expected.length + 3];

    codec.dequantize(source, 1, MemorySegment.ofArray(target), 3, expected.length);

    float[] actual = new float[expected.length];
    MemorySegment.ofArray(target)
        .asSlice(3)
        .asByteBuffer()
        .order(java.nio.ByteOrder.nativeOrder())
        .asFloatBuffer()
        .get(actual);
    assertThat(actual).isEqualTo(expected);
  }
}
