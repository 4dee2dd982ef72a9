package io.moineau.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.adapt.Documents.Document.Chat;
import io.moineau.adapt.Documents.Document.Text;
import io.moineau.adapt.Documents.Turn;
import io.moineau.adapt.Recipe.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DocumentsTest {
  @TempDir private Path folder;

  private List<Documents.Document> read(String text, Format format, String... answerTo)
      throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), text);
    List<Documents.Document> documents = new ArrayList<>();
    Documents.read(new Recipe.Source(file, format, 1, List.of(answerTo), 3, 5), documents::add);
    return documents;
  }

  @Test
  void texts_areDividedAtTheirMark() throws IOException {
    assertThat(read("a\nb\n<|endoftext|>\n\n<|endoftext|>\n c", Format.TEXT))
        .containsExactly(new Text("a\nb", true), new Text("c", true));
  }

  @Test
  void longTexts_areCutAtLines() throws IOException {
    String line = "x".repeat(999) + "\n";
    List<Documents.Document> parts = read(line.repeat(45), Format.TEXT);
    assertThat(parts).hasSize(3);
    assertThat(parts.get(0))
        .isInstanceOfSatisfying(Text.class, t -> assertThat(t.ends()).isFalse());
    assertThat(parts.get(2)).isInstanceOfSatisfying(Text.class, t -> assertThat(t.ends()).isTrue());
  }

  @Test
  void chats_haveTheirTurns() throws IOException {
    assertThat(read("User: a\nAssistant: b\nc\n<|endoftext|>\nUser: d", Format.CHAT))
        .containsExactly(
            new Chat(List.of(new Turn("user", "a"), new Turn("assistant", "b\nc"))),
            new Chat(List.of(new Turn("user", "d"))));
    assertThatThrownBy(() -> read("hello", Format.CHAT))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("hello");
  }

  @Test
  void texts_asAnswers_takeQuestionsInTurn() throws IOException {
    String text = "a\n<|endoftext|>\nb\n<|endoftext|>\n" + ("y".repeat(99) + "\n").repeat(30);
    assertThat(read(text, Format.TEXT, "q", "r"))
        .hasSize(3)
        .startsWith(
            new Chat(List.of(new Turn("user", "q"), new Turn("assistant", "a"))),
            new Chat(List.of(new Turn("user", "r"), new Turn("assistant", "b"))))
        .element(2)
        .isInstanceOf(Text.class);
  }

  @Test
  void objects_areTextsOrChats() throws IOException {
    assertThat(
            read(
                "{\"text\": \"a\"}\n\n{\"messages\": [{\"role\": \"user\", \"content\": \"b\"}]}",
                Format.JSONL))
        .containsExactly(new Text("a", true), new Chat(List.of(new Turn("user", "b"))));
  }
}
