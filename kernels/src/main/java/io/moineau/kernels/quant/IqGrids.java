package io.moineau.kernels.quant;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The grids of points from which the IQ types choose groups of weights, as {@code ggml-common.h} of
 * llama.cpp lists them.
 *
 * <p>They were found by search over real models and follow no formula, so they are read from a
 * packed resource.
 */
final class IqGrids {
  /** The shift of every weight in IQ1_S and IQ1_M. */
  static final float DELTA = 0.125f;

  static final byte[] IQ2_XXS; // [256, 8]
  static final byte[] IQ2_XS; // [512, 8]
  static final byte[] IQ2_S; // [1024, 8]
  static final byte[] IQ3_XXS; // [256, 4]
  static final byte[] IQ3_S; // [512, 4]
  static final byte[] IQ1_S; // [2048, 8]

  static {
    Map<String, byte[]> grids = read();
    IQ2_XXS = Objects.requireNonNull(grids.get("iq2xxs"));
    IQ2_XS = Objects.requireNonNull(grids.get("iq2xs"));
    IQ2_S = Objects.requireNonNull(grids.get("iq2s"));
    IQ3_XXS = Objects.requireNonNull(grids.get("iq3xxs"));
    IQ3_S = Objects.requireNonNull(grids.get("iq3s"));
    IQ1_S = Objects.requireNonNull(grids.get("iq1s"));
  }

  private IqGrids() {}

  /** Eight signs from seven: their number is made even by the last. */
  static int signs(int seven) {
    return seven | (Integer.bitCount(seven) & 1) << 7;
  }

  /** Writes one point, scaled; bit i of {@code signs} negates element i. */
  static void write(
      byte[] grid, int point, int width, int signs, float scale, float[] target, int to) {
    for (int i = 0; i < width; i++) {
      float w = scale * grid[point * width + i];
      target[to + i] = (signs >> i & 1) == 0 ? w : -w;
    }
  }

  /** Writes one point of the ternary grid, shifted and scaled. */
  static void writeTernary(int point, float delta, float scale, float[] target, int to) {
    for (int i = 0; i < 8; i++) {
      target[to + i] = scale * (IQ1_S[point * 8 + i] + delta);
    }
  }

  private static Map<String, byte[]> read() {
    Map<String, byte[]> grids = new HashMap<>();
    try (InputStream in = IqGrids.class.getResourceAsStream("iq-grids.txt");
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.US_ASCII))) {
      String[] lines = reader.lines().filter(line -> !line.startsWith("#")).toArray(String[]::new);
      int i = 0;
      while (i < lines.length) {
        String[] head = lines[i++].split(" ");
        StringBuilder digits = new StringBuilder();
        while (i < lines.length && lines[i].indexOf(' ') < 0) {
          digits.append(lines[i++]);
        }
        grids.put(head[0], unpack(head, digits));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return grids;
  }

  private static byte[] unpack(String[] head, CharSequence digits) {
    int width = Integer.parseInt(head[1]);
    int bits = Integer.parseInt(head[2]);
    int[] levels = Arrays.stream(head[3].split(",")).mapToInt(Integer::parseInt).toArray();
    byte[] grid = new byte[digits.length() / 4 * width];
    for (int entry = 0; entry < digits.length() / 4; entry++) {
      int packed = Integer.parseInt(digits, 4 * entry, 4 * entry + 4, 16);
      for (int j = 0; j < width; j++) {
        grid[entry * width + j] = (byte) levels[packed >> bits * j & (1 << bits) - 1];
      }
    }
    return grid;
  }
}
