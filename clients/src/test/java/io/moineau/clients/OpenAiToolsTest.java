package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.openai.client.OpenAIClient;
import com.openai.core.JsonSchemaLocalValidation;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.ResponseFormatJsonObject;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionNamedToolChoice;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.chat.completions.StructuredChatCompletionCreateParams;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** openai-java: tools in a loop, and answers in a class. */
class OpenAiToolsTest {
  private static final LiveServer SERVER = LiveServer.shared();
  private static final OpenAIClient CLIENT = OpenAiClients.of(SERVER);

  /** A tool, as openai-java has them: its fields are the arguments. */
  @JsonClassDescription("The weather of a day.")
  static class GetWeather {
    public Day day;

    /** The days. */
    public enum Day {
      TODAY,
      TOMORROW
    }
  }

  @AfterAll
  static void close() {
    CLIENT.close();
  }

  private static ChatCompletionCreateParams.Builder withTool() {
    return OpenAiChatTest.greedy(200)
        .addUserMessage("What will the weather be?")
        .addTool(GetWeather.class)
        .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
        .parallelToolCalls(false); // a random model would call for ever
  }

  @Test
  void tools_inALoop_callThenResultThenAnswer() {
    ChatCompletionCreateParams.Builder chat = withTool();
    ChatCompletion first = CLIENT.chat().completions().create(chat.build());
    answerAndGoOn(chat, first);
  }

  @Test
  void toolsStreamed_inALoop_callThenResultThenAnswer() {
    ChatCompletionCreateParams.Builder chat = withTool();
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    List<String> deltas = new ArrayList<>();
    try (StreamResponse<ChatCompletionChunk> stream =
        CLIENT.chat().completions().createStreaming(chat.build())) {
      stream.stream()
          .peek(accumulator::accumulate)
          .flatMap(chunk -> chunk.choices().stream())
          .flatMap(choice -> choice.delta().toolCalls().stream().flatMap(List::stream))
          .forEach(call -> deltas.add(call.function().flatMap(f -> f.arguments()).orElse("")));
    }
    ChatCompletion first = accumulator.chatCompletion();
    assertThat(String.join("", deltas)).startsWith("{").endsWith("}");
    answerAndGoOn(chat, first);
  }

  private static void answerAndGoOn(ChatCompletionCreateParams.Builder chat, ChatCompletion first) {
    ChatCompletion.Choice choice = first.choices().getFirst();
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
    assertThat(choice.message().toolCalls().orElseThrow()).isNotEmpty();
    chat.addMessage(choice.message());
    choice.message().toolCalls().orElseThrow().stream()
        .flatMap(call -> call.function().stream())
        .forEach(call -> {
          assertThat(call.function().name()).isEqualTo("GetWeather");
          assertThat(call.function().arguments(GetWeather.class).day).isNotNull();
          chat.addMessage(
              ChatCompletionToolMessageParam.builder()
                  .toolCallId(call.id())
                  .content("{\"sky\": \"clear\"}")
                  .build());
        });
    ChatCompletion second =
        CLIENT
            .chat()
            .completions()
            .create(
                chat.toolChoice(ChatCompletionToolChoiceOption.Auto.NONE)
                    .maxCompletionTokens(12)
                    .build());
    assertThat(second.choices().getFirst().message().toolCalls().orElse(List.of())).isEmpty();
    assertThat(second.choices().getFirst().message().content().orElse("")).isNotEmpty();
  }

  @Test
  void tools_namedOne_isTheOneCalled() {
    ChatCompletion answer =
        CLIENT
            .chat()
            .completions()
            .create(
                OpenAiChatTest.greedy(200)
                    .addUserMessage("What now?")
                    .parallelToolCalls(false)
                    .addTool(GetWeather.class)
                    .addTool(Forecast.class, JsonSchemaLocalValidation.NO)
                    .toolChoice(
                        ChatCompletionNamedToolChoice.builder()
                            .function(
                                ChatCompletionNamedToolChoice.Function.builder()
                                    .name("Forecast")
                                    .build())
                            .build())
                    .build());
    List<ChatCompletionMessageFunctionToolCall> calls =
        answer.choices().getFirst().message().toolCalls().orElseThrow().stream()
            .flatMap(call -> call.function().stream())
            .toList();
    assertThat(calls).isNotEmpty();
    assertThat(calls).allMatch(call -> call.function().name().equals("Forecast"));
    assertThat(calls.getFirst().function().arguments(Forecast.class).sky).isNotNull();
  }

  @Test
  void structured_ofAClass_isReadIntoIt() {
    StructuredChatCompletionCreateParams<Forecast> chat =
        OpenAiChatTest.greedy(200)
            .addUserMessage("The forecast, please.")
            .responseFormat(Forecast.class)
            .build();
    Forecast forecast =
        CLIENT.chat().completions().create(chat).choices().getFirst().message().content().get();
    assertThat(forecast.sky).isNotNull();

    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        CLIENT.chat().completions().createStreaming(chat)) {
      stream.stream().forEach(accumulator::accumulate);
    }
    Forecast streamed =
        accumulator
            .chatCompletion(Forecast.class)
            .choices()
            .getFirst()
            .message()
            .content()
            .orElseThrow();
    assertThat(streamed.sky).isEqualTo(forecast.sky);
    assertThat(streamed.rain).isEqualTo(forecast.rain);
  }

  @Test
  void structured_jsonObject_beginsAnObject() {
    ChatCompletion answer =
        CLIENT
            .chat()
            .completions()
            .create(
                OpenAiChatTest.greedy(24)
                    .addUserMessage("Anything as JSON.")
                    .responseFormat(ResponseFormatJsonObject.builder().build())
                    .build());
    // It may be cut by its length, but never be something else.
    assertThat(answer.choices().getFirst().message().content().orElseThrow().strip())
        .startsWith("{");
  }
}
