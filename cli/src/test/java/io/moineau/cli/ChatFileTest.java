package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.Message;
import io.moineau.error.MoineauException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChatFileTest {
  @TempDir Path folder;

  @Test
  void load_whatWasSaved_isTheSame() throws IOException {
    List<Message> messages =
        List.of(
            Message.system("Be \"brief\"."),
            Message.user("two\nlines \u001b[31m"),
            Message.assistant("🐦"));
    Path file = folder.resolve("a chat.json");
    ChatFile.save(file, "model", messages);
    assertThat(ChatFile.load(file)).isEqualTo(messages);
    ChatFile.save(file, "model", messages.subList(0, 2));
    assertThat(ChatFile.load(file)).hasSize(2);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void load_arrayOfMessages_isRead() throws IOException {
    Path file = folder.resolve("a.json");
    Files.writeString(file, "[{\"role\":\"user\",\"content\":\"hi\",\"extra\":[1,{}]}]");
    assertThat(ChatFile.load(file)).containsExactly(Message.user("hi"));
  }

  @Test
  void load_anythingElse_isANamedError() throws IOException {
    for (String text :
        List.of(
            "",
            "{",
            "[]",
            "{}",
            "3",
            "[1]",
            "[{\"role\":\"user\"}]",
            "[{\"role\":\"king\",\"content\":\"x\"}]",
            "{\"messages\":[[]]}",
            "[{\"content\":\"x\"}]",
            "[{\"role\":\"user\",\"content\":\"x\"}")) {
      Path file = folder.resolve("bad.json");
      Files.writeString(file, text);
      assertThatThrownBy(() -> ChatFile.load(file)).as(text).isInstanceOf(MoineauException.class);
    }
  }

  @Test
  void save_ontoADirectory_isANamedError() {
    assertThatThrownBy(() -> ChatFile.save(folder, "m", List.of(Message.user("x"))))
        .isInstanceOf(CliException.class);
  }
}
