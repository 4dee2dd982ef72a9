package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.EasyInputMessage;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseFunctionToolCall;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.responses.StructuredResponseCreateParams;
import com.openai.models.responses.ToolChoiceOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** openai-java: the responses API and embeddings. */
class OpenAiResponsesTest {
  private static final LiveServer SERVER = LiveServer.shared();
  private static final OpenAIClient CLIENT = OpenAiClients.of(SERVER);

  @AfterAll
  static void close() {
    CLIENT.close();
  }

  private static ResponseCreateParams.Builder greedy(int tokens) {
    return ResponseCreateParams.builder()
        .model(LiveServer.MODEL)
        .temperature(0)
        .maxOutputTokens(tokens);
  }

  private static String text(Response response) {
    return response.output().stream()
        .flatMap(item -> item.message().stream())
        .flatMap(message -> message.content().stream())
        .flatMap(content -> content.outputText().stream())
        .map(part -> part.text())
        .collect(Collectors.joining());
  }

  @Test
  void responses_ofATextAndInstructions_hasTextAndUsage() {
    Response response =
        CLIENT
            .responses()
            .create(greedy(16).instructions("You are brief.").input("Why do they hop?").build());
    assertThat(text(response)).isNotEmpty();
    assertThat(response.usage().orElseThrow().inputTokens()).isGreaterThan(10);
    assertThat(response.usage().orElseThrow().outputTokens()).isBetween(1L, 16L);
  }

  @Test
  void responses_stream_makeTheWholeOfTheSameResponse() {
    ResponseCreateParams params = greedy(40).input("Tell me more.").build();
    Response whole = CLIENT.responses().create(params);
    ResponseAccumulator accumulator = ResponseAccumulator.create();
    StringBuilder deltas = new StringBuilder();
    try (StreamResponse<ResponseStreamEvent> stream = CLIENT.responses().createStreaming(params)) {
      stream.stream()
          .peek(accumulator::accumulate)
          .flatMap(event -> event.outputTextDelta().stream())
          .forEach(delta -> deltas.append(delta.delta()));
    }
    assertThat(deltas.toString()).isEqualTo(text(whole));
    assertThat(text(accumulator.response())).isEqualTo(text(whole));
    assertThat(accumulator.response().status()).isEqualTo(whole.status());
  }

  @Test
  void responses_toolsInALoop_callThenResultThenAnswer() {
    List<ResponseInputItem> items = new ArrayList<>();
    items.add(
        ResponseInputItem.ofEasyInputMessage(
            EasyInputMessage.builder()
                .role(EasyInputMessage.Role.USER)
                .content("What will the weather be?")
                .build()));
    ResponseCreateParams.Builder params =
        greedy(200)
            .inputOfResponse(items)
            .addTool(OpenAiToolsTest.GetWeather.class)
            .toolChoice(ToolChoiceOptions.REQUIRED)
            .parallelToolCalls(false);
    List<ResponseFunctionToolCall> calls =
        CLIENT.responses().create(params.build()).output().stream()
            .flatMap(item -> item.functionCall().stream())
            .toList();
    assertThat(calls).isNotEmpty();
    for (ResponseFunctionToolCall call : calls) {
      assertThat(call.name()).isEqualTo("GetWeather");
      assertThat(call.arguments(OpenAiToolsTest.GetWeather.class).day).isNotNull();
      items.add(ResponseInputItem.ofFunctionCall(call));
      items.add(
          ResponseInputItem.ofFunctionCallOutput(
              ResponseInputItem.FunctionCallOutput.builder()
                  .callId(call.callId())
                  .output("clear")
                  .build()));
    }
    Response second =
        CLIENT
            .responses()
            .create(
                params
                    .inputOfResponse(items)
                    .toolChoice(ToolChoiceOptions.NONE)
                    .maxOutputTokens(16)
                    .build());
    assertThat(text(second)).isNotEmpty();
  }

  @Test
  void responses_textFormatOfAClass_isReadIntoIt() {
    StructuredResponseCreateParams<Forecast> params =
        greedy(200).input("The forecast, please.").text(Forecast.class).build();
    Forecast forecast =
        CLIENT.responses().create(params).output().stream()
            .flatMap(item -> item.message().stream())
            .flatMap(message -> message.content().stream())
            .flatMap(content -> content.outputText().stream())
            .findFirst()
            .orElseThrow();
    assertThat(forecast.sky).isNotNull();
  }

  @Test
  void embeddings_ofTexts_haveLengthOneAndDiffer() {
    CreateEmbeddingResponse response =
        CLIENT
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model(LiveServer.MODEL)
                    .inputOfArrayOfStrings(List.of("a sparrow", "a river", "a sparrow"))
                    .build());
    List<List<Float>> vectors = response.data().stream().map(one -> one.embedding()).toList();
    assertThat(vectors).hasSize(3);
    assertThat(Math.sqrt(vectors.getFirst().stream().mapToDouble(x -> x * x).sum()))
        .isCloseTo(1, within(1e-3));
    assertThat(cosine(vectors.get(0), vectors.get(2))).isCloseTo(1, within(1e-3));
    assertThat(cosine(vectors.get(0), vectors.get(1))).isLessThan(0.999);
    assertThat(response.usage().promptTokens()).isPositive();
  }

  private static double cosine(List<Float> a, List<Float> b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += a.get(i) * b.get(i);
    }
    return sum;
  }
}
