package io.moineau.server.api.anthropic;

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

class MessagesTest {
  private static final String TOOL =
      """
      {"name": "weather", "description": "Tells it", "input_schema":
       {"type": "object", "properties": {"city": {"type": "string"}}}}\
      """;

  private static ScriptedService everything() {
    return new ScriptedService(
        FinishReason.TOOL_CALLS,
        "",
        new AnswerPart.Reasoning("Hm"),
        new AnswerPart.Reasoning("m."),
        new AnswerPart.Content("I "),
        new AnswerPart.Content("look."),
        new AnswerPart.ToolCallStart(0, "call_a", "weather"),
        new AnswerPart.ToolCallArguments(0, "{\"city\":"),
        new AnswerPart.ToolCallArguments(0, "\"Paris\"}"),
        new AnswerPart.ToolCallStart(1, "call_b", "weather"),
        new AnswerPart.ToolCallArguments(1, "{}"));
  }

  private static String body(String more) {
    return """
    {"model": "tiny", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}]%s}\
    """
        .formatted(more.isEmpty() ? "" : ", " + more);
  }

  private static ChatRequest asked(String body) throws IOException {
    ScriptedService service = new ScriptedService();
    Exchange exchange = Exchange.of(new Messages(service), body);
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(200);
    return service.asked();
  }

  @Test
  void whole_everything_isABlockEach() throws IOException {
    Exchange exchange = Exchange.of(new Messages(everything()), body("\"stream\": false"));
    assertThat(exchange.status()).isEqualTo(200);
    assertThat(exchange.sent("request-id")).isEqualTo("req_1");
    assertThat(exchange.at("type")).isEqualTo("message");
    assertThat(exchange.at("role")).isEqualTo("assistant");
    assertThat(exchange.at("model")).isEqualTo("tiny");
    assertThat((String) exchange.at("id")).startsWith("msg_");
    assertThat(exchange.at("content[0].type")).isEqualTo("thinking");
    assertThat(exchange.at("content[0].thinking")).isEqualTo("Hmm.");
    assertThat(exchange.at("content[0].signature")).isEqualTo("");
    assertThat(exchange.at("content[1].text")).isEqualTo("I look.");
    assertThat(exchange.at("content[2].id")).isEqualTo("call_a");
    assertThat(exchange.at("content[2].input.city")).isEqualTo("Paris");
    assertThat(exchange.at("content[3].input")).isEqualTo(Map.of());
    assertThat(exchange.at("stop_reason")).isEqualTo("tool_use");
    assertThat(exchange.at("stop_sequence")).isEqualTo("null");
    assertThat(exchange.at("usage.input_tokens")).isEqualTo(6L);
    assertThat(exchange.at("usage.cache_read_input_tokens")).isEqualTo(4L);
    assertThat(exchange.at("usage.output_tokens")).isEqualTo(7L);
  }

