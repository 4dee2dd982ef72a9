package io.moineau.text;

import java.util.List;
import java.util.Optional;

/** The metadata of a model file, as far as a tokenizer asks: values by key. */
public interface TokenizerMetadata {
  /** A text. */
  Optional<String> findString(String key);

  /** A whole number. */
  Optional<Long> findInteger(String key);

  /** Yes or no. */
  Optional<Boolean> findBoolean(String key);

  /** Texts. */
  Optional<List<String>> findStrings(String key);

  /** Whole numbers. */
  Optional<long[]> findIntegers(String key);

  /** Numbers. */
  Optional<float[]> findFloats(String key);
}
