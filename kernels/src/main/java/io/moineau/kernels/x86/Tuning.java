package io.moineau.kernels.x86;

import io.moineau.kernels.KernelException;
import io.moineau.tensor.DType;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;

/**
 * From how many tokens on a type's weights are multiplied in another way: the table that {@code
 * moineau bench --tune} measures, or figures that suit most processors.
 *
 * @param measured when it was measured; empty if it was not
 * @param ways by type; types that are absent have {@link Ways#usual}
 */
public record Tuning(String measured, Map<DType, Ways> ways) {
  /** More tokens than there can be. */
  public static final int NEVER = Integer.MAX_VALUE;

  /** Nothing measured. */
  public static final Tuning DEFAULT = new Tuning("", Map.of());

  /**
   * The ways of one type.
   *
   * @param strips from so many tokens on, rows are rearranged first, at least 1
   * @param tiles from so many on, and not before {@code strips}, AMX multiplies, where there is any
   */
  public record Ways(int strips, int tiles) {
    /**
     * Measured on AMD Zen 5 with weights that come from memory (strips), estimated from Intel's
     * tables (tiles).
     */
    static Ways usual(DType type) {
      return switch (type) {
        case Q8_0 -> new Ways(9, 9); // no bits to take apart: nothing is gained by doing it once
        case Q4_0 -> new Ways(4, 8);
        case IQ4_NL -> new Ways(3, 8);
        // Rows are read once for four tokens anyway, and twice as many bytes are written.
        case F32, F16, BF16 -> new Ways(DotKernels.MOST_ACTIVATIONS + 1, NEVER);
        // Taking their bits apart costs so much that rows as lanes pay at once.
        case MXFP4, IQ4_XS, Q3_K -> new Ways(1, 8);
        default -> new Ways(2, 8);
      };
    }
  }

  /** Copies the map. */
  public Tuning {
    ways = Map.copyOf(ways);
  }

  /** What is known of a type. */
  Ways of(DType type) {
    return ways.getOrDefault(type, Ways.usual(type));
  }

  /** The table as properties: {@code Q4_0.strips=4}; {@code never} for {@link #NEVER}. */
  public Properties toProperties() {
    Properties properties = new Properties();
    properties.setProperty("measured", measured);
    ways.forEach((type, w) -> {
      properties.setProperty(type + ".strips", text(w.strips));
      properties.setProperty(type + ".tiles", text(w.tiles));
    });
    return properties;
  }

  private static String text(int tokens) {
    return tokens == NEVER ? "never" : Integer.toString(tokens);
  }

  /**
   * Reads what {@link #toProperties} wrote; other keys are left alone.
   *
   * @param file where it comes from, for errors
   * @throws KernelException {@code kernel-bad-tuning} if a value is no number of tokens
   */
  public static Tuning of(Properties properties, String file) {
    Map<DType, Ways> ways = new EnumMap<>(DType.class);
    for (DType type : DType.values()) {
      if (properties.containsKey(type + ".strips") || properties.containsKey(type + ".tiles")) {
        Ways usual = Ways.usual(type);
        int strips = number(properties, type + ".strips", usual.strips, file);
        int tiles = number(properties, type + ".tiles", usual.tiles, file);
        ways.put(type, new Ways(strips, tiles));
      }
    }
    return new Tuning(properties.getProperty("measured", ""), ways);
  }

  private static int number(Properties properties, String key, int otherwise, String file) {
    String text = properties.getProperty(key, Integer.toString(otherwise)).strip();
    if (text.equals("never")) {
      return NEVER;
    }
    try {
      int tokens = Integer.parseInt(text);
      if (tokens >= 1) {
        return tokens;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new KernelException(
        "kernel-bad-tuning",
        "the table of measured kernels has a value that is no number of tokens",
        file + ": " + key + "=" + text,
        "1 or more, or never",
        "measure again with moineau bench --tune, or delete the file");
  }
}
