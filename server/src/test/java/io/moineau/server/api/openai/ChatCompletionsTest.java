package io.moineau.server.api.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.ChatRequest;
import io.moineau.FinishReason;
import io.moineau.ResponseFormat;
import io.moineau.Role;
import io.moineau.ToolChoice;
import io.moineau.server.api.Exchange;
import io.moineau.server.api.ScriptedService;
import io.moineau.text.Tool;
import io.moineau.text.answer.AnswerPart;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a chat's fields become, and what its parts become. */
class ChatCompletionsTest {
  private static final String TOOLS =
      """
      "tools": [{"type": "function", "function": {"name": "weather", "description": "Tells it",
        "strict": true, "parameters": {"type": "object", "properties": {"city": {}}}}},
        {"type": "function", "function": {"name": "time"}}]\
      """;

  private static ScriptedService everything() {
    return new ScriptedService(
        FinishReason.TOOL_CALLS,
        "",
        new AnswerPart.Reasoning("Hm."),
        new AnswerPart.Content("I look."),
        new AnswerPart.ToolCallStart(0, "call_a", "weather"),
        new AnswerPart.ToolCallArguments(0, "{\"city\":"),
        new AnswerPart.ToolCallArguments(0, "\"Paris\"}"));
  }

  private static String body(String more) {
    return "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]"
        + (more.isEmpty() ? "}" : ", " + more + "}");
  }

  private static ChatRequest asked(String body) throws IOException {
    ScriptedService service = new ScriptedService();
    Exchange exchange = Exchange.of(new ChatCompletions(service), body);
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(200);
    return service.asked();
  }

  @Test
  void whole_reasoningAndCalls_standApart() throws IOException {
    Exchange exchange = Exchange.of(new ChatCompletions(everything()), body(""));
    assertThat(exchange.at("choices[0].message.content")).isEqualTo("I look.");
    assertThat(exchange.at("choices[0].message.reasoning_content")).isEqualTo("Hm.");
    assertThat(exchange.at("choices[0].message.tool_calls[0].id")).isEqualTo("call_a");
    assertThat(exchange.at("choices[0].message.tool_calls[0].type")).isEqualTo("function");
    assertThat(exchange.at("choices[0].message.tool_calls[0].function.name")).isEqualTo("weather");
    assertThat(exchange.at("choices[0].message.tool_calls[0].function.arguments"))
        .isEqualTo("{\"city\":\"Paris\"}");
    assertThat(exchange.at("choices[0].finish_reason")).isEqualTo("tool_calls");
    assertThat(exchange.at("usage.prompt_tokens_details.cached_tokens")).isEqualTo(4L);
    assertThat((Long) exchange.at("usage.completion_tokens_details.reasoning_tokens")).isPositive();
  }

  @Test
  void stream_reasoningTextAndCalls_comeAsDeltas() throws IOException {
    String text = Exchange.of(new ChatCompletions(everything()), body("\"stream\": true")).text();
    int role = text.indexOf("\"delta\":{\"role\":\"assistant\"");
    int reasoning = text.indexOf("\"delta\":{\"reasoning_content\":\"Hm.\"}");
    int content = text.indexOf("\"delta\":{\"content\":\"I look.\"}");
    int start =
        text.indexOf(
            "{\"index\":0,\"id\":\"call_a\",\"type\":\"function\",\"function\":"
                + "{\"name\":\"weather\",\"arguments\":\"\"}}");
    int first = text.indexOf("\"function\":{\"arguments\":\"{\\\"city\\\":\"}");
    int second = text.indexOf("\"function\":{\"arguments\":\"\\\"Paris\\\"}\"}");
    int end = text.indexOf("\"finish_reason\":\"tool_calls\"");
    assertThat(List.of(role, reasoning, content, start, first, second, end))
        .as(text)
        .isSorted()
        .doesNotContain(-1);
    assertThat(text).endsWith("data: [DONE]\n\n");
  }

