package io.moineau.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizersTest {
  @TempDir private Path folder;

  /** Bytes, a few merges, and two special tokens; cuts like Llama 3. */
  private Map<String, Object> byteLevel() {
    Map<String, Object> vocab = new LinkedHashMap<>();
    for (int b = 0; b < 256; b++) {
      vocab.put(String.valueOf(ByteLevel.charOf(b)), (long) b);
    }
    List<Object> merges = new ArrayList<>();
    for (String merge : List.of("t h", "th e", "\u0120 the", "a b", "ab c", "\u0120 a")) {
      merges.add(merge);
      vocab.put(merge.replace(" ", ""), (long) vocab.size());
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("vocab", vocab);
    model.put("merges", merges);
    Map<String, Object> root = new LinkedHashMap<>();
    root.put(
        "added_tokens",
        List.of(
            Map.of("id", 262L, "content", "<|end|>", "special", true, "normalized", false),
            Map.of("id", 263L, "content", "<tool>", "special", false, "normalized", false)));
    root.put("pre_tokenizer", Map.of("type", "ByteLevel", "add_prefix_space", false));
    root.put("decoder", Map.of("type", "ByteLevel"));
    root.put("model", model);
    return root;
  }

  private Tokenizer open(Map<String, Object> json) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, Json.write(json));
    return Tokenizers.fromTokenizerJson(file);
  }

  @Test
  void encode_merges_inTheOrderLearnt() throws IOException {
    Tokenizer tokenizer = open(byteLevel());
    // "a b" was learnt before "\u0120 a", so the space stays alone.
    assertThat(tokenizer.encode("the abc", false, true)).containsExactly(257, ' ', 260);
  }

  @Test
  void encode_specialInUntrustedText_staysText() throws IOException {
    Tokenizer tokenizer = open(byteLevel());
    String text = "a<|end|>b<|end|><tool>";
    assertThat(tokenizer.encode(text, false, true)).contains(262, 263);
    MarkedText marked = new MarkedText(text, List.of(new Span(0, 9), new Span(16, 22)));
    int[] ids = tokenizer.encode(marked, false);
    assertThat(ids).containsOnlyOnce(262).doesNotContain(263);
    assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
    assertThat(tokenizer.encode(MarkedText.untrusted(text), false)).doesNotContain(262, 263);
  }

  @Test
  void encode_specialAcrossABorder_staysText() throws IOException {
    Tokenizer tokenizer = open(byteLevel());
    MarkedText marked = new MarkedText("<|end|>", List.of(new Span(3, 4)));
    assertThat(tokenizer.encode(marked, false)).doesNotContain(262);
  }

  @Test
  void encode_untrustedPlainText_asPlainText() throws IOException {
    Tokenizer tokenizer = open(byteLevel());
    String text = "the abc the";
    MarkedText marked = new MarkedText(text, List.of(new Span(2, 6)));
    assertThat(tokenizer.encode(marked, false)).isEqualTo(tokenizer.encode(text, false, true));
  }

  @Test
  void decoder_randomText_neverSplitsACharacter() throws IOException {
    Tokenizer tokenizer = open(byteLevel());
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      StringBuilder text = new StringBuilder();
      random
          .ints(12, 1, 0x1FFFF)
          .filter(c -> c < 0xD800 || c > 0xDFFF)
          .forEach(text::appendCodePoint);
      TokenDecoder decoder = tokenizer.decoder(false);
      StringBuilder streamed = new StringBuilder();
      for (int id : tokenizer.encode(text.toString(), false, true)) {
        String piece = decoder.push(id);
        assertThat(piece).as("seed 7 round " + round).doesNotContain("\uFFFD");
        streamed.append(piece);
      }
      streamed.append(decoder.flush());
      assertThat(streamed.toString()).as("seed 7 round " + round).isEqualTo(text.toString());
    }
  }

  @Test
  void decoder_brokenBytes_replacedOnlyThen() throws IOException {
    TokenDecoder decoder = open(byteLevel()).decoder(false);
    assertThat(decoder.push(0xC3)).isEmpty();
    assertThat(decoder.push('x')).isEqualTo("\uFFFDx");
    assertThat(decoder.push(0xE2)).isEmpty();
    assertThat(decoder.flush()).isEqualTo("\uFFFD");
  }

  @Test
  void decode_idOutOfRange_named() throws IOException {
    Tokenizer tokenizer = open(byteLevel());
    assertThatThrownBy(() -> tokenizer.decode(new int[] {264}, false))
        .isInstanceOfSatisfying(
            TextException.class, e -> assertThat(e.code()).isEqualTo("token-out-of-range"));
    assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}, false))
        .isInstanceOf(TextException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", " ", "7", "\n", "\u00e9", "\u8c61", "ab "})
  void encode_aMegabyteOfOneThing_inSeconds(String unit) throws IOException {
    Map<String, Object> json = byteLevel();
    json.put(
        "pre_tokenizer",
        Map.of(
            "type",
            "Sequence",
            "pretokenizers",
            List.of(
                Map.of(
                    "type",
                    "Split",
                    "pattern",
                    Map.of("Regex", PreTokenizers.named("llama-bpe").regexes().get(0)),
                    "behavior",
                    "Isolated"),
                Map.of("type", "ByteLevel", "add_prefix_space", false, "use_regex", false))));
    Tokenizer tokenizer = open(json);
    String text = unit.repeat(1_000_000 / unit.length());
    // Not a measure of speed: a quadratic way would take hours.
    int[] ids =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(60), () -> tokenizer.encode(text, false, true));
    assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{}",
        "{\"model\": 3}",
        "{\"model\": {\"type\": \"BPE\"}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 2000000000}}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": \"x\"}}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a\"]}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [[1, 2]]}}",
        "{\"model\": {\"type\": \"Nope\", \"vocab\": {\"a\": 0}}}",
        "{\"model\": {\"vocab\": [[\"a\"]]}}",
        "{\"model\": {\"vocab\": [[1, 2]]}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}}, \"normalizer\": {\"type\": \"X\"}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}}, \"pre_tokenizer\": {\"type\": \"Split\","
            + " \"pattern\": {\"Regex\": \"(\"}}}"
      })
  void open_damagedJson_named(String json) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, json);
    assertThatThrownBy(() -> Tokenizers.fromTokenizerJson(file)).isInstanceOf(TextException.class);
  }

  @Test
  void open_randomBytesAsSentencePiece_named() throws IOException {
    Random random = new Random(11);
    Path file = folder.resolve("tokenizer.model");
    for (int round = 0; round < 300; round++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      Files.write(file, bytes);
      try {
        Tokenizers.fromSentencePiece(file).encode("a b", true, true);
      } catch (TextException e) {
        assertThat(e.code()).as("seed 11 round " + round).startsWith("tokenizer-");
      }
    }
  }

  @Test
  void open_missingFile_named() {
    assertThatThrownBy(() -> Tokenizers.fromTokenizerJson(folder.resolve("none.json")))
        .isInstanceOfSatisfying(
            TextException.class, e -> assertThat(e.code()).isEqualTo("tokenizer-unreadable"));
  }

  @Test
  void byteLevel_everyByte_spelledAndBack() {
    for (int b = 0; b < 256; b++) {
      assertThat(ByteLevel.byteOf(ByteLevel.charOf(b))).isEqualTo(b);
    }
    String text = "h\u00e9 \ud83d\udc18\n";
    assertThat(ByteLevel.bytes(ByteLevel.spell(text)))
        .isEqualTo(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void preTokenizers_everyFamily_keepsEveryCharacter() {
    String text =
        "I'll say: \u00e9t\u00e9 12345 \u8c61 \t\n  x_y (z) don't A1b2 \ud83d\udc18!!\n\n";
    for (String name :
        List.of(
            "default",
            "qwen2",
            "tekken",
            "kimi-k2",
            "gpt-4o",
            "deepseek-llm",
            "falcon",
            "viking",
            "superbpe",
            "bailingmoe",
            "exaone-moe",
            "youtu",
            "tiny_aya")) {
      List<String> pieces = List.of(text);
      for (String regex : PreTokenizers.named(name).regexes()) {
        pieces =
            PreTokenizer.split(Regexes.compile(regex), PreTokenizer.Behavior.ISOLATED, false)
                .apply(pieces, true);
      }
      assertThat(String.join("", pieces)).as(name).isEqualTo(text);
      assertThat(pieces).as(name).hasSizeGreaterThan(4);
    }
  }
}
