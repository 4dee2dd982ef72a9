package io.moineau.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.RetriableException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import io.moineau.Moineau;
import io.moineau.Sampling;
import io.moineau.engine.EngineBusyException;
import io.moineau.text.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What users of LangChain4j ask of a chat model. */
final class MoineauChatModelTest {
  static final ToolSpecification WEATHER =
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

  static ChatModel model(int tokens) {
    return MoineauChatModel.builder(TinyChat.shared())
        .sampling(Sampling.greedy().withMaxTokens(tokens))
        .build();
  }

  static ChatRequest.Builder chat() {
    return ChatRequest.builder()
        .messages(
            SystemMessage.from("You are brief."),
            UserMessage.from("Why do sparrows hop?"),
            AiMessage.from("They like to."),
            UserMessage.from("And magpies?"));
  }

  @Test
  void chat_ofSystemAndManyTurns_hasTextUsageReasonAndMetadata() {
    ChatResponse answer = model(12).chat(chat().build());
    assertThat(answer.aiMessage().text()).isNotEmpty();
    assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(answer.tokenUsage().outputTokenCount()).isEqualTo(12);
    assertThat(answer.tokenUsage().inputTokenCount()).isGreaterThan(20);
    assertThat(answer.modelName()).isEqualTo(TinyChat.shared().card().name());
    assertThat(answer.metadata())
        .isInstanceOfSatisfying(
            MoineauChatResponseMetadata.class,
            own -> {
              assertThat(own.timings().decodeTokens()).isEqualTo(11);
              assertThat(own.toBuilder().build()).isEqualTo(own);
            });
  }

  @Test
  void parameters_ofTheRequest_overrideThoseOfTheModel() {
    ChatModel model =
        MoineauChatModel.builder(TinyChat.shared())
            .modelName("mine")
            .defaultRequestParameters(
                MoineauChatRequestParameters.builder()
                    .maxOutputTokens(5)
                    .temperature(1.0)
                    .seed(7L)
                    .minP(0.0)
                    .build())
            .build();
    assertThat(model.defaultRequestParameters().modelName()).isEqualTo("mine");
    ChatResponse first = model.chat(chat().build());
    assertThat(first.tokenUsage().outputTokenCount()).isEqualTo(5);
    assertThat(((MoineauChatResponseMetadata) first.metadata()).seed()).isEqualTo(7);
    ChatResponse second =
        model.chat(
            chat()
                .parameters(
                    MoineauChatRequestParameters.builder().maxOutputTokens(3).seed(8L).build())
                .build());
    assertThat(second.tokenUsage().outputTokenCount()).isEqualTo(3);
    assertThat(((MoineauChatResponseMetadata) second.metadata()).seed()).isEqualTo(8);
  }

  @Test
  void parameters_overridden_keepWhatTheOtherDoesNotSay() {
    MoineauChatRequestParameters base =
        MoineauChatRequestParameters.builder()
            .seed(1L)
            .minP(0.1)
            .repeatPenalty(1.1)
            .parallelToolCalls(false)
            .share("a")
            .templateArguments(Map.of("enable_thinking", false))
            .topK(3)
            .build();
    assertThat(base.overrideWith(MoineauChatRequestParameters.builder().build())).isEqualTo(base);
    MoineauChatRequestParameters other =
        base.overrideWith(MoineauChatRequestParameters.builder().share("b").topK(4).build());
    assertThat(other.share()).isEqualTo("b");
    assertThat(other.topK()).isEqualTo(4);
    assertThat(other.minP()).isEqualTo(0.1);
    assertThat(other.toString()).contains("repeatPenalty=1.1", "enable_thinking");
  }

  static ChatRequest withTool(List<ChatMessage> messages, ToolChoice choice) {
    return ChatRequest.builder()
        .messages(messages)
        .parameters(
            MoineauChatRequestParameters.builder()
                .toolSpecifications(WEATHER)
                .toolChoice(choice)
                .parallelToolCalls(false) // random weights would call for ever
                .build())
        .build();
  }

