package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.models.messages.MessageCreateParams;
import io.moineau.store.KeyRequest;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** anthropic-java with keys, which it sends in a header of its own. */
class AnthropicKeysTest {
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
  void keys_keyOfItsOwnHeader_isTakenFromItsOwnHeader() {
    MessageCreateParams message =
        MessageCreateParams.builder()
            .model(LiveServer.MODEL)
            .maxTokens(4)
            .addUserMessage("a")
            .build();
    AnthropicClient wrong = anthropic("mo-wrong");
    assertThat(
            catchThrowableOfType(
                UnauthorizedException.class, () -> wrong.messages().create(message)))
        .hasMessageContaining("not known");
    wrong.close();
    AnthropicClient right = anthropic(server.key(KeyRequest.named("claude")));
    assertThat(right.messages().create(message).usage().outputTokens()).isPositive();
    right.close();
  }

  private static AnthropicClient anthropic(String key) {
    return AnthropicOkHttpClient.builder()
        .baseUrl(server.server().uri().toString())
        .apiKey(key)
        .timeout(Duration.ofSeconds(60))
        .build();
  }
}
