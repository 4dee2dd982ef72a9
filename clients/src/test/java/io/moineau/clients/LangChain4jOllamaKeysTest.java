package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.ollama.OllamaChatModel;
import io.moineau.store.KeyRequest;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j for Ollama with a key, which Ollama itself does not know of. */
class LangChain4jOllamaKeysTest {
  @TempDir static Path folder;
  private static KeyedServer server;

  @BeforeAll
  static void start() {
    server = new KeyedServer(folder);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void keys_key_isTakenFromAHeaderOfTheUsers() throws InterruptedException {
    OllamaChatModel model =
        OllamaChatModel.builder()
            .baseUrl(server.server().uri().toString())
            .modelName(LiveServer.MODEL)
            .numPredict(4)
            .customHeaders(
                Map.of("Authorization", "Bearer " + server.key(KeyRequest.named("llama"))))
            .build();
    model.chat("a");
    assertThat(server.lastCaller()).isEqualTo("llama");
  }
}
