package io.moineau.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.moineau.engine.EngineException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.DefaultChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.ai.tool.metadata.ToolMetadata;
import org.springframework.util.MimeTypeUtils;

/** What users of Spring AI ask of a chat model. */
final class MoineauChatModelTest {
  private static MoineauChatOptions.Builder options(int tokens) {
    return MoineauChatOptions.builder().temperature(0.0).maxTokens(tokens);
  }

  private static MoineauChatModel model(int tokens) {
    return MoineauChatModel.builder(TinyChat.shared()).options(options(tokens).build()).build();
  }

  private static Prompt chat() {
    return new Prompt(
        List.of(
            new SystemMessage("You are brief."),
            new UserMessage("Why do sparrows hop?"),
            new AssistantMessage("They like to."),
            new UserMessage("And magpies?")));
  }

  @Test
  void chat_ofSystemAndManyTurns_hasTextUsageAndReason() {
    ChatResponse answer = model(12).call(chat());
    assertThat(answer.getResult().getOutput().getText()).isNotEmpty();
    assertThat(answer.getResult().getMetadata().getFinishReason()).isEqualTo("LENGTH");
    assertThat(answer.getMetadata().getUsage().getPromptTokens()).isGreaterThan(20);
    assertThat(answer.getMetadata().getUsage().getCompletionTokens()).isEqualTo(12);
    assertThat(answer.getMetadata().getModel()).isEqualTo(TinyChat.shared().card().name());
  }

  @Test
  void stream_pieces_areTheWholeOfTheSameChat() {
    String whole = model(40).call(chat()).getResult().getOutput().getText();
    List<ChatResponse> pieces = model(40).stream(chat()).collectList().block();
    assertThat(pieces).hasSizeGreaterThan(2);
    assertThat(
            pieces.stream()
                .map(piece -> piece.getResult().getOutput().getText())
                .collect(Collectors.joining()))
        .isEqualTo(whole);
    assertThat(pieces.getLast().getMetadata().getUsage().getCompletionTokens()).isEqualTo(40);
    assertThat(pieces.getLast().getResult().getMetadata().getFinishReason()).isEqualTo("LENGTH");
  }

  @Test
  void cancel_streamMidway_freesItsPlace() throws InterruptedException {
    model(1500).stream(chat()).take(3).blockLast();
    for (int i = 0; i < 1000 && TinyChat.shared().stats().running() > 0; i++) {
      Thread.sleep(10);
    }
    assertThat(TinyChat.shared().stats().running()).isZero();
  }

  @Test
  void options_ofThePrompt_overrideThoseOfTheModel() {
    ChatResponse general =
        model(12).call(new Prompt("a", ChatOptions.builder().maxTokens(3).build()));
    assertThat(general.getMetadata().getUsage().getCompletionTokens()).isEqualTo(3);
    ChatResponse own =
        model(12)
            .call(new Prompt("a", MoineauChatOptions.builder().temperature(1.0).seed(9L).build()));
    assertThat(own.getMetadata().getUsage().getCompletionTokens()).isEqualTo(12);
    assertThat(own.getMetadata().<Object>get("seed")).isEqualTo(9L);
  }

  @Test
  void options_mutatedAndCombined_keepAll() {
    MoineauChatOptions all =
        options(5)
            .topK(3)
            .topP(0.5)
            .seed(1L)
            .minP(0.1)
            .repeatPenalty(1.1)
            .toolChoice("none")
            .parallelToolCalls(false)
            .share("a")
            .outputSchema("{}")
            .templateArguments(Map.of("enable_thinking", false))
            .build();
    assertThat(all.mutate().build()).isEqualTo(all);
    assertThat(MoineauChatOptions.builder().combineWith(all.mutate()).build()).isEqualTo(all);
    assertThat(all.mutate().combineWith(MoineauChatOptions.builder().topK(4)).build())
        .isEqualTo(all.mutate().topK(4).build());
  }

  /** What the tool is asked. */
  record Question(Day day) {}

  /** A day. */
  enum Day {
    TODAY,
    TOMORROW
  }

