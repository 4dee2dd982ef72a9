package io.moineau.bench.oracles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.testkit.SharedFiles;
import io.moineau.text.Json;
import io.moineau.text.Tokenizer;
import io.moineau.text.TokenizerMetadata;
import io.moineau.text.Tokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The vocabulary of a published tokenizer, put into metadata as llama.cpp's conversion does, gives
 * the same ids as the published file.
 */
class TokenizerFromMetadataTest {
  @ParameterizedTest
  @CsvSource({
    "deepseek_v3,deepseek-v3",
    "qwen3,qwen2",
    "llama3_1,llama-bpe",
    "gpt_oss,gpt-4o",
    "gpt2,gpt-2",
    "olmoe,olmo"
  })
  void encode_fromMetadata_equalsReference(String family, String pre) {
    Path folder =
        SharedFiles.oracles().map(f -> f.resolve("tokenizers/" + family)).orElse(Path.of("none"));
    assumeTrue(Files.isDirectory(folder), "skipped: no oracles in " + folder);
    Tokenizer tokenizer = Tokenizers.fromGguf(metadata(folder, pre));
    List<String> differ = new ArrayList<>();
    for (Object one : (List<?>) Json.parse(folder.resolve("cases.json"))) {
      Map<?, ?> test = (Map<?, ?>) one;
      int[] expected =
          ((List<?>) test.get("ids")).stream().mapToInt(v -> ((Number) v).intValue()).toArray();
      int[] actual = tokenizer.encode((String) test.get("text"), false, true);
      if (!Arrays.equals(expected, actual)) {
        differ.add(test.get("group") + ": " + Json.write(test.get("text")));
      }
    }
    assertThat(differ).isEmpty();
  }

  private static TokenizerMetadata metadata(Path folder, String pre) {
    Path json = folder.resolve("tokenizer.json");
    Path file = Files.exists(json) ? json : folder.resolve("tokenizer.json.gz");
    Map<?, ?> root = (Map<?, ?>) Json.parse(unpacked(file));
    Map<?, ?> model = (Map<?, ?>) root.get("model");
    List<String> tokens = new ArrayList<>();
    List<Long> types = new ArrayList<>();
    ((Map<?, ?>) model.get("vocab"))
        .forEach((token, id) -> put(tokens, types, ((Number) id).intValue(), (String) token, 1));
    for (Object one : (List<?>) root.get("added_tokens")) {
      Map<?, ?> added = (Map<?, ?>) one;
      long type = Boolean.TRUE.equals(added.get("special")) ? 3 : 4;
      int id = ((Number) added.get("id")).intValue();
      put(tokens, types, id, (String) added.get("content"), type);
    }
    List<String> merges = new ArrayList<>();
    for (Object merge : (List<?>) model.get("merges")) {
      merges.add(
          merge instanceof String line
              ? line
              : ((List<?>) merge).get(0) + " " + ((List<?>) merge).get(1));
    }
    Map<String, Object> values = new HashMap<>();
    values.put("tokenizer.ggml.model", "gpt2");
    values.put("tokenizer.ggml.pre", pre);
    values.put("tokenizer.ggml.tokens", tokens);
    values.put("tokenizer.ggml.merges", merges);
    values.put("tokenizer.ggml.token_type", types.stream().mapToLong(Long::longValue).toArray());
    values.put("tokenizer.ggml.add_bos_token", false);
    return new MapMetadata(values);
  }

  private static byte[] unpacked(Path file) {
    try (var in = Files.newInputStream(file)) {
      return file.toString().endsWith(".gz")
          ? new java.util.zip.GZIPInputStream(in).readAllBytes()
          : in.readAllBytes();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void put(List<String> tokens, List<Long> types, int id, String token, long type) {
    while (tokens.size() <= id) {
      tokens.add("[PAD" + tokens.size() + "]");
      types.add(5L);
    }
    tokens.set(id, token);
    types.set(id, type);
  }

  private record MapMetadata(Map<String, Object> values) implements TokenizerMetadata {
    @Override
    public Optional<String> findString(String key) {
      return Optional.ofNullable((String) values.get(key));
    }

    @Override
    public Optional<Long> findInteger(String key) {
      return Optional.ofNullable((Long) values.get(key));
    }

    @Override
    public Optional<Boolean> findBoolean(String key) {
      return Optional.ofNullable((Boolean) values.get(key));
    }

    @Override
    @SuppressWarnings("unchecked")
    public Optional<List<String>> findStrings(String key) {
      return Optional.ofNullable((List<String>) values.get(key));
    }

    @Override
    public Optional<long[]> findIntegers(String key) {
      return Optional.ofNullable((long[]) values.get(key));
    }

    @Override
    public Optional<float[]> findFloats(String key) {
      return Optional.ofNullable((float[]) values.get(key));
    }
  }
}