  @Test
  void tools_theirSchemas_areToldToTheModel() throws IOException {
    ChatRequest chat = asked(body(TOOLS + ", \"parallel_tool_calls\": false"));
    assertThat(chat.tools()).hasSize(2);
    Tool weather = chat.tools().getFirst();
    assertThat(weather.name()).isEqualTo("weather");
    assertThat(weather.description()).isEqualTo("Tells it");
    assertThat(weather.strict()).isTrue();
    assertThat(weather.parameters()).containsKey("properties");
    assertThat(chat.toolChoice()).isEqualTo(ToolChoice.AUTO);
    assertThat(chat.parallelToolCalls()).isFalse();
  }

  @Test
  void toolChoice_eachForm_isRead() throws IOException {
    assertThat(asked(body(TOOLS + ", \"tool_choice\": \"none\"")).toolChoice())
        .isEqualTo(ToolChoice.NONE);
    assertThat(asked(body(TOOLS + ", \"tool_choice\": \"required\"")).toolChoice())
        .isEqualTo(ToolChoice.REQUIRED);
    String named = "{\"type\": \"function\", \"function\": {\"name\": \"time\"}}";
    assertThat(asked(body(TOOLS + ", \"tool_choice\": " + named)).toolChoice())
        .isEqualTo(ToolChoice.named("time"));
    ChatRequest allowed =
        asked(
            body(
                TOOLS
                    + ", \"tool_choice\": {\"type\": \"allowed_tools\", \"allowed_tools\":"
                    + " {\"mode\": \"required\", \"tools\": ["
                    + named
                    + "]}}"));
    assertThat(allowed.tools()).extracting(Tool::name).containsExactly("time");
    assertThat(allowed.toolChoice()).isEqualTo(ToolChoice.REQUIRED);
  }

  @Test
  void messages_aTurnOfTools_isRead() throws IOException {
    ChatRequest chat =
        asked(
            """
            {"messages": [
              {"role": "developer", "content": "Be brief"},
              {"role": "user", "content": "Weather?", "name": "ann"},
              {"role": "assistant", "content": null, "reasoning_content": "Ask.", "refusal": null,
               "annotations": [], "tool_calls": [{"id": "call_a", "type": "function",
               "function": {"name": "weather", "arguments": "{\\"city\\":\\"Paris\\"}"}}]},
              {"role": "tool", "tool_call_id": "call_a", "content": [{"type": "text",
               "text": "Rain"}]}]}
            """);
    assertThat(chat.messages())
        .extracting(message -> message.role())
        .containsExactly(Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.TOOL);
    assertThat(chat.messages().get(1).name()).isEqualTo("ann");
    assertThat(chat.messages().get(2).reasoning()).isEqualTo("Ask.");
    assertThat(chat.messages().get(2).toolCalls().getFirst().arguments())
        .isEqualTo("{\"city\":\"Paris\"}");
    assertThat(chat.messages().get(3).content()).isEqualTo("Rain");
    assertThat(chat.messages().get(3).toolCallId()).isEqualTo("call_a");
  }

  @Test
  void responseFormat_eachForm_isRead() throws IOException {
    assertThat(asked(body("\"response_format\": {\"type\": \"json_object\"}")).responseFormat())
        .isEqualTo(ResponseFormat.JSON_OBJECT);
    assertThat(
            asked(
                    body(
                        "\"response_format\": {\"type\": \"json_schema\", \"json_schema\":"
                            + " {\"name\": \"bird\", \"strict\": true, \"schema\": {\"type\":"
                            + " \"object\"}}}"))
                .responseFormat())
        .isEqualTo(new ResponseFormat.JsonSchema("bird", Map.of("type", "object")));
    assertThat(asked(body("\"grammar\": \"root ::= [0-9]+\"")).responseFormat())
        .isEqualTo(new ResponseFormat.Gbnf("root ::= [0-9]+"));
    assertThat(asked(body("\"guided_regex\": \"a+\"")).responseFormat())
        .isEqualTo(new ResponseFormat.Regex("a+"));
    assertThat(asked(body("\"guided_choice\": [\"yes\", \"a \\\"no\\\"\"]")).responseFormat())
        .isEqualTo(new ResponseFormat.Gbnf("root ::= \"yes\" | \"a \\\"no\\\"\""));
  }

