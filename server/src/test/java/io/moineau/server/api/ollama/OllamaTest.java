package io.moineau.server.api.ollama;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.ChatRequest;
import io.moineau.FinishReason;
import io.moineau.Message;
import io.moineau.ResponseFormat;
import io.moineau.Role;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.Exchange;
import io.moineau.server.api.ScriptedService;
import io.moineau.text.answer.AnswerPart;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OllamaTest {
  private static final String TOOL =
      """
      {"type": "function", "function": {"name": "weather", "description": "Tells it",
       "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}\
      """;

  private static ScriptedService everything() {
    return new ScriptedService(
        FinishReason.TOOL_CALLS,
        "",
        new AnswerPart.Reasoning("Hm."),
        new AnswerPart.Content("I "),
        new AnswerPart.Content("look."),
        new AnswerPart.ToolCallStart(0, "call_a", "weather"),
        new AnswerPart.ToolCallArguments(0, "{\"city\":"),
        new AnswerPart.ToolCallArguments(0, "\"Paris\"}"));
  }

  private static String chat(String more) {
    return """
    {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}]%s}\
    """
        .formatted(more.isEmpty() ? "" : ", " + more);
  }

  private static ChatRequest asked(String body) throws IOException {
    ScriptedService service = new ScriptedService();
    Exchange exchange = Exchange.of(new Chat(service), body);
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(200);
    return service.asked();
  }

  @Test
  void chat_whole_tellsEverything() throws IOException {
    Exchange exchange = Exchange.of(new Chat(everything()), chat("\"stream\": false"));
    assertThat(exchange.at("model")).isEqualTo("tiny:latest");
    assertThat(Instant.parse((String) exchange.at("created_at"))).isBefore(Instant.now());
    assertThat(exchange.at("message.role")).isEqualTo("assistant");
    assertThat(exchange.at("message.content")).isEqualTo("I look.");
    assertThat(exchange.at("message.thinking")).isEqualTo("Hm.");
    assertThat(exchange.at("message.tool_calls[0].function.name")).isEqualTo("weather");
    assertThat(exchange.at("message.tool_calls[0].function.arguments.city")).isEqualTo("Paris");
    assertThat(exchange.at("done")).isEqualTo(true);
    assertThat(exchange.at("done_reason")).isEqualTo("stop");
    assertThat(exchange.at("prompt_eval_count")).isEqualTo(10L);
    assertThat(exchange.at("prompt_eval_duration")).isEqualTo(2L);
    assertThat(exchange.at("eval_count")).isEqualTo(7L);
    assertThat(exchange.at("eval_duration")).isEqualTo(3L);
    assertThat((long) exchange.at("total_duration")).isPositive();
  }

  @Test
  void chat_unlessToldOtherwise_streamsLines() throws IOException {
    Exchange exchange = Exchange.of(new Chat(everything()), chat(""));
    assertThat(exchange.sent("Content-Type")).isEqualTo("application/x-ndjson");
    List<Map<String, Object>> lines = Exchange.lines(exchange.text());
    assertThat(lines).hasSize(5);
    assertThat(Exchange.at(lines.get(0), "message.thinking")).isEqualTo("Hm.");
    assertThat(Exchange.at(lines.get(0), "message.content")).isEqualTo("");
    assertThat(Exchange.at(lines.get(1), "message.content")).isEqualTo("I ");
    assertThat(Exchange.at(lines.get(3), "message.tool_calls[0].function.arguments.city"))
        .isEqualTo("Paris");
    assertThat(lines.stream().map(line -> line.get("done")))
        .containsExactly(false, false, false, false, true);
    assertThat(Exchange.at(lines.get(4), "eval_count")).isEqualTo(7L);
  }

  @Test
  void chat_noMessages_isLoaded() throws IOException {
    Exchange exchange =
        Exchange.of(new Chat(new ScriptedService()), "{\"model\": \"tiny\", \"messages\": []}");
    assertThat(exchange.at("done_reason")).isEqualTo("load");
  }

  @Test
  void chat_toolLoop_becomesMessages() throws IOException {
    ChatRequest asked =
        asked(
            """
            {"model": "tiny", "tools": [%s], "think": "high", "messages": [
              {"role": "system", "content": "Be brief"},
              {"role": "user", "content": "Weather?"},
              {"role": "assistant", "content": "", "thinking": "Hm.", "tool_calls": [
                {"function": {"name": "weather", "arguments": {"city": "Paris"}}},
                {"function": {"name": "time", "arguments": {}}}]},
              {"role": "tool", "tool_name": "time", "content": "noon"},
              {"role": "tool", "content": "rain"}]}\
            """
                .formatted(TOOL));
    List<Message> messages = asked.messages();
    assertThat(messages.stream().map(Message::role))
        .containsExactly(Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.TOOL, Role.TOOL);
    assertThat(messages.get(2).reasoning()).isEqualTo("Hm.");
    assertThat(messages.get(2).toolCalls().getFirst().arguments())
        .isEqualTo("{\"city\":\"Paris\"}");
    assertThat(messages.get(3).toolCallId()).isEqualTo(messages.get(2).toolCalls().get(1).id());
    assertThat(messages.get(4).toolCallId()).isEqualTo(messages.get(2).toolCalls().get(0).id());
    assertThat(messages.get(4).name()).isEqualTo("weather");
    assertThat(asked.templateArguments())
        .containsEntry("enable_thinking", true)
        .containsEntry("reasoning_effort", "high");
  }

  @Test
  void chat_options_reachTheEngine() throws IOException {
    ChatRequest asked =
        asked(
            chat(
                """
                "keep_alive": "5m", "format": {"type": "object"}, "options": {"temperature": 0.3,
                "top_k": 7, "top_p": 0.5, "min_p": 0.1, "seed": 42, "stop": ["a"], "num_predict": 9,
                "repeat_penalty": 1.1, "repeat_last_n": 12, "num_ctx": 64, "num_thread": 2}\
                """));
    assertThat(asked.sampling().temperature()).isEqualTo(0.3);
    assertThat(asked.sampling().topK()).isEqualTo(7);
    assertThat(asked.sampling().topP()).isEqualTo(0.5);
    assertThat(asked.sampling().minP()).isEqualTo(0.1);
    assertThat(asked.sampling().seed()).hasValue(42);
    assertThat(asked.sampling().stop()).containsExactly("a");
    assertThat(asked.sampling().maxTokens()).isEqualTo(9);
    assertThat(asked.sampling().repeatPenalty()).isEqualTo(1.1);
    assertThat(asked.sampling().repeatLastN()).isEqualTo(12);
    assertThat(asked.responseFormat())
        .isEqualTo(new ResponseFormat.JsonSchema("answer", Map.of("type", "object")));
    assertThat(asked(chat("\"format\": \"json\"")).responseFormat())
        .isEqualTo(ResponseFormat.JSON_OBJECT);
    assertThat(asked(chat("\"options\": {\"seed\": -1, \"num_predict\": -2}")).sampling())
        .isEqualTo(asked(chat("")).sampling());
  }

  @Test
  void generate_prompt_isAChat() throws IOException {
    ScriptedService service = everything();
    Exchange exchange =
        Exchange.of(
            new Generate(service),
            "{\"model\": \"tiny\", \"prompt\": \"Hi\", \"system\": \"S\", \"stream\": false}");
    assertThat(exchange.at("response")).isEqualTo("I look.");
    assertThat(exchange.at("thinking")).isEqualTo("Hm.");
    assertThat(exchange.at("done_reason")).isEqualTo("stop");
    assertThat(service.asked().messages()).containsExactly(Message.system("S"), Message.user("Hi"));
  }

  @Test
  void generate_raw_goesOnWithThePrompt() throws IOException {
    String body =
        """
        {"model": "tiny", "prompt": "Once upon a time", "raw": true, "stream": %s,
         "options": {"temperature": 0, "num_predict": 5}}\
        """;
    Endpoint generate = new Generate(new ScriptedService());
    Exchange whole = Exchange.of(generate, body.formatted("false"));
    assertThat(whole.at("done_reason")).isEqualTo("length");
    assertThat(whole.at("eval_count")).isEqualTo(5L);
    StringBuilder text = new StringBuilder();
    for (Map<String, Object> line :
        Exchange.lines(Exchange.of(generate, body.formatted("true")).text())) {
      text.append(line.get("response"));
    }
    assertThat(text.toString()).isNotEmpty().isEqualTo(whole.at("response"));
  }

  @Test
  void generate_rawWithASchema_keepsToIt() throws IOException {
    String body =
        """
        {"model": "tiny", "prompt": "Colour: ", "raw": true, "stream": false,
         "format": {"type": "string", "enum": ["red", "blue"]}, "options": {"seed": 1}}\
        """;
    Exchange exchange = Exchange.of(new Generate(new ScriptedService()), body);
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(200);
    assertThat((String) exchange.at("response")).isIn("\"red\"", "\"blue\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "chat | \"options\": {\"num_ctx\": 100000000} | num_ctx",
        "chat | \"options\": {\"tfs_z\": 0.5} | tfs_z",
        "chat | \"options\": {\"nonsense\": 1} | options.nonsense",
        "chat | \"nonsense\": 1 | nonsense",
        "chat | \"format\": \"xml\" | format",
        "chat | \"think\": \"much\" | think",
        "chat | \"tools\": [{\"type\": \"code\", \"function\": {\"name\": \"x\"}}] | type code",
        "generate | \"suffix\": \"x\" | suffix",
        "generate | \"images\": [\"x\"] | images",
        "generate | \"template\": \"x\" | template",
        "generate | \"context\": [1] | context",
        "generate | \"raw\": true, \"system\": \"x\" | system",
      })
  void refused_fields_areNamed(String path, String more, String words) throws IOException {
    ScriptedService service = new ScriptedService();
    Exchange exchange =
        path.equals("chat")
            ? Exchange.of(new Chat(service), chat(more))
            : Exchange.of(
                new Generate(service), "{\"model\": \"tiny\", \"prompt\": \"Hi\", " + more + "}");
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(400);
    assertThat((String) exchange.at("error")).contains(words);
  }

  @Test
  void refused_imageAndUnknownModel_areNamed() throws IOException {
    ScriptedService service = new ScriptedService();
    String image =
        """
        {"model": "tiny", "messages": [{"role": "user", "content": "x", "images": ["x"]}]}\
        """;
    assertThat((String) Exchange.of(new Chat(service), image).at("error"))
        .contains("messages[0].images");
    Exchange unknown = Exchange.of(new Chat(service), chat("").replace("tiny", "huge"));
    assertThat(unknown.status()).isEqualTo(404);
    assertThat((String) unknown.at("error")).contains("huge");
  }

  @Test
  void show_embeddedModel_hasItsMetadata() throws IOException {
    ScriptedService service = new ScriptedService();
    Exchange exchange = Exchange.of(new Show(service), "{\"model\": \"tiny\"}");
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(200);
    String architecture = service.moineau().card().architecture();
    assertThat(exchange.at("details.family")).isEqualTo(architecture);
    @SuppressWarnings("unchecked")
    Map<String, Object> info = (Map<String, Object>) exchange.json().get("model_info");
    assertThat(info)
        .containsEntry("general.architecture", architecture)
        .containsKey(architecture + ".context_length")
        .doesNotContainKey("tokenizer.ggml.tokens");
    assertThat(exchange.at("capabilities[0]")).isEqualTo("completion");
  }

  @Test
  void lists_namesAndSizes() throws IOException {
    ScriptedService service = new ScriptedService();
    Exchange tags = Exchange.of(new Tags(service), "");
    assertThat(tags.at("models[0].name")).isEqualTo("tiny:latest");
    assertThat(tags.at("models[0].size")).isEqualTo(service.moineau().card().fileBytes());
    assertThat((String) tags.at("models[0].digest")).matches("[0-9a-f]{64}");
    Exchange running = Exchange.of(new Ps(service), "");
    assertThat(running.at("models[0].context_length"))
        .isEqualTo((long) service.moineau().card().contextLength());
    assertThat((String) Exchange.of(new Version(), "").at("version")).isNotEmpty();
  }
}
