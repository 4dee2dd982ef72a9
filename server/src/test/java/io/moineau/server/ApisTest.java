package io.moineau.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.Moineau;
import io.moineau.server.api.Exchange;
import io.moineau.text.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The APIs over sockets, answered by the embedded model. */
class ApisTest {
  private static final String MESSAGES = "[{\"role\": \"user\", \"content\": \"Hello!\"}]";

  private static Moineau moineau;
  private static Server server;
  private static HttpClient client;

  @BeforeAll
  static void start() {
    moineau = Moineau.openDefault();
    server = Server.start(moineau, ServerOptions.defaults().withPort(0));
    client = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
    moineau.close();
  }

  private static HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(server.uri().resolve(path))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static Object post(String path, String body) throws IOException, InterruptedException {
    HttpResponse<String> response = send("POST", path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Json.parse(response.body());
  }

  private static String streamed(String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response = send("POST", path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  private static String deltas(List<Map<String, Object>> pieces, String path) {
    StringBuilder text = new StringBuilder();
    for (Map<String, Object> piece : pieces) {
      Object more = Exchange.at(piece, path);
      text.append(more.equals("(missing)") ? "" : more);
    }
    return text.toString();
  }

  @Test
  void everyApi_sameGreedyRequest_saysTheSame() throws Exception {
    String model = server.modelId();
    String anthropic =
        """
        {"model": "%s", "max_tokens": 12, "temperature": 0, "messages": %s, "stream": %s}\
        """;
    String whole =
        (String)
            Exchange.at(
                post("/v1/messages", anthropic.formatted(model, MESSAGES, "false")),
                "content[0].text");
    assertThat(whole).isNotBlank();
    assertThat(
            deltas(
                Exchange.events(
                    streamed("/v1/messages", anthropic.formatted(model, MESSAGES, "true"))),
                "delta.text"))
        .isEqualTo(whole);

    String responses =
        """
        {"model": "%s", "max_output_tokens": 12, "temperature": 0, "input": %s, "stream": %s}\
        """;
    assertThat(
            Exchange.at(
                post("/v1/responses", responses.formatted(model, MESSAGES, "false")),
                "output[0].content[0].text"))
        .isEqualTo(whole);
    assertThat(
            deltas(
                Exchange.events(
                    streamed("/v1/responses", responses.formatted(model, MESSAGES, "true"))),
                "delta"))
        .isEqualTo(whole);

    String ollama =
        """
        {"model": "%s:latest", "messages": %s, "stream": %s,
         "options": {"num_predict": 12, "temperature": 0}}\
        """;
    assertThat(
            Exchange.at(
                post("/api/chat", ollama.formatted(model, MESSAGES, "false")), "message.content"))
        .isEqualTo(whole);
    assertThat(
            deltas(
                Exchange.lines(streamed("/api/chat", ollama.formatted(model, MESSAGES, "true"))),
                "message.content"))
        .isEqualTo(whole);

    String generate =
        """
        {"model": "%s", "prompt": "Hello!", "stream": false,
         "options": {"num_predict": 12, "temperature": 0}}\
        """
            .formatted(model);
    assertThat(Exchange.at(post("/api/generate", generate), "response")).isEqualTo(whole);
  }

  @Test
  void messages_stopSequence_isNamed() throws Exception {
    String body =
        """
        {"model": "%s", "max_tokens": 40, "temperature": 0, "messages": %s,
         "stop_sequences": ["zzzz", "e"]}\
        """
            .formatted(server.modelId(), MESSAGES);
    Object answer = post("/v1/messages", body);
    assertThat(Exchange.at(answer, "stop_reason")).isEqualTo("stop_sequence");
    assertThat(Exchange.at(answer, "stop_sequence")).isEqualTo("e");
  }

  @Test
  void tools_forcedCall_keepsToItsSchema() throws Exception {
    String schema =
        """
        {"type": "object", "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}},
         "required": ["colour"], "additionalProperties": false}\
        """;
    String anthropic =
        """
        {"model": "%s", "max_tokens": 200, "temperature": 0, "messages": %s, "stream": %s,
         "tools": [{"name": "paint", "input_schema": %s}],
         "tool_choice": {"type": "any", "disable_parallel_tool_use": true}}\
        """;
    Object message =
        post("/v1/messages", anthropic.formatted(server.modelId(), MESSAGES, "false", schema));
    assertThat(Exchange.at(message, "stop_reason")).as(message.toString()).isEqualTo("tool_use");
    assertThat(Exchange.at(message, "content[0].type")).isEqualTo("tool_use");
    assertThat((String) Exchange.at(message, "content[0].input.colour")).isIn("red", "blue");
    List<Map<String, Object>> events =
        Exchange.events(
            streamed(
                "/v1/messages", anthropic.formatted(server.modelId(), MESSAGES, "true", schema)));
    assertThat(Json.parse(deltas(events, "delta.partial_json")))
        .isEqualTo(Exchange.at(message, "content[0].input"));
    String loop =
        """
        {"model": "%s", "max_tokens": 8, "tools": [{"name": "paint", "input_schema": %s}],
         "messages": [{"role": "user", "content": "Hello!"},
           {"role": "assistant", "content": %s},
           {"role": "user", "content": [{"type": "tool_result", "tool_use_id": %s,
             "content": "done"}]}]}\
        """
            .formatted(
                server.modelId(),
                schema,
                Json.write(Exchange.at(message, "content")),
                Json.write(Exchange.at(message, "content[0].id")));
    assertThat(Exchange.at(post("/v1/messages", loop), "type")).isEqualTo("message");

    String responses =
        """
        {"model": "%s", "max_output_tokens": 200, "temperature": 0, "input": %s,
         "tools": [{"type": "function", "name": "paint", "parameters": %s, "strict": true}],
         "tool_choice": {"type": "function", "name": "paint"}, "parallel_tool_calls": false}\
        """
            .formatted(server.modelId(), MESSAGES, schema);
    Object response = post("/v1/responses", responses);
    assertThat(Exchange.at(response, "output[0].type"))
        .as(response.toString())
        .isEqualTo("function_call");
    assertThat(Json.parse((String) Exchange.at(response, "output[0].arguments")))
        .isEqualTo(Exchange.at(message, "content[0].input"));
  }

  @Test
  void formats_ofEveryApi_areHeld() throws Exception {
    String schema =
        """
        {"type": "object", "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}},
         "required": ["colour"], "additionalProperties": false}\
        """;
    Object ollama =
        post(
            "/api/chat",
            """
            {"model": "%s", "messages": %s, "stream": false, "format": %s}\
            """
                .formatted(server.modelId(), MESSAGES, schema));
    Object anthropic =
        post(
            "/v1/messages",
            """
            {"model": "%s", "max_tokens": 50, "messages": %s,
             "output_config": {"format": {"type": "json_schema", "schema": %s}}}\
            """
                .formatted(server.modelId(), MESSAGES, schema));
    Object responses =
        post(
            "/v1/responses",
            """
            {"input": %s,
             "text": {"format": {"type": "json_schema", "name": "n", "schema": %s}}}\
            """
                .formatted(MESSAGES, schema));
    for (Object text :
        List.of(
            Exchange.at(ollama, "message.content"),
            Exchange.at(anthropic, "content[0].text"),
            Exchange.at(responses, "output[0].content[0].text"))) {
      assertThat((String) Exchange.at(Json.parse((String) text), "colour")).isIn("red", "blue");
    }
  }

  @Test
  void countTokens_isWhatTheAnswerCosts() throws Exception {
    String body = "{\"model\": \"%s\", \"messages\": %s%s}";
    Object counted =
        post(
            "/v1/messages/count_tokens",
            body.formatted(server.modelId(), MESSAGES, ", \"thinking\": {\"type\": \"disabled\"}"));
    Object answer =
        post("/v1/messages", body.formatted(server.modelId(), MESSAGES, ", \"max_tokens\": 1"));
    long computed = (long) Exchange.at(answer, "usage.input_tokens");
    long cached = (long) Exchange.at(answer, "usage.cache_read_input_tokens");
    assertThat(Exchange.at(counted, "input_tokens")).isEqualTo(computed + cached);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /v1/messages, {, 400, error.type, invalid_request_error",
    "GET, /v1/messages, '', 405, error.type, invalid_request_error",
    "POST, /v1/responses, {}, 400, error.code, json_missing",
    "POST, /api/chat, '{\"model\": \"x\"}', 404, error, model",
    "GET, /api/nothing, '', 404, error, there is nothing",
  })
  void errors_haveTheFormOfTheApi(
      String method, String path, String body, int status, String at, String words)
      throws Exception {
    HttpResponse<String> response = send(method, path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat((String) Exchange.at(Json.parse(response.body()), at)).contains(words);
  }

  @Test
  void tooLong_saysTheNumbers() throws Exception {
    int context = moineau.card().contextLength();
    String text = "sparrow ".repeat(context + 1);
    String body =
        """
        {"model": "%s", "max_tokens": 1, "messages": [{"role": "user", "content": "%s"}]}\
        """
            .formatted(server.modelId(), text);
    HttpResponse<String> response = send("POST", "/v1/messages", body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat((String) Exchange.at(Json.parse(response.body()), "error.message"))
        .contains(Integer.toString(context));
  }

  @Test
  void lists_areThere() throws Exception {
    for (String path : List.of("/api/tags", "/api/ps")) {
      HttpResponse<String> response = send("GET", path, "");
      assertThat(Exchange.at(Json.parse(response.body()), "models[0].name"))
          .isEqualTo(server.modelId() + ":latest");
    }
    assertThat(send("GET", "/api/version", "").statusCode()).isEqualTo(200);
    Object shown = post("/api/show", "{\"model\": \"" + server.modelId() + "\"}");
    assertThat(Exchange.at(shown, "details.format")).isEqualTo("gguf");
  }
}
