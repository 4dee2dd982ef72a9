package io.moineau.model;

import io.moineau.format.GgufFile;
import io.moineau.format.GgufMetadata;
import java.util.Optional;

/**
 * Reads {@code <architecture>.<key>} of a GGUF file, checked: a missing, mistyped or impossible
 * value is an error that names the key.
 */
public final class HyperParameters {
  /** More than any model has, and small enough that products of two fit in 63 bits. */
  private static final long LARGEST = 1L << 30;

  private final GgufFile file;
  private final GgufMetadata metadata;
  private final String architecture;

  HyperParameters(GgufFile file, String architecture) {
    this.file = file;
    this.metadata = file.metadata();
    this.architecture = architecture;
  }

  /** {@code general.architecture}. */
  public String architecture() {
    return architecture;
  }

  /** The file, for what must be seen from its tensors. */
  public GgufFile file() {
    return file;
  }

  /** A whole number from {@code least} to 2^30 that must be there. */
  public int integer(String key, int least) {
    return findInteger(key, least).orElseThrow(() -> missing(key));
  }

  /** A whole number, or {@code otherwise} where the key is missing. */
  public int integer(String key, int least, int otherwise) {
    return findInteger(key, least).orElse(otherwise);
  }

  /** A number that is the same in every layer, given once or as an array. */
  public Optional<Integer> findInteger(String key, int least) {
    String full = architecture + "." + key;
    Optional<long[]> values = metadata.findIntegers(full);
    if (values.isEmpty()) {
      return Optional.empty();
    }
    long[] all = values.get();
    if (all.length == 0) {
      throw missing(key);
    }
    for (long value : all) {
      if (value < least || value > LARGEST) {
        throw bad(key, Long.toString(value), least + " to " + LARGEST);
      }
      if (value != all[0]) {
        throw new ModelException(
            "model-varies-by-layer",
            "a hyper-parameter differs between layers",
            full + " has " + all[0] + " and " + value + " in " + file.path(),
            "one value for all layers",
            "this kind of model cannot run yet");
      }
    }
    return Optional.of((int) all[0]);
  }

  /** A positive finite number that must be there. */
  public float number(String key) {
    return findNumber(key).orElseThrow(() -> missing(key));
  }

  /** A number, or {@code otherwise} where the key is missing. */
  public float number(String key, float otherwise) {
    return findNumber(key).orElse(otherwise);
  }

  private Optional<Float> findNumber(String key) {
    Optional<Double> value = metadata.findNumber(architecture + "." + key);
    value.ifPresent(v -> {
      if (!Double.isFinite(v) || v < 0 || v > 1e12) {
        throw bad(key, v.toString(), "0 to 1e12");
      }
    });
    return value.map(Double::floatValue);
  }

  /** Yes or no, or {@code otherwise} where the key is missing. */
  public boolean flag(String key, boolean otherwise) {
    return metadata.findBoolean(architecture + "." + key).orElse(otherwise);
  }

  /** A text, or {@code otherwise} where the key is missing. */
  public String text(String key, String otherwise) {
    return metadata.findString(architecture + "." + key).orElse(otherwise);
  }

  /** The error for a value that cannot be. */
  public ModelException bad(String key, String value, String allowed) {
    return new ModelException(
        "model-bad-hyper-parameter",
        "a hyper-parameter is impossible",
        architecture + "." + key + "=" + value + " in " + file.path(),
        allowed,
        "the file is damaged, or made for a variant that cannot run yet");
  }

  private ModelException missing(String key) {
    return new ModelException(
        "model-missing-hyper-parameter",
        "a hyper-parameter is missing",
        architecture + "." + key + " in " + file.path(),
        "files of architecture " + architecture + " have this key",
        "convert the model again");
  }
}
