package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.engine.EngineException;
import io.moineau.text.Json;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import io.moineau.text.answer.AnswerPart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls of tools through the facade, from the embedded model, which has never seen one. */
@Tag("model")
class ToolCallTest {
  private static final String TEMPLATE =
      "{% if tools %}<tool_call>{{ tools | tojson }}\n{% endif %}{% for m in messages %}"
          + "<|im_start|>{{ m.role }}\n{{ m.content }}{% if m.tool_calls %}{% for c in m.tool_calls %}"
          + "<tool_call>{{ c.function.name }} {{ c.function.arguments | tojson }}</tool_call>"
          + "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
          + "{% if add_generation_prompt %}<|im_start|>assistant\n"
          + "{{ opening }}{% endif %}";

  private static Moineau moineau;

  @BeforeAll
  static void open() {
    moineau =
        Moineau.openDefault(
            ModelOptions.defaults().withContextLength(512).withChatTemplate(TEMPLATE));
  }

  @AfterAll
  static void close() {
    moineau.close();
  }

  private static Tool tool(String name, boolean strict) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("bird", Map.of("type", "string", "enum", List.of("sparrow", "owl")));
    properties.put("count", Map.of("type", "integer", "minimum", 1, "maximum", 9));
    return new Tool(
        name,
        "Feeds birds.",
        Map.of("type", "object", "properties", properties, "required", List.of("bird", "count")),
        strict);
  }

  private static final List<Tool> TOOLS = List.of(tool("feed", false), tool("count", false));

  private static ChatRequest request(int seed) {
    return ChatRequest.of(List.of(Message.user("Feed the birds.")))
        .withTools(TOOLS)
        .withSampling(Sampling.defaults().withSeed(seed).withMaxTokens(250));
  }

  private static void check(ToolCall call) {
    assertThat(call.id()).matches("call_[A-Za-z0-9]{24}");
    Map<?, ?> arguments = (Map<?, ?>) Json.parse(call.arguments());
    assertThat(arguments.get("bird")).isIn("sparrow", "owl");
    assertThat((Long) arguments.get("count")).isBetween(1L, 9L);
  }

  @Test
  void required_oneCall_streamsAndEndsWithToolCalls() {
    for (int seed = 0; seed < 4; seed++) {
      ChatRequest request =
          request(seed).withToolChoice(ToolChoice.REQUIRED).withParallelToolCalls(false);
      try (ChatStream stream = moineau.chat(request)) {
        List<AnswerPart> parts = new ArrayList<>();
        stream.forEachRemaining(parts::add);
        ChatAnswer answer = stream.answer();
        assertThat(answer.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
        assertThat(answer.message().content()).isEmpty();
        assertThat(answer.message().toolCalls()).hasSize(1);
        ToolCall call = answer.message().toolCalls().getFirst();
        check(call);
        assertThat(call.name()).isIn("feed", "count");
        assertThat(parts.getFirst())
            .isEqualTo(new AnswerPart.ToolCallStart(0, call.id(), call.name()));
        assertThat(parts).hasSizeGreaterThan(3); // the arguments come in pieces
        assertThat(stream.usage()).isEqualTo(answer.usage());
      }
    }
  }

  @Test
  void named_callsThatTool_andTheResultGoesBack() {
    ChatRequest request = request(5).withToolChoice(ToolChoice.named("count"));
    ChatAnswer asked;
    try (ChatStream stream = moineau.chat(request)) {
      asked = stream.answer();
    }
    ToolCall call = asked.message().toolCalls().getFirst();
    check(call);
    assertThat(call.name()).isEqualTo("count");
    List<Message> messages = new ArrayList<>(request.messages());
    messages.add(asked.message());
    messages.add(Message.tool(call.id(), call.name(), "3"));
    ChatRequest next =
        ChatRequest.of(messages)
            .withTools(TOOLS)
            .withSampling(Sampling.greedy().withMaxTokens(8).withIgnoreEos(true));
    try (ChatStream stream = moineau.chat(next)) {
      ChatAnswer answer = stream.answer();
      assertThat(answer.message().content()).isNotEmpty();
      assertThat(answer.usage().cachedTokens()).isPositive();
    }
  }

  @Test
  void required_afterReasoningThatThePromptOpened_comesBehindIt() {
    ChatRequest request =
        request(1)
            .withToolChoice(ToolChoice.REQUIRED)
            .withTemplateArguments(Map.of("opening", "<think>\n"))
            .withSampling(Sampling.greedy().withMaxTokens(12));
    try (ChatStream stream = moineau.chat(request)) {
      ChatAnswer answer = stream.answer();
      assertThat(answer.message().reasoning()).isNotEmpty();
      assertThat(answer.message().content()).isEmpty();
      assertThat(answer.message().toolCalls()).isEmpty(); // it was still thinking
      assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
    }
  }

  @Test
  void auto_modelThatDoesNotCall_answersAsEver() {
    ChatRequest strict =
        request(1)
            .withTools(List.of(tool("feed", true)))
            .withSampling(Sampling.greedy().withMaxTokens(12));
    ChatRequest lenient = strict.withTools(List.of(tool("feed", false)));
    try (ChatStream one = moineau.chat(strict);
        ChatStream other = moineau.chat(lenient)) {
      assertThat(one.answer().tokens()).isEqualTo(other.answer().tokens());
      assertThat(one.answer().message().content()).isNotEmpty();
    }
  }

  @Test
  void named_toolThatIsNotThere_isRefusedByName() {
    assertThatThrownBy(() -> moineau.chat(request(1).withToolChoice(ToolChoice.named("fly"))))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("fly")
        .hasMessageContaining("feed");
    assertThatThrownBy(
            () -> moineau.chat(request(1).withTools(List.of()).withToolChoice(ToolChoice.REQUIRED)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("no tools");
  }

  @Test
  void embeddedTemplate_knowsNoTools_andIsToldOfThem() {
    try (Moineau plain = Moineau.openDefault(ModelOptions.defaults().withContextLength(512))) {
      ChatRequest request = request(2).withToolChoice(ToolChoice.named("feed"));
      try (ChatStream stream = plain.chat(request)) {
        ChatAnswer answer = stream.answer();
        assertThat(answer.usage().promptTokens()).isGreaterThan(60);
        check(answer.message().toolCalls().getFirst());
      }
    }
  }
}
