package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.StructuredMessageCreateParams;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolChoiceAny;
import com.anthropic.models.messages.ToolChoiceNone;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** anthropic-java. */
class AnthropicTest {
  private static final LiveServer SERVER = LiveServer.shared();
  private static final AnthropicClient CLIENT = client(SERVER);

  private static AnthropicClient client(LiveServer server) {
    return AnthropicOkHttpClient.builder()
        .baseUrl(server.uri().toString())
        .apiKey("none")
        .maxRetries(0)
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  @AfterAll
  static void close() {
    CLIENT.close();
  }

  private static MessageCreateParams.Builder message(int tokens) {
    return MessageCreateParams.builder()
        .model(LiveServer.MODEL)
        .maxTokens(tokens)
        .putAdditionalBodyProperty("temperature", JsonValue.from(0));
  }

  private static String text(Message message) {
    return message.content().stream()
        .flatMap(block -> block.text().stream())
        .map(block -> block.text())
        .collect(Collectors.joining());
  }

  @Test
  void chat_ofSystemAndManyTurns_hasTextUsageAndReason() {
    Message answer =
        CLIENT
            .messages()
            .create(
                message(12)
                    .system("You are brief.")
                    .addUserMessage("Why do sparrows hop?")
                    .addAssistantMessage("They like to.")
                    .addUserMessage("And magpies?")
                    .build());
    assertThat(text(answer)).isNotEmpty();
    assertThat(answer.stopReason().orElseThrow()).isIn(StopReason.MAX_TOKENS, StopReason.END_TURN);
    assertThat(answer.usage().inputTokens() + answer.usage().cacheReadInputTokens().orElse(0L))
        .isGreaterThan(20);
    assertThat(answer.usage().outputTokens()).isBetween(1L, 12L);
  }

  @Test
  void stream_pieces_areTheWholeOfTheSameMessage() {
    MessageCreateParams params = message(40).addUserMessage("Tell me more.").build();
    Message whole = CLIENT.messages().create(params);
    MessageAccumulator accumulator = MessageAccumulator.create();
    List<RawMessageStreamEvent> events = new ArrayList<>();
    try (StreamResponse<RawMessageStreamEvent> stream = CLIENT.messages().createStreaming(params)) {
      stream.stream().peek(accumulator::accumulate).forEach(events::add);
    }
    Message streamed = accumulator.message();
    assertThat(text(streamed)).isEqualTo(text(whole));
    assertThat(streamed.stopReason()).isEqualTo(whole.stopReason());
    assertThat(streamed.usage().outputTokens()).isEqualTo(whole.usage().outputTokens());
    assertThat(events.getFirst().messageStart()).isPresent();
    assertThat(events.getLast().messageStop()).isPresent();
    assertThat(events.stream().filter(event -> event.contentBlockDelta().isPresent()).count())
        .isPositive();
  }

  private static Tool weather() {
    return Tool.builder()
        .name("weather")
        .description("The weather of a day.")
        .inputSchema(
            Tool.InputSchema.builder()
                .properties(
                    Tool.InputSchema.Properties.builder()
                        .putAdditionalProperty(
                            "sky",
                            JsonValue.from(
                                Map.of("type", "string", "enum", List.of("CLEAR", "CLOUDY"))))
                        .putAdditionalProperty("rain", JsonValue.from(Map.of("type", "boolean")))
                        .build())
                .required(List.of("sky", "rain"))
                .putAdditionalProperty("additionalProperties", JsonValue.from(false))
                .build())
        .build();
  }

  private static MessageCreateParams.Builder withTool() {
    return message(200)
        .addUserMessage("What will the weather be?")
        .addTool(weather())
        .toolChoice(ToolChoiceAny.builder().disableParallelToolUse(true).build());
  }

  @Test
  void tools_inALoop_callThenResultThenAnswer() {
    MessageCreateParams.Builder params = withTool();
    answerAndGoOn(params, CLIENT.messages().create(params.build()));
  }

  @Test
  void toolsStreamed_inALoop_callThenResultThenAnswer() {
    MessageCreateParams.Builder params = withTool();
    MessageAccumulator accumulator = MessageAccumulator.create();
    try (StreamResponse<RawMessageStreamEvent> stream =
        CLIENT.messages().createStreaming(params.build())) {
      stream.stream().forEach(accumulator::accumulate);
    }
    answerAndGoOn(params, accumulator.message());
  }

  private static void answerAndGoOn(MessageCreateParams.Builder params, Message first) {
    assertThat(first.stopReason()).contains(StopReason.TOOL_USE);
    List<ToolUseBlock> calls =
        first.content().stream().flatMap(block -> block.toolUse().stream()).toList();
    assertThat(calls).isNotEmpty();
    List<ContentBlockParam> results = new ArrayList<>();
    for (ToolUseBlock call : calls) {
      assertThat(call.name()).isEqualTo("weather");
      assertThat(call._input().convert(Forecast.class).sky).isNotNull();
      results.add(
          ContentBlockParam.ofToolResult(
              ToolResultBlockParam.builder().toolUseId(call.id()).content("clear").build()));
    }
    Message second =
        CLIENT
            .messages()
            .create(
                params
                    .addMessage(first)
                    .addUserMessageOfContentBlockParams(results)
                    .toolChoice(ToolChoiceNone.builder().build())
                    .maxTokens(12)
                    .build());
    assertThat(second.content()).noneMatch(ContentBlock::isToolUse);
    assertThat(text(second)).isNotEmpty();
  }

  @Test
  void structured_ofAClass_isReadIntoIt() {
    StructuredMessageCreateParams<Forecast> params =
        message(200).addUserMessage("The forecast.").outputConfig(Forecast.class).build();
    Forecast forecast =
        CLIENT.messages().create(params).content().stream()
            .flatMap(block -> block.text().stream())
            .map(block -> block.text())
            .findFirst()
            .orElseThrow();
    assertThat(forecast.sky).isNotNull();
  }

  @Test
  void countTokens_ofAMessage_isWhatTheMessageThenUses() {
    long counted =
        CLIENT
            .messages()
            .countTokens(
                MessageCountTokensParams.builder()
                    .model(LiveServer.MODEL)
                    .system("You are brief.")
                    .addUserMessage("How many?")
                    .build())
            .inputTokens();
    Message answer =
        CLIENT
            .messages()
            .create(message(2).system("You are brief.").addUserMessage("How many?").build());
    assertThat(counted)
        .isEqualTo(answer.usage().inputTokens() + answer.usage().cacheReadInputTokens().orElse(0L));
  }

  @Test
  void errors_unknownModel_isNotFound() {
    NotFoundException error =
        catchThrowableOfType(
            NotFoundException.class,
            () ->
                CLIENT
                    .messages()
                    .create(message(4).model("claude-nowhere").addUserMessage("a").build()));
    assertThat(error.getMessage()).contains("claude-nowhere");
    assertThat(error.errorType().orElseThrow().toString()).isEqualTo("not_found_error");
  }

  private static AnthropicServiceException refused(MessageCreateParams.Builder params) {
    return catchThrowableOfType(
        BadRequestException.class, () -> CLIENT.messages().create(params.build()));
  }

  @Test
  void errors_areBadRequestsThatSayWhatIsWrong() {
    assertThat(
            refused(
                message(4)
                    .addUserMessage("a")
                    .putAdditionalBodyProperty("temperature", JsonValue.from("hot"))))
        .hasMessageContaining("temperature");
    assertThat(
            refused(message(4).addUserMessage("0123456789".repeat(LiveServer.CONTEXT)))
                .getMessage())
        .contains(Integer.toString(LiveServer.CONTEXT));
  }

  @Test
  void busy_queueIsFull_isARateLimitWithATimeToComeBack() throws Exception {
    try (BusyServer busy = new BusyServer()) {
      AnthropicClient client = client(busy.server());
      RateLimitException error =
          catchThrowableOfType(
              RateLimitException.class,
              () -> client.messages().create(message(4).addUserMessage("a").build()));
      assertThat(error.headers().values("retry-after")).isNotEmpty();
      client.close();
    }
  }

  @Test
  void cancel_streamClosedMidway_freesItsPlace() throws InterruptedException {
    MessageCreateParams params = message(3500).addUserMessage("A long one.").build();
    try (StreamResponse<RawMessageStreamEvent> stream = CLIENT.messages().createStreaming(params)) {
      Iterator<RawMessageStreamEvent> events = stream.stream().iterator();
      events.next();
      events.next();
    }
    assertThat(SERVER.becomesIdle()).isTrue();
  }

  @Test
  void parallel_messages_allAnswerAsAlone() {
    List<String> alone = new ArrayList<>();
    List<CompletableFuture<String>> together = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      MessageCreateParams params = message(12).addUserMessage("Number " + i).build();
      alone.add(text(CLIENT.messages().create(params)));
      together.add(CLIENT.async().messages().create(params).thenApply(AnthropicTest::text));
    }
    assertThat(together.stream().map(CompletableFuture::join)).isEqualTo(alone);
  }

  @Test
  void models_listed_haveTheOneServed() {
    assertThat(CLIENT.models().list().autoPager().stream().map(model -> model.id()))
        .contains(LiveServer.MODEL);
  }
}
