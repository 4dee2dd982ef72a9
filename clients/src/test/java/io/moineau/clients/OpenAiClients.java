package io.moineau.clients;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import java.time.Duration;

/** openai-java as its users make it, but that nothing is tried twice: a fault must be seen. */
final class OpenAiClients {
  private OpenAiClients() {}

  static OpenAIClient of(LiveServer server) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(server.v1())
        .apiKey("none")
        .maxRetries(0)
        .timeout(Duration.ofSeconds(60))
        .build();
  }
}
