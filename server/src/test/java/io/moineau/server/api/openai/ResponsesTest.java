package io.moineau.server.api.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.ChatRequest;
import io.moineau.FinishReason;
import io.moineau.Message;
import io.moineau.ResponseFormat;
import io.moineau.Role;
import io.moineau.ToolChoice;
import io.moineau.server.api.Exchange;
import io.moineau.server.api.ScriptedService;
import io.moineau.text.answer.AnswerPart;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponsesTest {
  private static final String TOOL =
      """
      {"type": "function", "name": "weather", "description": "Tells it", "strict": true,
       "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}\
      """;

  private static ScriptedService everything(FinishReason reason) {
    return new ScriptedService(
        reason,
        "",
        new AnswerPart.Reasoning("Hm."),
        new AnswerPart.Content("I "),
        new AnswerPart.Content("look."),
        new AnswerPart.ToolCallStart(0, "call_a", "weather"),
        new AnswerPart.ToolCallArguments(0, "{\"city\":"),
        new AnswerPart.ToolCallArguments(0, "\"Paris\"}"));
  }

  private static String body(String more) {
    return "{\"model\": \"tiny\", \"input\": \"Hi\"" + (more.isEmpty() ? "}" : ", " + more + "}");
  }

  private static ChatRequest asked(String body) throws IOException {
    ScriptedService service = new ScriptedService();
    Exchange exchange = Exchange.of(new Responses(service), body);
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(200);
    return service.asked();
  }

  @Test
  void whole_everything_isAnItemEach() throws IOException {
    Exchange exchange =
        Exchange.of(
            new Responses(everything(FinishReason.TOOL_CALLS)),
            body("\"metadata\": {\"a\": \"b\"}, \"instructions\": \"Be brief\", \"user\": \"u\""));
    assertThat(exchange.at("object")).isEqualTo("response");
    assertThat((String) exchange.at("id")).startsWith("resp_");
    assertThat(exchange.at("status")).isEqualTo("completed");
    assertThat(exchange.at("error")).isEqualTo("null");
    assertThat(exchange.at("output[0].type")).isEqualTo("reasoning");
    assertThat(exchange.at("output[0].content[0].text")).isEqualTo("Hm.");
    assertThat(exchange.at("output[1].content[0].type")).isEqualTo("output_text");
    assertThat(exchange.at("output[1].content[0].text")).isEqualTo("I look.");
    assertThat(exchange.at("output[2].type")).isEqualTo("function_call");
    assertThat(exchange.at("output[2].call_id")).isEqualTo("call_a");
    assertThat(exchange.at("output[2].arguments")).isEqualTo("{\"city\":\"Paris\"}");
    assertThat(exchange.at("metadata.a")).isEqualTo("b");
    assertThat(exchange.at("instructions")).isEqualTo("Be brief");
    assertThat(exchange.at("usage.input_tokens")).isEqualTo(10L);
    assertThat(exchange.at("usage.input_tokens_details.cached_tokens")).isEqualTo(4L);
    assertThat((long) exchange.at("usage.output_tokens_details.reasoning_tokens")).isPositive();
    assertThat(exchange.at("usage.total_tokens")).isEqualTo(17L);
  }

  @Test
  void whole_atMostTokens_isIncomplete() throws IOException {
    Exchange exchange =
        Exchange.of(
            new Responses(
                new ScriptedService(FinishReason.LENGTH, "", new AnswerPart.Content("So"))),
            body("\"max_output_tokens\": 7"));
    assertThat(exchange.at("status")).isEqualTo("incomplete");
    assertThat(exchange.at("incomplete_details.reason")).isEqualTo("max_output_tokens");
    assertThat(exchange.at("output[0].status")).isEqualTo("incomplete");
    assertThat(exchange.at("max_output_tokens")).isEqualTo(7L);
  }

  @Test
  void stream_everything_hasTheEventsInOrder() throws IOException {
    Exchange exchange =
        Exchange.of(new Responses(everything(FinishReason.TOOL_CALLS)), body("\"stream\": true"));
    List<Map<String, Object>> events = exchange.events();
    assertThat(events.stream().map(event -> event.get("type")))
        .containsExactly(
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.reasoning_text.delta",
            "response.reasoning_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed");
    for (int i = 0; i < events.size(); i++) {
      assertThat(events.get(i).get("sequence_number")).isEqualTo((long) i);
    }
    assertThat(events.get(10).get("delta")).isEqualTo("I ");
    assertThat(events.get(12).get("text")).isEqualTo("I look.");
    assertThat(events.get(12).get("item_id")).isEqualTo(Exchange.at(events.get(8), "item.id"));
    assertThat(events.get(15).get("output_index")).isEqualTo(2L);
    assertThat(Exchange.at(events.get(15), "item.status")).isEqualTo("in_progress");
    assertThat(events.get(18).get("arguments")).isEqualTo("{\"city\":\"Paris\"}");
    Map<String, Object> last = events.getLast();
    assertThat(Exchange.at(last, "response.id"))
        .isEqualTo(Exchange.at(events.getFirst(), "response.id"));
    assertThat(Exchange.at(last, "response.output[1].id"))
        .isEqualTo(Exchange.at(events.get(8), "item.id"));
    assertThat(Exchange.at(last, "response.output[2].name")).isEqualTo("weather");
    assertThat(Exchange.at(last, "response.usage.output_tokens")).isEqualTo(7L);
  }

  @Test
  void stream_cutOff_endsIncomplete() throws IOException {
    Exchange exchange =
        Exchange.of(new Responses(everything(FinishReason.LENGTH)), body("\"stream\": true"));
    Map<String, Object> last = exchange.events().getLast();
    assertThat(last.get("type")).isEqualTo("response.incomplete");
    assertThat(Exchange.at(last, "response.output[1].status")).isEqualTo("completed");
    assertThat(Exchange.at(last, "response.output[2].status")).isEqualTo("incomplete");
  }

  @Test
  void stream_nothing_isAnEmptyMessage() throws IOException {
    Exchange exchange =
        Exchange.of(
            new Responses(new ScriptedService(FinishReason.STOP, "")), body("\"stream\": true"));
    Map<String, Object> last = exchange.events().getLast();
    assertThat(Exchange.at(last, "response.output[0].content[0].text")).isEqualTo("");
  }

  @Test
  void read_items_becomeMessages() throws IOException {
    ChatRequest asked =
        asked(
            """
            {"instructions": "Be brief", "tools": [%s], "store": true, "input": [
              {"role": "developer", "content": "In French"},
              {"type": "message", "role": "user", "content":
                [{"type": "input_text", "text": "Weather?"}]},
              {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "S"}],
               "encrypted_content": "x"},
              {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed", "content":
                [{"type": "output_text", "text": "I look.", "annotations": []}]},
              {"type": "function_call", "id": "fc_1", "call_id": "a", "name": "weather",
               "arguments": "{}"},
              {"type": "function_call_output", "call_id": "a", "output": "rain"},
              {"role": "user", "content": "Thanks"}]}\
            """
                .formatted(TOOL));
    List<Message> messages = asked.messages();
    assertThat(messages.stream().map(Message::role))
        .containsExactly(Role.SYSTEM, Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.TOOL, Role.USER);
    assertThat(messages.get(3).reasoning()).isEqualTo("S");
    assertThat(messages.get(3).content()).isEqualTo("I look.");
    assertThat(messages.get(3).toolCalls().getFirst().name()).isEqualTo("weather");
    assertThat(messages.get(4).name()).isEqualTo("weather");
    assertThat(messages.get(4).content()).isEqualTo("rain");
    assertThat(asked.tools().getFirst().strict()).isTrue();
  }

  @Test
  void read_settings_reachTheEngine() throws IOException {
    ChatRequest asked =
        asked(
            body(
                """
                "temperature": 0.3, "top_p": 0.5, "max_output_tokens": 9, "top_logprobs": 3,
                "include": ["reasoning.encrypted_content"], "parallel_tool_calls": false,
                "reasoning": {"effort": "low", "summary": "auto"}, "truncation": "disabled",
                "text": {"format": {"type": "json_schema", "name": "n", "strict": true,
                  "schema": {"type": "object"}}}\
                """));
    assertThat(asked.sampling().temperature()).isEqualTo(0.3);
    assertThat(asked.sampling().topP()).isEqualTo(0.5);
    assertThat(asked.sampling().maxTokens()).isEqualTo(9);
    assertThat(asked.sampling().logprobs()).isEqualTo(3);
    assertThat(asked.parallelToolCalls()).isFalse();
    assertThat(asked.templateArguments()).containsEntry("reasoning_effort", "low");
    assertThat(asked.responseFormat())
        .isEqualTo(new ResponseFormat.JsonSchema("n", Map.of("type", "object")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"auto\" | AUTO | ''",
        "\"none\" | NONE | ''",
        "\"required\" | REQUIRED | ''",
        "{\"type\": \"function\", \"name\": \"weather\"} | NAMED | weather",
        "{\"type\": \"allowed_tools\", \"mode\": \"required\", \"tools\": [{\"type\": \"function\","
            + " \"name\": \"weather\"}]} | REQUIRED | ''",
      })
  void read_toolChoice(String choice, ToolChoice.Kind kind, String name) throws IOException {
    ChatRequest asked = asked(body("\"tools\": [" + TOOL + "], \"tool_choice\": " + choice));
    assertThat(asked.toolChoice()).isEqualTo(new ToolChoice(kind, name));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"previous_response_id\": \"resp_1\" | previous_response_id | unsupported_parameter",
        "\"conversation\": \"c\" | conversation | unsupported_parameter",
        "\"background\": true | background | unsupported_parameter",
        "\"truncation\": \"auto\" | truncation | unsupported_parameter",
        "\"prompt\": {\"id\": \"p\"} | prompt | unsupported_parameter",
        "\"nonsense\": 1 | nonsense | unknown_parameter",
        "\"temperature\": \"hot\" | temperature | json_wrong_type",
        "\"max_output_tokens\": 0 | max_output_tokens | json_out_of_range",
        "\"tools\": [{\"type\": \"web_search\"}] | tools[0].type | unsupported_value",
        "\"tool_choice\": \"required\" | tool_choice | invalid_value",
        "\"text\": {\"verbosity\": \"low\"} | text.verbosity | unsupported_parameter",
        "\"text\": {\"format\": {\"type\": \"xml\"}} | text.format.type | json_out_of_range",
        "\"input\": [] | input | json_out_of_range",
        "\"input\": [{\"type\": \"item_reference\", \"id\": \"x\"}] | input[0].type"
            + " | unsupported_value",
        "\"input\": [{\"role\": \"user\", \"content\": [{\"type\": \"input_image\"}]}]"
            + " | input[0].content[0].type | unsupported_value",
        "\"input\": [{\"type\": \"function_call_output\", \"call_id\": \"x\", \"output\": \"\"}]"
            + " | input[0].call_id | invalid_value",
        "\"input\": [{\"type\": \"function_call\", \"call_id\": \"x\", \"name\": \"n\","
            + " \"arguments\": \"{\"}] | input[0].arguments | json_out_of_range",
      })
  void refused_fields_areNamed(String more, String parameter, String code) throws IOException {
    String body = more.startsWith("\"input\"") ? "{" + more + "}" : body(more);
    Exchange exchange = Exchange.of(new Responses(new ScriptedService()), body);
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(400);
    assertThat(exchange.at("error.param")).isEqualTo(parameter);
    assertThat(exchange.at("error.code")).isEqualTo(code);
    assertThat(exchange.at("error.type")).isEqualTo("invalid_request_error");
  }
}
