package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.PermissionDeniedException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import io.moineau.store.KeyRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * openai-java with keys that are wrong, for another model, or spent; it tries again as its users
 * have it.
 */
class OpenAiKeysTest {
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

  private static OpenAIClient openAi(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(server.server().v1())
        .apiKey(key)
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  private static ChatCompletion ask(OpenAIClient client) {
    return client.chat().completions().create(OpenAiChatTest.greedy(8).addUserMessage("a").build());
  }

  @Test
  void keys_wrongKey_isUnauthorizedAndNotTriedAgain() throws InterruptedException {
    OpenAIClient client = openAi("mo-wrong");
    UnauthorizedException error =
        catchThrowableOfType(UnauthorizedException.class, () -> ask(client));
    assertThat(error.code()).contains("invalid_api_key");
    assertThat(server.answers(401)).isEqualTo(1);
    client.close();
  }

  @Test
  void keys_otherModelsKey_isPermissionDenied() {
    OpenAIClient client =
        openAi(server.key(KeyRequest.named("other").withModels(List.of("another-model"))));
    assertThat(catchThrowableOfType(PermissionDeniedException.class, () -> ask(client)).code())
        .contains("model_not_allowed");
    client.close();
  }

  @Test
  void keys_spentBudget_isARateLimitThatIsNotTriedAgain() throws InterruptedException {
    OpenAIClient any = openAi(server.key(KeyRequest.named("any")));
    long budget = ask(any).usage().orElseThrow().totalTokens();
    any.close();
    OpenAIClient client = openAi(server.key(KeyRequest.named("small").withTokensPerDay(budget)));
    assertThat(ask(client).usage().orElseThrow().totalTokens()).isEqualTo(budget);
    RateLimitException error = catchThrowableOfType(RateLimitException.class, () -> ask(client));
    assertThat(error.code()).contains("budget_spent");
    assertThat(error.getMessage()).contains("T00:00:00Z");
    assertThat(error.headers().values("retry-after")).isNotEmpty();
    assertThat(server.answers(429))
        .isEqualTo(1); // midnight is far: the client was told not to try again
    client.close();
  }

  @Test
  void keys_rate_isWaitedForByTheClient() {
    OpenAIClient client = openAi(server.key(KeyRequest.named("steady").withRequestsPerMinute(60)));
    for (int i = 0; i < 3; i++) {
      assertThat(ask(client).choices()).hasSize(1);
    }
    client.close();
  }
}
