package io.moineau.adapt.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.adapt.AdaptException;
import io.moineau.engine.GgufTokenizerMetadata;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufWriter;
import io.moineau.testkit.TinyText;
import io.moineau.text.ChatTemplate;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tokenizers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BpeTrainerTest {
  @TempDir private Path folder;

  private Tokenizer tokenizer(LearnedVocabulary vocabulary) {
    GgufWriter writer = new GgufWriter();
    vocabulary.writeTo(writer);
    Path file = folder.resolve("vocabulary.gguf");
    writer.write(file);
    try (GgufFile read = GgufFile.open(file)) {
      return Tokenizers.fromGguf(new GgufTokenizerMetadata(read.metadata()));
    }
  }

  @Test
  void merges_areThoseOfTheSlowWay() {
    Random random = new Random(8);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      int length = 1 + random.nextInt(7);
      for (int c = 0; c < length; c++) {
        text.append((char) ('a' + random.nextInt(3)));
      }
      text.append(' ');
    }
    BpeTrainer trainer = new BpeTrainer("gpt-2");
    trainer.add(text.toString());
    int merges = 120;
    assertThat(trainer.learn(256 + merges + 3).merges()).isEqualTo(slow(text.toString(), merges));
  }

  /** Counts every pair anew before each merge. */
  private static List<String> slow(String text, int merges) {
    List<List<String>> pieces = new ArrayList<>();
    for (String piece : Tokenizers.pieces("gpt-2").apply(text)) {
      pieces.add(new ArrayList<>(piece.chars().mapToObj(c -> "" + (char) c).toList()));
    }
    List<String> order = new ArrayList<>();
    for (int c = 0; c < 256; c++) {
      order.add(""); // ids of bytes; those that occur are set below
    }
    // Bytes that print have the number of their character among all bytes; the space comes first.
    order.set(' ', "\u0120");
    for (char c = 'a'; c <= 'c'; c++) {
      order.set(c, "" + c);
    }
    List<String> lines = new ArrayList<>();
    while (lines.size() < merges) {
      Map<String, Integer> counts = new HashMap<>();
      for (List<String> piece : pieces) {
        for (int i = 0; i + 1 < piece.size(); i++) {
          counts.merge(piece.get(i) + " " + piece.get(i + 1), 1, Integer::sum);
        }
      }
      String best =
          counts.entrySet().stream()
              .min(
                  java.util.Comparator.comparingInt(
                          (Map.Entry<String, Integer> pair) -> -pair.getValue())
                      .thenComparingInt(pair -> order.indexOf(pair.getKey().split(" ")[0]))
                      .thenComparingInt(pair -> order.indexOf(pair.getKey().split(" ")[1])))
              .orElseThrow()
              .getKey();
      String left = best.split(" ")[0];
      String right = best.split(" ")[1];
      for (List<String> piece : pieces) {
        for (int i = 0; i + 1 < piece.size(); i++) {
          if (piece.get(i).equals(left) && piece.get(i + 1).equals(right)) {
            piece.set(i, left + right);
            piece.remove(i + 1);
          }
        }
      }
      lines.add(best);
      if (!order.contains(left + right)) {
        order.add(left + right);
      }
    }
    return lines;
  }

  @Test
  void vocabulary_roundTripsAnyText() {
    BpeTrainer trainer = new BpeTrainer("qwen2");
    trainer.add(TinyText.sentences(3, 500));
    LearnedVocabulary vocabulary = trainer.learn(400);
    Tokenizer tokenizer = tokenizer(vocabulary);
    assertThat(tokenizer.vocabularySize()).isEqualTo(400);
    String known = TinyText.sentences(9, 20);
    String strange = "Ça va? 12345\t\n  \u00e9\u4f60\u597d \ud83d\ude00 <|im_end|>\r\n";
    for (String text : List.of(known, strange, "", " ", "\u0000\u007f\u00ad")) {
      int[] ids = tokenizer.encode(text, false, false);
      assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
    }
    assertThat(tokenizer.encode(known, false, false).length).isLessThan(known.length() / 2);
  }

  @Test
  void vocabulary_hasTheTokensOfChats() {
    BpeTrainer trainer = new BpeTrainer("qwen2");
    trainer.add(TinyText.sentences(3, 100));
    LearnedVocabulary vocabulary = trainer.learn(300);
    Tokenizer tokenizer = tokenizer(vocabulary);
    String prompt =
        ChatTemplate.compile(LearnedVocabulary.CHAT_TEMPLATE)
            .render(
                Map.of(
                    "messages",
                    List.of(Map.of("role", "user", "content", "the sparrow")),
                    "add_generation_prompt",
                    true))
            .toString();
    int[] ids = tokenizer.encode("<|im_start|>user\nthe sparrow<|im_end|>\n", true, true);
    assertThat(ids[0]).isEqualTo(vocabulary.tokens().indexOf("<|endoftext|>"));
    assertThat(ids[1]).isEqualTo(vocabulary.tokens().indexOf("<|im_start|>"));
    assertThat(ids).contains(vocabulary.tokens().indexOf("<|im_end|>"));
    assertThat(prompt).contains("<|im_start|>user\nthe sparrow<|im_end|>\n<|im_start|>assistant\n");
    assertThat(tokenizer.endOfGenerationIds())
        .contains(
            vocabulary.tokens().indexOf("<|im_end|>"),
            vocabulary.tokens().indexOf("<|endoftext|>"));
  }

  @Test
  void sizes_thatCannotBe_areRefused() {
    BpeTrainer trainer = new BpeTrainer("qwen2");
    trainer.add("aa ab");
    assertThatThrownBy(() -> trainer.learn(258))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("at least 259");
    assertThatThrownBy(() -> trainer.learn(1000))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("size=1000")
        .hasMessageContaining("at most");
  }
}
