package io.moineau.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerJsonTest {
  private static final String BYTE_LEVEL =
      "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":true},"
          + "\"decoder\":{\"type\":\"ByteLevel\"}";

  private static Tokenizer tokenizer(String json) {
    return TokenizerJson.parse(Json.parse(json), "test.json");
  }

  /** Bytes a to d, a space, the three bytes of U+20AC, and two merges. */
  private static String bpe(String rest) {
    return "{\"added_tokens\":[{\"id\":9,\"content\":\"<end>\",\"special\":true},"
        + "{\"id\":10,\"content\":\"<tool>\",\"special\":false,\"normalized\":false}],"
        + rest
        + ",\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"c\":2,\"\u0120\":3,\"\u00E2\":4,"
        + "\"\u0124\":5,\"\u00AC\":6,\"ab\":7,\"abc\":8,\"<\":11,\"e\":12,\"n\":13,\"d\":14,\">\":15},"
        + "\"merges\":[\"a b\",\"ab c\"]}}";
  }

  @Test
  void bpe_mergesByRank_andSpellsBytes() {
    Tokenizer tokenizer = tokenizer(bpe(BYTE_LEVEL));
    assertThat(tokenizer.encode("abc ab\u20AC", false, true)).containsExactly(8, 3, 7, 4, 5, 6);
    assertThat(tokenizer.decode(new int[] {8, 3, 7, 4, 5, 6}, false)).isEqualTo("abc ab\u20AC");
  }

  @Test
  void longRun_ofOneLetter_isEncodedInAboutLinearTime() {
    Tokenizer tokenizer = tokenizer(bpe(BYTE_LEVEL));
    String text = "ab".repeat(500_000);
    int[] ids =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(30), () -> tokenizer.encode(text, false, true));
    assertThat(ids).hasSize(500_000).containsOnly(7);
  }

  @Test
  void specialToken_inTextOfUsers_isPlainText() {
    Tokenizer tokenizer = tokenizer(bpe(BYTE_LEVEL));
    String text = "<end>ab<end>";
    MarkedText marked = new MarkedText(text, java.util.List.of(new Span(7, 12)));
    assertThat(tokenizer.encode(text, false, true)).containsExactly(9, 7, 9);
    assertThat(tokenizer.encode(marked, false)).containsExactly(9, 7, 11, 12, 13, 14, 15);
    assertThat(tokenizer.encode(MarkedText.untrusted("<tool>"), false)).doesNotContain(10);
  }

  @Test
  void specialToken_acrossTheBorderOfASpan_isPlainText() {
    Tokenizer tokenizer = tokenizer(bpe(BYTE_LEVEL));
    MarkedText marked = new MarkedText("<end>", java.util.List.of(new Span(2, 4)));
    assertThat(tokenizer.encode(marked, false)).containsExactly(11, 12, 13, 14, 15);
  }

  @Test
  void ordinaryText_acrossTheBorderOfASpan_mergesAsPlainText() {
    Tokenizer tokenizer = tokenizer(bpe(BYTE_LEVEL));
    MarkedText marked = new MarkedText("abc", java.util.List.of(new Span(1, 2)));
    assertThat(tokenizer.encode(marked, false)).containsExactly(8);
  }

  @Test
  void stream_ofAByteAtATime_neverSplitsACharacter() {
    TokenDecoder decoder = tokenizer(bpe(BYTE_LEVEL)).decoder(true);
    assertThat(decoder.push(4)).isEmpty();
    assertThat(decoder.push(5)).isEmpty();
    assertThat(decoder.push(6)).isEqualTo("\u20AC");
    assertThat(decoder.push(9)).isEmpty();
    assertThat(decoder.flush()).isEmpty();
  }

  @Test
  void stream_ofBrokenBytes_givesOneReplacement() {
    TokenDecoder decoder = tokenizer(bpe(BYTE_LEVEL)).decoder(true);
    assertThat(decoder.push(4) + decoder.push(0) + decoder.flush()).isEqualTo("\uFFFDa");
    assertThat(decoder.push(4) + decoder.flush()).isEqualTo("\uFFFD");
  }

  @Test
  void wordThatIsASpecialToken_fromAUser_isUnknown() {
    Tokenizer tokenizer =
        tokenizer(
            "{\"added_tokens\":[{\"id\":1,\"content\":\"[END]\",\"special\":true}],"
                + "\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"},"
                + "\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"?\",\"vocab\":{\"?\":0,\"[END]\":1,\"a\":2}}}");
    assertThat(tokenizer.encode("a [END]", false, true)).containsExactly(2, 1);
    assertThat(tokenizer.encode(MarkedText.untrusted("a [END]"), false)).containsExactly(2, 0);
  }

  private static final String UNIGRAM =
      "{\"added_tokens\":[{\"id\":1,\"content\":\"</s>\",\"special\":true}],"
          + "\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"always\"},"
          + "\"decoder\":{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"always\"},"
          + "\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"<unk>\",0],[\"</s>\",0],[\"\u2581\",-2],"
          + "[\"a\",-3],[\"b\",-3],[\"ab\",-4],[\"\u2581a\",-2.5],[\"/\",-9],[\"s\",-9],[\"<\",-9],[\">\",-9]]}}";

  @Test
  void unigram_takesTheBestSum() {
    Tokenizer tokenizer = tokenizer(UNIGRAM);
    // "\u2581a" + "b" has -5.5, "\u2581" + "ab" has -6.
    assertThat(tokenizer.encode("ab", false, true)).containsExactly(6, 4);
    assertThat(tokenizer.encode("ab??", false, true)).containsExactly(6, 4, 0);
    assertThat(tokenizer.decode(new int[] {6, 4, 6}, true)).isEqualTo("ab a");
  }

  @Test
  void unigram_withASpecialTokenFromAUser_doesNotFindItInItsVocabulary() {
    Tokenizer tokenizer = tokenizer(UNIGRAM);
    assertThat(tokenizer.encode("</s>", false, true)).containsExactly(1);
    assertThat(tokenizer.encode(MarkedText.untrusted("</s>"), false))
        .containsExactly(2, 9, 7, 8, 10);
  }

  @Test
  void addedToken_thatIsNormalized_isFoundAsItIsNormalized() {
    Tokenizer tokenizer =
        tokenizer(
            "{\"added_tokens\":[{\"id\":3,\"content\":\"ABBA\",\"normalized\":true}],"
                + "\"normalizer\":{\"type\":\"Lowercase\"},"
                + "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1},\"merges\":[]}}");
    assertThat(tokenizer.encode("aAbBAb", false, true)).containsExactly(0, 3, 1);
  }

  @Test
  void idOutOfRange_whenDecoded_isNamed() {
    Tokenizer tokenizer = tokenizer(bpe(BYTE_LEVEL));
    assertThatThrownBy(() -> tokenizer.decode(new int[] {16}, false))
        .isInstanceOfSatisfying(
            TextException.class, e -> assertThat(e.code()).isEqualTo("token-out-of-range"));
    assertThatThrownBy(() -> tokenizer.decoder(true).push(-1)).isInstanceOf(TextException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{}",
        "{\"model\":{}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{}}}",
        "{\"model\":{\"type\":\"Other\",\"vocab\":{\"a\":0}}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":0}}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-1}}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":99999999999}}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":\"b\"}}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a z\"]}}",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a\"]}}",
        "{\"model\":{\"type\":\"Unigram\",\"unk_id\":7,\"vocab\":[[\"a\",0]]}}",
        "{\"post_processor\":{\"type\":\"BertProcessing\",\"sep\":[\"x\",9],\"cls\":[\"x\",0]},"
            + "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}",
        "{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":\"Isolated\"},"
            + "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}"
      })
  void damagedFile_isRefusedByName(String json) throws java.io.IOException {
    java.nio.file.Path file = java.nio.file.Files.createTempFile("tokenizer", ".json");
    try {
      java.nio.file.Files.writeString(file, json);
      assertThatThrownBy(() -> Tokenizers.fromTokenizerJson(file))
          .isInstanceOf(TextException.class);
    } finally {
      java.nio.file.Files.delete(file);
    }
  }
}
