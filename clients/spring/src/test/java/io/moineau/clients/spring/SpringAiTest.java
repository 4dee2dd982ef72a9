package io.moineau.clients.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import io.moineau.clients.LiveServer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.OpenAiEmbeddingModel;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;

/** Spring AI without a Spring application: plain objects over OpenAI's API. */
class SpringAiTest {
  private static final LiveServer SERVER = LiveServer.shared();

  private static OpenAiChatOptions.Builder options(int tokens) {
    return OpenAiChatOptions.builder()
        .baseUrl(SERVER.v1())
        .apiKey("none")
        .model(LiveServer.MODEL)
        .temperature(0.0)
        .maxRetries(0)
        .maxCompletionTokens(tokens);
  }

  private static OpenAiChatModel model(OpenAiChatOptions.Builder options) {
    return OpenAiChatModel.builder().options(options.build()).build();
  }

  private static ChatClient client(int tokens) {
    return ChatClient.create(model(options(tokens)));
  }

  @Test
  void chat_ofSystemAndManyTurns_hasTextUsageAndReason() {
    ChatResponse answer =
        client(12)
            .prompt()
            .messages(
                new SystemMessage("You are brief."),
                new UserMessage("Why do sparrows hop?"),
                new AssistantMessage("They like to."),
                new UserMessage("And magpies?"))
            .call()
            .chatResponse();
    assertThat(answer.getResult().getOutput().getText()).isNotEmpty();
    assertThat(answer.getResult().getMetadata().getFinishReason()).isIn("LENGTH", "STOP");
    assertThat(answer.getMetadata().getUsage().getPromptTokens()).isGreaterThan(20);
    assertThat(answer.getMetadata().getUsage().getCompletionTokens()).isBetween(1, 12);
    assertThat(answer.getMetadata().getModel()).isEqualTo(LiveServer.MODEL);
  }

  @Test
  void stream_pieces_areTheWholeOfTheSameChat() {
    String whole = client(40).prompt().user("Tell me more.").call().content();
    List<String> pieces =
        client(40).prompt().user("Tell me more.").stream().content().collectList().block();
    assertThat(pieces).isNotEmpty();
    assertThat(String.join("", pieces)).isEqualTo(whole);
  }

  /** What the tool is asked. */
  record Question(Day day) {}

  /** A day. */
  enum Day {
    TODAY,
    TOMORROW
  }

  @Test
  void tools_inALoop_callThenResultThenAnswer() {
    AtomicInteger asked = new AtomicInteger();
    ToolCallback weather =
        FunctionToolCallback.builder(
                "weather",
                (Question question) -> {
                  asked.incrementAndGet();
                  return "clear " + question.day();
                })
            .description("The weather of a day.")
            .inputType(Question.class)
            .inputSchema(
                """
                {"type": "object", "properties": {"day": {"type": "string", "enum": ["TODAY", "TOMORROW"]}},
                 "required": ["day"], "additionalProperties": false}
                """)
            .build();
    OpenAiChatOptions forced =
        options(200).toolCallbacks(weather).toolChoice("required").parallelToolCalls(false).build();
    UserMessage question = new UserMessage("The weather?");
    ChatResponse first = model(options(200)).call(new Prompt(List.of(question), forced));
    AssistantMessage call =
        first.getResults().stream()
            .map(result -> result.getOutput())
            .filter(AssistantMessage::hasToolCalls)
            .findFirst()
            .orElseThrow();
    List<ToolResponseMessage.ToolResponse> results =
        call.getToolCalls().stream()
            .map(one ->
                new ToolResponseMessage.ToolResponse(
                    one.id(), one.name(), weather.call(one.arguments())))
            .toList();
    assertThat(asked.get()).isEqualTo(call.getToolCalls().size());
    List<Message> messages =
        List.of(question, call, ToolResponseMessage.builder().responses(results).build());
    ChatResponse second =
        model(options(12))
            .call(
                new Prompt(
                    messages, options(12).toolCallbacks(weather).toolChoice("none").build()));
    assertThat(second.getResult().getOutput().getText()).isNotEmpty();
  }

  /** What the answer is read into. */
  record Forecast(Sky sky, boolean rain) {}

  /** The sky. */
  enum Sky {
    CLEAR,
    CLOUDY
  }

  @Test
  void structured_ofAClass_isReadIntoIt() {
    String schema =
        """
        {"type": "object", "properties": {"sky": {"type": "string", "enum": ["CLEAR", "CLOUDY"]},
         "rain": {"type": "boolean"}}, "required": ["sky", "rain"], "additionalProperties": false}
        """;
    Forecast forecast =
        ChatClient.create(model(options(200).outputSchema(schema)))
            .prompt()
            .user("The forecast.")
            .call()
            .entity(Forecast.class);
    assertThat(forecast.sky()).isNotNull();
  }

  @Test
  void embeddings_ofTexts_differWhereTheTextsDo() {
    OpenAiEmbeddingModel model =
        new OpenAiEmbeddingModel(
            OpenAiEmbeddingOptions.builder()
                .baseUrl(SERVER.v1())
                .apiKey("none")
                .model(LiveServer.MODEL)
                .build());
    List<float[]> vectors = model.embed(List.of("a sparrow", "a river"));
    assertThat(vectors).hasSize(2);
    assertThat(vectors.getFirst()).isNotEqualTo(vectors.getLast());
  }

  @Test
  void errors_areTheClientsOwnExceptions() {
    NotFoundException unknown =
        catchThrowableOfType(
            NotFoundException.class,
            () -> model(options(4).model("nowhere")).call(new Prompt("a")));
    assertThat(unknown).hasMessageContaining("nowhere");
    BadRequestException tooLong =
        catchThrowableOfType(
            BadRequestException.class,
            () ->
                client(4).prompt().user("0123456789".repeat(LiveServer.CONTEXT)).call().content());
    assertThat(tooLong).hasMessageContaining(Integer.toString(LiveServer.CONTEXT));
  }

  @Test
  void cancel_streamMidway_freesItsPlace() throws InterruptedException {
    Throwable none =
        catchThrowable(
            () -> client(3500).prompt().user("A long one.").stream().content().take(3).blockLast());
    assertThat(none).isNull();
    assertThat(SERVER.becomesIdle()).isTrue();
  }

  @Test
  void parallel_chats_allAnswerAsAlone() {
    ChatClient client = client(12);
    String alone = client.prompt().user("Number").call().content();
    List<CompletableFuture<String>> together =
        java.util.stream.IntStream.range(0, 6)
            .mapToObj(i ->
                CompletableFuture.supplyAsync(
                    () -> Objects.requireNonNull(client.prompt().user("Number").call().content()),
                    task -> Thread.ofVirtual().start(task)))
            .toList();
    assertThat(together.stream().map(CompletableFuture::join)).containsOnly(alone);
  }
}
