package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What LangChain4j's users do, the same over each API that it speaks. */
abstract class LangChain4jChecks {
  static final LiveServer SERVER = LiveServer.shared();

  /** Greedy, with answers of so many tokens. */
  abstract ChatModel model(LiveServer server, String name, int tokens);

  private ChatModel model(String name, int tokens) {
    return model(SERVER, name, tokens);
  }

  /** The same in pieces. */
  abstract StreamingChatModel streaming(int tokens);

  /** Whether the API lets a client demand that a tool is called; a random model calls none. */
  abstract boolean forcesTools();

  private static ChatRequest.Builder chat() {
    return ChatRequest.builder()
        .messages(
            SystemMessage.from("You are brief."),
            UserMessage.from("Why do sparrows hop?"),
            AiMessage.from("They like to."),
            UserMessage.from("And magpies?"));
  }

  @Test
  void chat_ofSystemAndManyTurns_hasTextUsageAndReason() {
    ChatResponse answer = model(LiveServer.MODEL, 12).chat(chat().build());
    assertThat(answer.aiMessage().text()).isNotEmpty();
    assertThat(answer.finishReason()).isIn(FinishReason.LENGTH, FinishReason.STOP);
    assertThat(answer.tokenUsage().outputTokenCount()).isBetween(1, 12);
    assertThat(answer.modelName()).startsWith(LiveServer.MODEL); // Ollama writes a tag after it
  }

  @Test
  void stream_pieces_areTheWholeOfTheSameChat() throws Exception {
    String whole = model(LiveServer.MODEL, 40).chat(chat().build()).aiMessage().text();
    Collector collector = new Collector(Integer.MAX_VALUE);
    streaming(40).chat(chat().build(), collector);
    ChatResponse streamed = collector.done.get(60, TimeUnit.SECONDS);
    assertThat(streamed.aiMessage().text()).isEqualTo(whole);
    assertThat(String.join("", collector.pieces)).isEqualTo(whole);
    assertThat(streamed.tokenUsage().outputTokenCount()).isBetween(1, 40);
  }

  @Test
  void cancel_streamMidway_freesItsPlace() throws Exception {
    streaming(3500).chat(chat().build(), new Collector(3));
    while (SERVER.running() == 0) {
      Thread.onSpinWait(); // until it has begun
    }
    assertThat(SERVER.becomesIdle()).isTrue();
  }

  private static final ToolSpecification WEATHER =
      ToolSpecification.builder()
          .name("weather")
          .description("The weather of a day.")
          .parameters(
              JsonObjectSchema.builder()
                  .addEnumProperty("day", List.of("today", "tomorrow"))
                  .required("day")
                  .additionalProperties(false)
                  .build())
          .build();

  private static ChatRequest withTool(List<ChatMessage> messages, ToolChoice choice) {
    return ChatRequest.builder()
        .messages(messages)
        .toolSpecifications(WEATHER)
        .toolChoice(choice)
        .build();
  }

  /** The arguments without the white space that some clients write anew. */
  private static String compact(ToolExecutionRequest call) {
    return call.arguments().replaceAll("\\s", "");
  }

  @Test
  void tools_inALoop_callThenResultThenAnswer() {
    Assumptions.assumeTrue(forcesTools(), "this API cannot demand a call");
    List<ChatMessage> messages = new ArrayList<>(List.of(UserMessage.from("The weather?")));
    ChatResponse first = model(LiveServer.MODEL, 200).chat(withTool(messages, ToolChoice.REQUIRED));
    assertThat(first.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
    messages.add(first.aiMessage());
    for (ToolExecutionRequest call : first.aiMessage().toolExecutionRequests()) {
      assertThat(call.name()).isEqualTo("weather");
      assertThat(compact(call)).isIn("{\"day\":\"today\"}", "{\"day\":\"tomorrow\"}");
      messages.add(ToolExecutionResultMessage.from(call, "clear"));
    }
    ChatResponse second = model(LiveServer.MODEL, 12).chat(withTool(messages, ToolChoice.NONE));
    assertThat(second.aiMessage().text()).isNotEmpty();
    assertThat(second.aiMessage().hasToolExecutionRequests()).isFalse();
  }

  @Test
  void toolsStreamed_call_isThatOfTheSameChat() throws Exception {
    Assumptions.assumeTrue(forcesTools(), "this API cannot demand a call");
    ChatRequest chat = withTool(List.of(UserMessage.from("The weather?")), ToolChoice.REQUIRED);
    ChatResponse whole = model(LiveServer.MODEL, 200).chat(chat);
    Collector collector = new Collector(Integer.MAX_VALUE);
    streaming(200).chat(chat, collector);
    AiMessage streamed = collector.done.get(60, TimeUnit.SECONDS).aiMessage();
    assertThat(compact(streamed.toolExecutionRequests().getFirst()))
        .isEqualTo(compact(whole.aiMessage().toolExecutionRequests().getFirst()));
  }

  /** An AI service that answers in a class. */
  interface Forecaster {
    Forecast forecast(String question);
  }

  @Test
  void structured_ofAClass_isReadIntoIt() {
    Forecaster forecaster = AiServices.create(Forecaster.class, model(LiveServer.MODEL, 200));
    assertThat(forecaster.forecast("What will the weather be?").sky).isNotNull();
  }

  @Test
  void errors_areTheClientsOwnExceptions() {
    assertThatThrownBy(() -> model("nowhere", 4).chat("a"))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining("nowhere");
    assertThatThrownBy(
            () -> model(LiveServer.MODEL, 4).chat("0123456789".repeat(LiveServer.CONTEXT)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(Integer.toString(LiveServer.CONTEXT));
  }

  @Test
  void busy_queueIsFull_isARateLimit() throws Exception {
    try (BusyServer busy = new BusyServer()) {
      ChatModel model = model(busy.server(), LiveServer.MODEL, 4);
      assertThatThrownBy(() -> model.chat("a")).isInstanceOf(RateLimitException.class);
    }
  }

  @Test
  void parallel_chats_allAnswerAsAlone() {
    ChatModel model = model(LiveServer.MODEL, 12);
    String alone = model.chat(chat().build()).aiMessage().text();
    List<CompletableFuture<String>> together = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      together.add(
          CompletableFuture.supplyAsync(
              () -> model.chat(chat().build()).aiMessage().text(),
              task -> Thread.ofVirtual().start(task)));
    }
    assertThat(together.stream().map(CompletableFuture::join)).containsOnly(alone);
  }

  /** Keeps the pieces and cancels after so many. */
  private static final class Collector implements StreamingChatResponseHandler {
    final List<String> pieces = new ArrayList<>();
    final CompletableFuture<ChatResponse> done = new CompletableFuture<>();
    private final int most;

    Collector(int most) {
      this.most = most;
    }

    @Override
    public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
      pieces.add(piece.text());
      if (pieces.size() >= most) {
        context.streamingHandle().cancel();
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      done.complete(response);
    }

    @Override
    public void onError(Throwable error) {
      done.completeExceptionally(error);
    }
  }
}
