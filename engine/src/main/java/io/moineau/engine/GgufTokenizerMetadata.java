package io.moineau.engine;

import io.moineau.format.GgufMetadata;
import io.moineau.text.TokenizerMetadata;
import java.util.List;
import java.util.Optional;

/** Shows a GGUF file's metadata to a tokenizer, which knows nothing of files. */
public record GgufTokenizerMetadata(GgufMetadata metadata) implements TokenizerMetadata {
  @Override
  public Optional<String> findString(String key) {
    return metadata.findString(key);
  }

  @Override
  public Optional<Long> findInteger(String key) {
    return metadata.findInteger(key);
  }

  @Override
  public Optional<Boolean> findBoolean(String key) {
    return metadata.findBoolean(key);
  }

  @Override
  public Optional<List<String>> findStrings(String key) {
    return metadata.findStrings(key);
  }

  @Override
  public Optional<long[]> findIntegers(String key) {
    return metadata.findIntegers(key);
  }

  @Override
  public Optional<float[]> findFloats(String key) {
    return metadata.findFloats(key);
  }
}
