package io.moineau.kernels.x86;

import io.moineau.kernels.KernelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The instruction sets that kernels are made of: what the processor has, less what {@code
 * MOINEAU_CPU} takes away. That is a level ({@code avx2}, {@code avx512}, {@code amx}: nothing
 * above it) and names of single sets with a minus, separated by commas: {@code avx2,-fma}.
 *
 * @param usable whether AVX2, FMA and F16C are all there, without which there are no kernels here
 * @param vnni products of bytes: AVX-VNNI or AVX-512 VNNI
 * @param vnniByVex whether AVX-VNNI's encoding is to be taken, for vectors up to 256 bits
 * @param avx512 F, BW, DQ and VL
 * @param avx512Vnni products of bytes in 512 bits
 * @param avx512Bf16 products of bfloat16 in 512 bits
 * @param amx tiles of bytes
 * @param amxBf16 tiles of bfloat16
 * @param missing what {@link #usable} lacks, for people
 */
record Isa(
    boolean usable,
    boolean vnni,
    boolean vnniByVex,
    boolean avx512,
    boolean avx512Vnni,
    boolean avx512Bf16,
    boolean amx,
    boolean amxBf16,
    List<String> missing) {
  private static final List<String> LEVELS = List.of("avx2", "avx512", "amx");
  private static final List<String> SETS =
      List.of("avx2", "fma", "f16c", "vnni", "avx512", "bf16", "amx");

  Isa {
    missing = List.copyOf(missing);
  }

  /**
   * @param limit what {@code MOINEAU_CPU} says, or empty
   * @throws KernelException {@code kernel-unknown-cpu} if it says something else
   */
  static Isa of(CpuId cpu, String limit) {
    int level = LEVELS.size() - 1;
    List<String> without = new ArrayList<>();
    for (String word : limit.toLowerCase(Locale.ROOT).split("[,\\s]+")) {
      if (word.isEmpty()) {
        continue;
      }
      if (LEVELS.contains(word)) {
        level = LEVELS.indexOf(word);
      } else if (word.startsWith("-") && SETS.contains(word.substring(1))) {
        without.add(word.substring(1));
      } else {
        throw new KernelException(
            "kernel-unknown-cpu",
            "MOINEAU_CPU names an instruction set that there is not",
            "MOINEAU_CPU=" + limit,
            String.join(", ", LEVELS) + "; or less one of: -" + String.join(", -", SETS),
            "for example MOINEAU_CPU=avx2 or MOINEAU_CPU=avx512,-vnni; or leave it unset");
      }
    }
    final boolean upTo512 = level >= 1;
    final boolean upToAmx = level >= 2;
    final boolean vnniAllowed = !without.contains("vnni");
    boolean avx2 = cpu.avx2() && !without.contains("avx2");
    boolean fma = cpu.fma() && !without.contains("fma");
    boolean f16c = cpu.f16c() && !without.contains("f16c");
    List<String> missing = new ArrayList<>();
    if (!avx2) {
      missing.add("AVX2");
    }
    if (!fma) {
      missing.add("FMA");
    }
    if (!f16c) {
      missing.add("F16C");
    }
    boolean usable = missing.isEmpty();
    boolean avx512 = usable && upTo512 && cpu.avx512() && !without.contains("avx512");
    boolean avx512Vnni = avx512 && cpu.avx512Vnni() && vnniAllowed;
    // AVX-VNNI came with processors later than AVX2's: the level avx2 leaves it out.
    boolean avxVnni = usable && upTo512 && cpu.avxVnni() && vnniAllowed;
    // The results of tiles are scaled by AVX-512, and few tokens are left to its VNNI.
    boolean amx = avx512Vnni && upToAmx && cpu.amxInt8() && !without.contains("amx");
    boolean avx512Bf16 = avx512 && cpu.avx512Bf16() && !without.contains("bf16");
    boolean amxBf16 = avx512Bf16 && upToAmx && cpu.amxBf16() && !without.contains("amx");
    return new Isa(
        usable,
        avx512Vnni || avxVnni,
        avxVnni,
        avx512,
        avx512Vnni,
        avx512Bf16,
        amx,
        amxBf16,
        missing);
  }

  /** The same without tiles. */
  Isa withoutAmx() {
    return new Isa(usable, vnni, vnniByVex, avx512, avx512Vnni, avx512Bf16, false, false, missing);
  }

  /** The sets that kernels here use, for people. */
  String describe() {
    List<String> names = new ArrayList<>();
    names.add(avx512 ? "AVX-512" : "AVX2");
    if (vnni) {
      names.add(avx512Vnni ? "VNNI" : "AVX-VNNI");
    }
    if (avx512Bf16) {
      names.add("BF16");
    }
    if (amx) {
      names.add("AMX INT8");
    }
    return String.join(", ", names);
  }
}