  @Test
  void tools_inALoop_callThenResultThenAnswer() {
    List<ChatMessage> messages = new ArrayList<>(List.of(UserMessage.from("The weather?")));
    ChatResponse first = model(200).chat(withTool(messages, ToolChoice.REQUIRED));
    assertThat(first.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
    assertThat(first.aiMessage().text()).isNull();
    messages.add(first.aiMessage());
    for (ToolExecutionRequest call : first.aiMessage().toolExecutionRequests()) {
      assertThat(call.name()).isEqualTo("weather");
      assertThat(call.arguments().replaceAll("\\s", ""))
          .isIn("{\"day\":\"today\"}", "{\"day\":\"tomorrow\"}");
      messages.add(ToolExecutionResultMessage.from(call, "clear"));
    }
    ChatResponse second = model(12).chat(withTool(messages, ToolChoice.NONE));
    assertThat(second.aiMessage().text()).isNotEmpty();
    assertThat(second.aiMessage().hasToolExecutionRequests()).isFalse();
  }

  /** What the answer is read into. */
  record Forecast(@JsonProperty(required = true) Sky sky, boolean rain) {}

  /** The sky. */
  enum Sky {
    CLEAR,
    CLOUDY
  }

  /** An AI service that answers in a class. */
  interface Forecaster {
    Forecast forecast(String question);
  }

  @Test
  void structured_ofAClass_isReadIntoIt() {
    Forecaster forecaster = AiServices.create(Forecaster.class, model(200));
    assertThat(forecaster.forecast("What will the weather be?").sky()).isNotNull();
  }

  @Test
  void structured_ofARawSchema_keepsToIt() {
    ResponseFormat format =
        ResponseFormat.builder()
            .type(dev.langchain4j.model.chat.request.ResponseFormatType.JSON)
            .jsonSchema(
                JsonSchema.builder()
                    .name("sky")
                    .rootElement(JsonRawSchema.from("{\"enum\": [\"clear\", \"cloudy\"]}"))
                    .build())
            .build();
    String text = model(50).chat(chat().responseFormat(format).build()).aiMessage().text();
    assertThat(Json.parse(text)).isIn("clear", "cloudy");
  }

  @Test
  void content_thatIsNoText_isRefusedByName() {
    UserMessage picture =
        UserMessage.from(TextContent.from("What is it?"), ImageContent.from("http://a/b.png"));
    assertThatThrownBy(() -> model(4).chat(picture))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("IMAGE");
    assertThatThrownBy(() -> model(4).chat(CustomMessage.from(Map.of("a", "b"))))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("CUSTOM");
  }

  @Test
  void errors_areTheLibrarysOwn_withOursAsTheCause() {
    assertThatThrownBy(() -> model(4).chat(chat().modelName("nowhere").build()))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> model(4).chat("0123456789".repeat(TinyChat.CONTEXT)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(Integer.toString(TinyChat.CONTEXT));
    assertThatThrownBy(() -> model(4).chat(chat().topP(2.0).build()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("topP=2.0");
  }

  @Test
  void busy_queueIsFull_isARateLimit() {
    try (Moineau busy =
            TinyChat.open(options ->
                options.withMaxSequences(1).withServing(options.serving().withMaxWaiting(0)));
        var running = busy.completeStream("a", Sampling.greedy().withIgnoreEos(true))) {
      assertThat(running.hasNext()).isTrue();
      assertThatThrownBy(() -> MoineauChatModel.of(busy).chat("b"))
          .isInstanceOf(RateLimitException.class)
          .hasCauseInstanceOf(EngineBusyException.class);
    }
  }

  @Test
  void closed_model_isAnErrorThatIsNotTriedAgain() {
    Moineau closed = TinyChat.open(options -> options);
    closed.close();
    assertThatThrownBy(() -> MoineauChatModel.of(closed).chat("a"))
        .isInstanceOf(LangChain4jException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContaining("closed");
  }
}