  @Test
  void sampling_eachField_isRead() throws IOException {
    ChatRequest chat =
        asked(
            body(
                "\"temperature\": 0.3, \"top_p\": 0.5, \"top_k\": -1, \"min_p\": 0.1, \"seed\": 42,"
                    + " \"presence_penalty\": 1.5, \"frequency_penalty\": -0.5,"
                    + " \"repetition_penalty\": 1.2, \"stop\": [\"END\", \"\"], \"max_tokens\": 9,"
                    + " \"max_completion_tokens\": 7, \"logit_bias\": {\"5\": -100, \"6\": 3},"
                    + " \"logprobs\": true, \"top_logprobs\": 2, \"ignore_eos\": true"));
    assertThat(chat.sampling().temperature()).isEqualTo(0.3);
    assertThat(chat.sampling().topP()).isEqualTo(0.5);
    assertThat(chat.sampling().topK()).isZero();
    assertThat(chat.sampling().minP()).isEqualTo(0.1);
    assertThat(chat.sampling().seed()).hasValue(42);
    assertThat(chat.sampling().presencePenalty()).isEqualTo(1.5);
    assertThat(chat.sampling().frequencyPenalty()).isEqualTo(-0.5);
    assertThat(chat.sampling().repeatPenalty()).isEqualTo(1.2);
    assertThat(chat.sampling().stop()).containsExactly("END");
    assertThat(chat.sampling().maxTokens()).isEqualTo(7);
    assertThat(chat.sampling().logitBias()).isEqualTo(Map.of(5, Double.NEGATIVE_INFINITY, 6, 3.0));
    assertThat(chat.sampling().logprobs()).isEqualTo(2);
    assertThat(chat.sampling().ignoreEos()).isTrue();
  }

  @Test
  void templateArguments_thinkingAndEffort_areTold() throws IOException {
    assertThat(asked(body("\"reasoning_effort\": \"high\"")).templateArguments())
        .containsEntry("reasoning_effort", "high");
    assertThat(asked(body("\"reasoning_effort\": \"none\"")).templateArguments())
        .containsEntry("enable_thinking", false);
    assertThat(
            asked(body("\"chat_template_kwargs\": {\"enable_thinking\": false, \"x\": 1}"))
                .templateArguments())
        .containsEntry("enable_thinking", false)
        .containsEntry("x", 1L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"tools\": [{\"type\": \"web_search\"}] | unsupported_value | tools[0].type",
        "\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a b\"}}]"
            + " | json_out_of_range | tools[0].function.name",
        "\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\"}}, {\"type\":"
            + " \"function\", \"function\": {\"name\": \"a\"}}] | invalid_value | tools[1]",
        "\"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"no\"}}"
            + " | invalid_value | tool_choice.function.name",
        "\"response_format\": {\"type\": \"xml\"} | json_out_of_range | response_format.type",
        "\"response_format\": {\"type\": \"json_schema\"}"
            + " | json_missing | response_format.json_schema",
        "\"guided_regex\": \"a\", \"grammar\": \"root ::= \\\"b\\\"\""
            + " | invalid_value | response_format",
        "\"functions\": [{\"name\": \"a\"}] | unsupported_parameter | functions",
        "\"web_search_options\": {} | unsupported_parameter | web_search_options",
        "\"modalities\": [\"audio\"] | unsupported_parameter | modalities",
        "\"seed\": 1.5 | json_wrong_type | seed",
        "\"stop\": [1] | json_wrong_type | stop[0]",
      })
  void wrongRequests_areNamed(String more, String code, String parameter) throws IOException {
    Exchange exchange = Exchange.of(new ChatCompletions(new ScriptedService()), body(more));
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(400);
    assertThat(exchange.at("error.code")).isEqualTo(code);
    assertThat(exchange.at("error.param")).isEqualTo(parameter);
  }
}
