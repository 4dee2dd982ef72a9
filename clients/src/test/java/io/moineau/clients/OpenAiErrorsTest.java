package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.util.Iterator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** openai-java: faults become its own exceptions, and a client that goes away ends the answer. */
class OpenAiErrorsTest {
  private static final LiveServer SERVER = LiveServer.shared();
  private static final OpenAIClient CLIENT = OpenAiClients.of(SERVER);

  @AfterAll
  static void close() {
    CLIENT.close();
  }

  private static BadRequestException refused(ChatCompletionCreateParams.Builder chat) {
    return catchThrowableOfType(
        BadRequestException.class, () -> CLIENT.chat().completions().create(chat.build()));
  }

  @Test
  void errors_unknownModel_isNotFound() {
    NotFoundException error =
        catchThrowableOfType(
            NotFoundException.class,
            () ->
                CLIENT
                    .chat()
                    .completions()
                    .create(
                        OpenAiChatTest.greedy(4).model("gpt-nowhere").addUserMessage("a").build()));
    assertThat(error.code()).contains("model_not_found");
    assertThat(error.getMessage()).contains("gpt-nowhere");
  }

  @Test
  void errors_valueOutOfRange_isABadRequestThatNamesTheField() {
    BadRequestException error =
        refused(OpenAiChatTest.greedy(4).addUserMessage("a").temperature(-3));
    assertThat(error.param().orElse("") + error.getMessage()).contains("temperature");
  }

  @Test
  void errors_wrongType_isABadRequestThatNamesTheField() {
    BadRequestException error =
        refused(
            OpenAiChatTest.greedy(4)
                .addUserMessage("a")
                .putAdditionalBodyProperty("top_p", JsonValue.from("much")));
    assertThat(error.param()).contains("top_p");
  }

  @Test
  void errors_unsupportedField_isRefusedByItsName() {
    BadRequestException error =
        refused(
            OpenAiChatTest.greedy(4)
                .addUserMessage("a")
                .putAdditionalBodyProperty(
                    "modalities", JsonValue.from(java.util.List.of("audio"))));
    assertThat(error.param().orElse("") + error.getMessage()).contains("modalities");
  }

  @Test
  void errors_promptLongerThanTheContext_isToldWithTheNumbers() {
    BadRequestException error =
        refused(OpenAiChatTest.greedy(4).addUserMessage("0123456789".repeat(LiveServer.CONTEXT)));
    assertThat(error.code()).contains("context_length_exceeded");
    assertThat(error.getMessage()).contains(Integer.toString(LiveServer.CONTEXT));
  }

  @Test
  void busy_queueIsFull_isARateLimitWithATimeToComeBack() throws Exception {
    try (BusyServer busy = new BusyServer()) {
      OpenAIClient client = OpenAiClients.of(busy.server());
      RateLimitException error =
          catchThrowableOfType(
              RateLimitException.class,
              () ->
                  client
                      .chat()
                      .completions()
                      .create(OpenAiChatTest.greedy(4).addUserMessage("a").build()));
      assertThat(error.headers().values("retry-after")).isNotEmpty();
      client.close();
    }
  }

  @Test
  void cancel_streamClosedMidway_freesItsPlace() throws InterruptedException {
    ChatCompletionCreateParams chat =
        OpenAiChatTest.greedy(3500)
            .addUserMessage("A long one.")
            .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
            .build();
    try (StreamResponse<ChatCompletionChunk> stream =
        CLIENT.chat().completions().createStreaming(chat)) {
      Iterator<ChatCompletionChunk> chunks = stream.stream().iterator();
      chunks.next();
      chunks.next();
      assertThat(SERVER.running()).isPositive();
    }
    assertThat(SERVER.becomesIdle()).isTrue();
  }
}
