package io.moineau.adapt.lora;

/**
 * A weight that is changed.
 *
 * @param weight its name in the file; with {@code .lora_a} and {@code .lora_b} the names of its
 *     changes
 * @param experts matrices in it; 1 if it is a single one
 * @param in columns
 * @param out rows
 */
public record Target(String weight, int experts, int in, int out) {
  /** The name of A, {@code [rank, in]}, with the experts before where there are any. */
  public String nameOfA() {
    return weight + ".lora_a";
  }

  /** The name of B, {@code [out, rank]}, with the experts before where there are any. */
  public String nameOfB() {
    return weight + ".lora_b";
  }
}