  private static ToolCallback weather(AtomicInteger asked) {
    return FunctionToolCallback.builder(
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
  }

  @Test
  void tools_forced_areToldNotCarriedOut() {
    AtomicInteger asked = new AtomicInteger();
    MoineauChatOptions forced =
        options(200)
            .toolCallbacks(weather(asked))
            .toolChoice("required")
            .parallelToolCalls(false)
            .build();
    ChatResponse answer = model(200).call(new Prompt("The weather?", forced));
    assertThat(answer.hasToolCalls()).isTrue();
    AssistantMessage.ToolCall call = answer.getResult().getOutput().getToolCalls().getFirst();
    assertThat(call.name()).isEqualTo("weather");
    assertThat(call.arguments()).contains("day");
    assertThat(asked).hasValue(0);
    List<ChatResponse> streamed =
        model(200).stream(new Prompt("The weather?", forced)).collectList().block();
    assertThat(streamed.getLast().getResult().getOutput().getToolCalls().getFirst().arguments())
        .isEqualTo(call.arguments());
  }

  @Test
  void client_withATool_carriesItOut() {
    AtomicInteger asked = new AtomicInteger();
    ToolCallback direct =
        FunctionToolCallback.builder(
                "weather",
                (Question question) -> {
                  asked.incrementAndGet();
                  return "clear " + question.day();
                })
            .inputType(Question.class)
            // The forced choice holds for every turn, so what the tool gives is the answer.
            .toolMetadata(ToolMetadata.builder().returnDirect(true).build())
            .build();
    MoineauChatModel model =
        MoineauChatModel.builder(TinyChat.shared())
            .options(options(300).toolChoice("required").parallelToolCalls(false).build())
            .build();
    String text =
        ChatClient.create(model).prompt().user("The weather?").tools(direct).call().content();
    assertThat(asked).hasValue(1);
    assertThat(text).contains("clear");
    String streamed =
        String.join(
            "",
            ChatClient.create(model).prompt().user("The weather?").tools(direct).stream()
                .content()
                .collectList()
                .block());
    assertThat(asked).hasValue(2);
    assertThat(streamed).contains("clear");
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
        ChatClient.create(
                MoineauChatModel.builder(TinyChat.shared())
                    .options(options(200).outputSchema(schema).build())
                    .build())
            .prompt()
            .user("The forecast.")
            .call()
            .entity(Forecast.class);
    assertThat(forecast.sky()).isNotNull();
  }

  /** Options of somebody else's. */
  private static final class Foreign extends DefaultChatOptions {
    Foreign() {
      super(null, null, 5, null, null, null, null, null);
    }
  }

  @Test
  void whatIsNotSupported_isRefusedByName() {
    assertThatThrownBy(() -> model(4).call(new Prompt("a", new Foreign())))
        .isInstanceOf(SpringAiException.class)
        .hasMessageContaining("Foreign");
    assertThatThrownBy(
            () -> model(4).call(new Prompt("a", ChatOptions.builder().model("nowhere").build())))
        .isInstanceOf(SpringAiException.class)
        .hasMessageContaining("nowhere");
    UserMessage picture =
        UserMessage.builder()
            .text("What is it?")
            .media(new Media(MimeTypeUtils.IMAGE_PNG, URI.create("http://a/b.png")))
            .build();
    assertThatThrownBy(() -> model(4).call(new Prompt(picture)))
        .isInstanceOf(SpringAiException.class)
        .hasMessageContaining("image/png");
  }

  @Test
  void errors_areMoineausOwn_inStreamsToo() {
    Prompt tooLong = new Prompt("0123456789".repeat(TinyChat.CONTEXT));
    assertThatThrownBy(() -> model(4).call(tooLong))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(Integer.toString(TinyChat.CONTEXT));
    assertThatThrownBy(() -> model(4).stream(tooLong).blockLast())
        .isInstanceOf(EngineException.class);
  }

  @Test
  void observation_ofACallAndAStream_hasProviderAndTokens() {
    TestObservationRegistry registry = TestObservationRegistry.create();
    MoineauChatModel model =
        MoineauChatModel.builder(TinyChat.shared())
            .options(options(3).build())
            .observationRegistry(registry)
            .build();
    model.call(new Prompt("a"));
    TestObservationRegistryAssert.assertThat(registry)
        .hasSingleObservationThat()
        .hasBeenStopped()
        .hasLowCardinalityKeyValue("gen_ai.system", "moineau")
        .hasHighCardinalityKeyValue("gen_ai.usage.output_tokens", "3");
    registry.clear();
    model.stream(new Prompt("a")).blockLast();
    TestObservationRegistryAssert.assertThat(registry)
        .hasSingleObservationThat()
        .hasBeenStopped()
        .hasHighCardinalityKeyValue("gen_ai.usage.output_tokens", "3");
  }
}