  @Test
  void stream_everything_hasTheEventsInOrder() throws IOException {
    Exchange exchange = Exchange.of(new Messages(everything()), body("\"stream\": true"));
    List<Map<String, Object>> events = exchange.events();
    assertThat(events.stream().map(event -> event.get("type")))
        .containsExactly(
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");
    assertThat(Exchange.at(events.get(0), "message.content")).isEqualTo(List.of());
    assertThat(Exchange.at(events.get(0), "message.stop_reason")).isEqualTo("null");
    assertThat(Exchange.at(events.get(0), "message.usage.input_tokens")).isEqualTo(10L);
    assertThat(Exchange.at(events.get(2), "content_block.type")).isEqualTo("thinking");
    assertThat(Exchange.at(events.get(3), "delta.thinking")).isEqualTo("Hm");
    assertThat(Exchange.at(events.get(6), "content_block.type")).isEqualTo("text");
    assertThat(Exchange.at(events.get(7), "delta.text")).isEqualTo("I ");
    assertThat(Exchange.at(events.get(10), "content_block.name")).isEqualTo("weather");
    assertThat(Exchange.at(events.get(11), "delta.type")).isEqualTo("input_json_delta");
    assertThat(Exchange.at(events.get(12), "delta.partial_json")).isEqualTo("\"Paris\"}");
    assertThat(events.stream().map(event -> event.get("index")).filter(i -> i != null).distinct())
        .containsExactly(0L, 1L, 2L, 3L);
    assertThat(Exchange.at(events.get(17), "delta.stop_reason")).isEqualTo("tool_use");
    assertThat(Exchange.at(events.get(17), "usage.cache_read_input_tokens")).isEqualTo(4L);
    assertThat(Exchange.at(events.get(17), "usage.output_tokens")).isEqualTo(7L);
  }

  @Test
  void whole_thinkingOmitted_keepsTheBlockWithoutText() throws IOException {
    String thinking = "\"thinking\": {\"type\": \"adaptive\", \"display\": \"omitted\"}";
    Exchange exchange = Exchange.of(new Messages(everything()), body(thinking));
    assertThat(exchange.at("content[0].type")).isEqualTo("thinking");
    assertThat(exchange.at("content[0].thinking")).isEqualTo("");
  }

  @Test
  void whole_argumentsCutOff_areNoCall() throws IOException {
    ScriptedService service =
        new ScriptedService(
            FinishReason.LENGTH,
            "",
            new AnswerPart.ToolCallStart(0, "call_a", "weather"),
            new AnswerPart.ToolCallArguments(0, "{\"city\":"));
    Exchange exchange = Exchange.of(new Messages(service), body(""));
    assertThat(exchange.at("content[0].type")).isEqualTo("text");
    assertThat(exchange.at("content[0].text")).isEqualTo("weather {\"city\":");
  }

  @ParameterizedTest
  @CsvSource({
    "STOP, '', 50, end_turn, null",
    "STOP, END, 50, stop_sequence, END",
    "LENGTH, '', 7, max_tokens, null",
    "LENGTH, '', 50, model_context_window_exceeded, null",
    "TOOL_CALLS, '', 50, tool_use, null",
  })
  void whole_end_isNamed(FinishReason reason, String stop, int most, String told, String sequence)
      throws IOException {
    ScriptedService service = new ScriptedService(reason, stop, new AnswerPart.Content("x"));
    String body =
        """
        {"model": "tiny", "max_tokens": %d, "messages": [{"role": "user", "content": "Hi"}]}\
        """
            .formatted(most);
    Exchange exchange = Exchange.of(new Messages(service), body);
    assertThat(exchange.at("stop_reason")).isEqualTo(told);
    assertThat(exchange.at("stop_sequence")).isEqualTo(sequence);
  }

  @Test
  void read_toolLoop_becomesMessages() throws IOException {
    ChatRequest asked =
        asked(
            """
            {"model": "tiny", "max_tokens": 50,
             "system": [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}],
             "tools": [%s],
             "messages": [
               {"role": "user", "content": "Weather?"},
               {"role": "user", "content": [{"type": "text", "text": "In Paris."}]},
               {"role": "assistant", "content": [
                 {"type": "thinking", "thinking": "Hm.", "signature": ""},
                 {"type": "text", "text": "I look."},
                 {"type": "tool_use", "id": "a", "name": "weather", "input": {"city": "Paris"}}]},
               {"role": "user", "content": [
                 {"type": "tool_result", "tool_use_id": "a", "is_error": true, "content":
                   [{"type": "text", "text": "no net"}]},
                 {"type": "text", "text": "Go on."}]}]}\
            """
                .formatted(TOOL));
    List<Message> messages = asked.messages();
    assertThat(messages.stream().map(Message::role))
        .containsExactly(Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.TOOL, Role.USER);
    assertThat(messages.get(0).content()).isEqualTo("One.\n\nTwo.");
    assertThat(messages.get(1).content()).isEqualTo("Weather?\n\nIn Paris.");
    assertThat(messages.get(2).reasoning()).isEqualTo("Hm.");
    assertThat(messages.get(2).toolCalls().getFirst().arguments())
        .isEqualTo("{\"city\":\"Paris\"}");
    assertThat(messages.get(3).content()).isEqualTo("Error: no net");
    assertThat(messages.get(3).name()).isEqualTo("weather");
    assertThat(messages.get(4).content()).isEqualTo("Go on.");
    assertThat(asked.tools().getFirst().parameters()).containsKey("properties");
  }

  @Test
  void read_settings_reachTheEngine() throws IOException {
    ChatRequest asked =
        asked(
            body(
                """
                "temperature": 0.3, "top_p": 0.5, "top_k": 7, "stop_sequences": ["a", "b"],
                "metadata": {"user_id": "u"}, "thinking": {"type": "enabled", "budget_tokens": 1024},
                "max_tokens": 2000, "output_config": {"effort": "high", "format":
                  {"type": "json_schema", "schema": {"type": "object"}}}\
                """));
    assertThat(asked.sampling().temperature()).isEqualTo(0.3);
    assertThat(asked.sampling().topP()).isEqualTo(0.5);
    assertThat(asked.sampling().topK()).isEqualTo(7);
    assertThat(asked.sampling().stop()).containsExactly("a", "b");
    assertThat(asked.sampling().maxTokens()).isEqualTo(2000);
    assertThat(asked.templateArguments())
        .containsEntry("enable_thinking", true)
        .containsEntry("reasoning_effort", "high");
    assertThat(asked.responseFormat())
        .isEqualTo(new ResponseFormat.JsonSchema("answer", Map.of("type", "object")));
    assertThat(asked(body("")).templateArguments()).containsEntry("enable_thinking", false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\": \"auto\"} | AUTO | ''",
        "{\"type\": \"none\"} | NONE | ''",
        "{\"type\": \"any\"} | REQUIRED | ''",
        "{\"type\": \"tool\", \"name\": \"weather\"} | NAMED | weather",
      })
  void read_toolChoice(String choice, ToolChoice.Kind kind, String name) throws IOException {
    ChatRequest asked = asked(body("\"tools\": [" + TOOL + "], \"tool_choice\": " + choice));
    assertThat(asked.toolChoice()).isEqualTo(new ToolChoice(kind, name));
    assertThat(asked.parallelToolCalls()).isTrue();
  }

  @Test
  void read_noParallelCalls_isKept() throws IOException {
    String choice = "{\"type\": \"auto\", \"disable_parallel_tool_use\": true}";
    ChatRequest asked = asked(body("\"tools\": [" + TOOL + "], \"tool_choice\": " + choice));
    assertThat(asked.parallelToolCalls()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | body at line",
        "[] | an object",
        "{\"max_tokens\": 1, \"messages\": []} | model",
        "{\"model\": \"tiny\", \"messages\": []} | max_tokens",
        "{\"model\": \"tiny\", \"max_tokens\": 0, \"messages\": []} | max_tokens is 0",
        "{\"model\": \"tiny\", \"max_tokens\": 1, \"messages\": []} | messages is empty",
        "{\"model\": \"tiny\", \"max_tokens\": 1, \"messages\": [{\"role\": \"assistant\","
            + " \"content\": \"So\"}]} | the last message is the assistant's",
        "{\"model\": \"tiny\", \"max_tokens\": 1, \"messages\": [{\"role\": \"user\", \"content\":"
            + " [{\"type\": \"image\", \"source\": {}}]}]} | a block of type image",
        "{\"model\": \"tiny\", \"max_tokens\": 1, \"messages\": [{\"role\": \"user\", \"content\":"
            + " [{\"type\": \"document\", \"source\": {}}]}]} | a block of type document",
        "{\"model\": \"tiny\", \"max_tokens\": 1, \"messages\": [{\"role\": \"user\", \"content\":"
            + " [{\"type\": \"tool_result\", \"tool_use_id\": \"x\"}]}]} | tool_use_id",
      })
  void refused_wrongBodies_nameThePlace(String body, String words) throws IOException {
    Exchange exchange = Exchange.of(new Messages(new ScriptedService()), body);
    assertThat(exchange.status()).isEqualTo(400);
    assertThat(exchange.at("type")).isEqualTo("error");
    assertThat(exchange.at("error.type")).isEqualTo("invalid_request_error");
    assertThat((String) exchange.at("error.message")).contains(words);
    assertThat(exchange.at("request_id")).isEqualTo("req_1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"mcp_servers\": [{}] | mcp_servers",
        "\"container\": \"c\" | container",
        "\"nonsense\": 1 | nonsense",
        "\"top_k\": \"many\" | top_k",
        "\"thinking\": {\"type\": \"enabled\", \"budget_tokens\": 1024} | below max_tokens",
        "\"tools\": [{\"type\": \"web_search_20250305\", \"name\": \"w\"}] | a tool of type web",
        "\"tools\": [{\"name\": \"a b\", \"input_schema\": {}}] | tools[0].name",
        "\"tools\": [{\"name\": \"ab\"}] | tools[0].input_schema",
        "\"tool_choice\": {\"type\": \"any\"} | tools is empty",
        "\"tool_choice\": {\"type\": \"tool\", \"name\": \"x\"} | not among the tools",
        "\"stop_sequences\": [\"\"] | stop_sequences[0]",
        "\"context_management\": {\"edits\": [{\"type\": \"clear_tool_uses\"}]} | clear_tool_uses",
      })
  void refused_fields_areNamed(String more, String words) throws IOException {
    Exchange exchange = Exchange.of(new Messages(new ScriptedService()), body(more));
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(400);
    assertThat((String) exchange.at("error.message")).contains(words);
  }

  @Test
  void refused_unknownModel_is404() throws IOException {
    Exchange exchange =
        Exchange.of(new Messages(new ScriptedService()), body("").replace("tiny", "huge"));
    assertThat(exchange.status()).isEqualTo(404);
    assertThat(exchange.at("error.type")).isEqualTo("not_found_error");
  }

  @Test
  void let_contextManagementThatKeepsAll_isAccepted() throws IOException {
    String edits = "{\"edits\": [{\"type\": \"clear_thinking_20251015\", \"keep\": \"all\"}]}";
    assertThat(asked(body("\"context_management\": " + edits)).messages()).hasSize(1);
  }

  @Test
  void countTokens_moreText_isMore() throws IOException {
    ScriptedService service = new ScriptedService();
    String body =
        "{\"model\": \"tiny\", \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}";
    Exchange few = Exchange.of(new CountTokens(service), body.formatted("Hi"));
    Exchange more = Exchange.of(new CountTokens(service), body.formatted("Hi little sparrow"));
    assertThat(few.status()).isEqualTo(200);
    assertThat((long) few.at("input_tokens")).isPositive();
    assertThat((long) more.at("input_tokens")).isGreaterThan((long) few.at("input_tokens"));
  }
}
