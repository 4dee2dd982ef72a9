package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.PermissionDeniedException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import dev.langchain4j.model.ollama.OllamaChatModel;
import io.moineau.server.AccessEntry;
import io.moineau.server.access.KeyGatekeeper;
import io.moineau.store.KeyRequest;
import io.moineau.store.Store;
import io.moineau.store.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients with keys that work, do not, or are spent; they try again as their users have it. */
class KeysTest {
  private static final Queue<AccessEntry> LOG = new ConcurrentLinkedQueue<>();

  @TempDir static Path folder;
  private static Store store;
  private static KeyGatekeeper gatekeeper;
  private static LiveServer server;

  @BeforeAll
  static void start() {
    store = Store.open(StoreOptions.inFolder(folder));
    gatekeeper = new KeyGatekeeper(store);
    server =
        LiveServer.start(
            options -> options,
            options -> options.withGatekeeper(gatekeeper).withAccessLog(LOG::add));
  }

  @AfterAll
  static void stop() {
    server.close();
    gatekeeper.close();
    store.close();
  }

  @BeforeEach
  void forget() {
    LOG.clear();
  }

  private static OpenAIClient openAi(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(server.v1())
        .apiKey(key)
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  private static ChatCompletion ask(OpenAIClient client) {
    return client.chat().completions().create(OpenAiChatTest.greedy(8).addUserMessage("a").build());
  }

  private static String key(KeyRequest request) {
    return store.keys().add(request).secret();
  }

  @Test
  void openAi_wrongKey_isUnauthorizedAndNotTriedAgain() {
    OpenAIClient client = openAi("mo-wrong");
    UnauthorizedException error =
        catchThrowableOfType(UnauthorizedException.class, () -> ask(client));
    assertThat(error.code()).contains("invalid_api_key");
    assertThat(LOG).hasSize(1);
    client.close();
  }

  @Test
  void openAi_otherModelsKey_isPermissionDenied() {
    OpenAIClient client =
        openAi(key(KeyRequest.named("other").withModels(List.of("another-model"))));
    assertThat(catchThrowableOfType(PermissionDeniedException.class, () -> ask(client)).code())
        .contains("model_not_allowed");
    client.close();
  }

  @Test
  void openAi_spentBudget_isARateLimitThatIsNotTriedAgain() {
    OpenAIClient client = openAi(key(KeyRequest.named("small").withTokensPerDay(1)));
    assertThat(ask(client).usage().orElseThrow().totalTokens()).isPositive();
    LOG.clear();
    RateLimitException error = catchThrowableOfType(RateLimitException.class, () -> ask(client));
    assertThat(error.code()).contains("budget_spent");
    assertThat(error.getMessage()).contains("T00:00:00Z");
    assertThat(error.headers().values("retry-after")).isNotEmpty();
    assertThat(LOG).hasSize(1); // midnight is far: the client was told not to try again
    client.close();
  }

  @Test
  void openAi_rate_isWaitedForByTheClient() {
    OpenAIClient client = openAi(key(KeyRequest.named("steady").withRequestsPerMinute(60)));
    for (int i = 0; i < 3; i++) {
      assertThat(ask(client).choices()).hasSize(1);
    }
    client.close();
  }

  @Test
  void anthropic_key_isTakenFromItsOwnHeader() {
    MessageCreateParams message =
        MessageCreateParams.builder()
            .model(LiveServer.MODEL)
            .maxTokens(4)
            .addUserMessage("a")
            .build();
    AnthropicClient wrong = anthropic("mo-wrong");
    assertThat(
            catchThrowableOfType(
                com.anthropic.errors.UnauthorizedException.class,
                () -> wrong.messages().create(message)))
        .hasMessageContaining("not known");
    wrong.close();
    AnthropicClient right = anthropic(key(KeyRequest.named("claude")));
    assertThat(right.messages().create(message).usage().outputTokens()).isPositive();
    right.close();
  }

  private static AnthropicClient anthropic(String key) {
    return AnthropicOkHttpClient.builder()
        .baseUrl(server.uri().toString())
        .apiKey(key)
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  @Test
  void ollama_key_isTakenFromAHeaderOfTheUsers() {
    OllamaChatModel model =
        OllamaChatModel.builder()
            .baseUrl(server.uri().toString())
            .modelName(LiveServer.MODEL)
            .numPredict(4)
            .customHeaders(Map.of("Authorization", "Bearer " + key(KeyRequest.named("llama"))))
            .build();
    model.chat("a");
    assertThat(LOG).hasSize(1).allMatch(entry -> entry.caller().name().equals("llama"));
  }
}
