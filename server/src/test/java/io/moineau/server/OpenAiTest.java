package io.moineau.server;

import static io.moineau.server.TestServer.at;
import static io.moineau.server.TestServer.endless;
import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.server.TestServer.Reply;
import io.moineau.text.Json;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenAI's endpoints, over real sockets. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class OpenAiTest {
  private static final String CHAT = "/v1/chat/completions";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = new TestServer(TestServer.options());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void models_listAndOne() {
    Reply all = server.get("/v1/models");
    assertThat(all.status()).isEqualTo(200);
    assertThat(all.at("data.0.id")).isEqualTo("tiny");
    assertThat(all.at("data.0.object")).isEqualTo("model");
    assertThat(server.get("/v1/models/tiny").at("id")).isEqualTo("tiny");
    assertThat(server.get("/v1/models/default").status()).isEqualTo(200);
    Reply other = server.get("/v1/models/gpt/4");
    assertThat(other.status()).isEqualTo(404);
    assertThat(other.at("error.code")).isEqualTo("model_not_found");
    assertThat(other.body()).contains("gpt/4").contains("tiny");
  }

  @Test
  void chat_whole_hasTheFormOfTheApi() {
    Reply reply = server.post(CHAT, endless(6, ",\"model\":\"tiny\""));
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.at("object")).isEqualTo("chat.completion");
    assertThat(reply.at("id").toString()).startsWith("chatcmpl-");
    assertThat(reply.at("choices.0.message.role")).isEqualTo("assistant");
    assertThat(reply.at("choices.0.message.content")).isInstanceOf(String.class);
    assertThat(reply.at("choices.0.finish_reason")).isEqualTo("length");
    assertThat(reply.at("usage.completion_tokens")).isEqualTo(6L);
    long prompt = (Long) reply.at("usage.prompt_tokens");
    assertThat(reply.at("usage.total_tokens")).isEqualTo(prompt + 6);
    assertThat(reply.http().headers().firstValue("x-request-id")).isPresent();
  }

  @Test
  void chat_again_tellsCachedTokens() {
    String body = endless(2, ",\"seed\":5");
    server.post(CHAT, body);
    Reply second = server.post(CHAT, body);
    assertThat((Long) second.at("usage.prompt_tokens_details.cached_tokens")).isPositive();
  }

  @Test
  void chat_stream_isTheWholeInPieces() {
    Reply whole = server.post(CHAT, endless(12, ""));
    Reply stream =
        server.post(
            CHAT, endless(12, ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
    assertThat(stream.http().headers().firstValue("content-type").orElse(""))
        .startsWith("text/event-stream");
    List<String> events = stream.events();
    assertThat(events.getLast()).isEqualTo("[DONE]");
    List<Object> chunks =
        events.subList(0, events.size() - 1).stream().map(Json::parse).collect(Collectors.toList());
    assertThat(at(chunks.getFirst(), "choices.0.delta.role")).isEqualTo("assistant");
    assertThat(chunks.stream().map(chunk -> at(chunk, "id")).distinct()).hasSize(1);
    Object usage = chunks.getLast();
    assertThat((List<?>) at(usage, "choices")).isEmpty();
    assertThat(at(usage, "usage.completion_tokens")).isEqualTo(12L);
    Object last = chunks.get(chunks.size() - 2);
    assertThat(at(last, "choices.0.finish_reason")).isEqualTo("length");
    assertThat(at(last, "usage")).isNull();
    String text =
        chunks.subList(1, chunks.size() - 2).stream()
            .map(chunk -> String.valueOf(at(chunk, "choices.0.delta.content")))
            .collect(Collectors.joining());
    assertThat(text).isEqualTo(whole.at("choices.0.message.content"));
  }

  @Test
  void stream_continuousUsage_tellsTokensUpToEachChunk() {
    String asked =
        ",\"stream\":true,\"stream_options\":"
            + "{\"include_usage\":true,\"continuous_usage_stats\":true}";
    for (Reply stream :
        List.of(
            server.post(CHAT, endless(400, asked)),
            server.post(
                "/v1/completions",
                "{\"prompt\":\"Once\",\"max_tokens\":400,\"ignore_eos\":true" + asked + "}"))) {
      List<String> events = stream.events();
      List<Long> told =
          events.subList(0, events.size() - 1).stream()
              .map(event -> (Long) at(Json.parse(event), "usage.completion_tokens"))
              .toList();
      assertThat(told).isSorted().doesNotContainNull();
      assertThat(told.getFirst()).isLessThan(400);
      assertThat(told.getLast()).isEqualTo(400);
      Object second = Json.parse(events.get(1));
      assertThat(at(second, "usage.total_tokens"))
          .isEqualTo(
              (Long) at(second, "usage.prompt_tokens")
                  + (Long) at(second, "usage.completion_tokens"));
    }
  }

  @Test
  void chat_several_areNumbered() {
    Reply reply =
        server.post(
            CHAT,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"go\"}],\"n\":3,\"seed\":1,"
                + "\"ignore_eos\":true,\"temperature\":5,\"max_tokens\":8}");
    assertThat((List<?>) reply.at("choices")).hasSize(3);
    assertThat(reply.at("choices.2.index")).isEqualTo(2L);
    assertThat(reply.at("choices.0.message.content"))
        .isNotEqualTo(reply.at("choices.1.message.content"));
    assertThat(reply.at("usage.completion_tokens")).isEqualTo(24L);
  }

  @Test
  void chat_logprobs_standBesideEachToken() {
    Reply reply = server.post(CHAT, endless(4, ",\"logprobs\":true,\"top_logprobs\":3"));
    assertThat((List<?>) reply.at("choices.0.logprobs.content")).hasSize(4);
    assertThat((List<?>) reply.at("choices.0.logprobs.content.0.top_logprobs")).hasSize(3);
    // Greedy: the token that was taken is the most likely one.
    assertThat(reply.at("choices.0.logprobs.content.0.token"))
        .isEqualTo(reply.at("choices.0.logprobs.content.0.top_logprobs.0.token"));
    assertThat((Double) reply.at("choices.0.logprobs.content.0.logprob")).isNegative();
  }

  @Test
  void chat_logprobsOfAStream_areThoseOfTheWhole() {
    Reply whole = server.post(CHAT, endless(9, ",\"logprobs\":true"));
    Reply stream = server.post(CHAT, endless(9, ",\"logprobs\":true,\"stream\":true"));
    List<Object> tokens =
        stream.events().stream()
            .filter(event -> !event.equals("[DONE]"))
            .map(event -> at(Json.parse(event), "choices.0.logprobs"))
            .filter(logprobs -> logprobs != null)
            .flatMap(logprobs -> ((List<?>) at(logprobs, "content")).stream())
            .map(entry -> at(entry, "token"))
            .collect(Collectors.toList());
    List<Object> expected =
        ((List<?>) whole.at("choices.0.logprobs.content"))
            .stream().map(entry -> at(entry, "token")).collect(Collectors.toList());
    assertThat(tokens).isEqualTo(expected).hasSize(9);
  }

  @Test
  void completions_schema_isKeptTo() {
    Reply reply =
        server.post(
            "/v1/completions",
            "{\"prompt\":\"go\",\"max_tokens\":60,\"temperature\":0.7,\"seed\":3,"
                + "\"guided_json\":{\"type\":\"object\",\"properties\":{\"bird\":{\"enum\":"
                + "[\"sparrow\",\"wren\"]}},\"required\":[\"bird\"],"
                + "\"additionalProperties\":false}}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    Object bird = at(Json.parse(reply.at("choices.0.text").toString()), "bird");
    assertThat(bird).isIn("sparrow", "wren");
  }

  @Test
  void chat_partsOfText_areJoined() {
    Reply parts =
        server.post(
            CHAT,
            "{\"messages\":[{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":\"Be\"},{\"type\":\"text\",\"text\":\""
                + " brief\"}]},{\"role\":\"user\",\"content\":\"Hi\"}],"
                + "\"temperature\":0,\"max_completion_tokens\":3,\"ignore_eos\":true}");
    Reply plain =
        server.post(
            CHAT,
            "{\"messages\":[{\"role\":\"system\",\"content\":\"Be brief\"},"
                + "{\"role\":\"user\",\"content\":\"Hi\"}],"
                + "\"temperature\":0,\"max_tokens\":3,\"ignore_eos\":true}");
    assertThat(parts.at("choices.0.message.content"))
        .isEqualTo(plain.at("choices.0.message.content"));
    assertThat(parts.at("usage.prompt_tokens")).isEqualTo(plain.at("usage.prompt_tokens"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"messages\":[]} | 400 | json_out_of_range | messages",
        "{} | 400 | json_missing | messages",
        "[] | 400 | json_wrong_type | ",
        "{\"messages\": | 400 | json_malformed | ",
        "{\"messages\":[{\"role\":\"robot\",\"content\":\"x\"}]} | 400 | json_out_of_range |"
            + " messages[0].role",
        "{\"messages\":[{\"role\":\"user\",\"content\":5}]} | 400 | json_wrong_type |"
            + " messages[0].content",
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]} | 400 |"
            + " unsupported_value | messages[0].content[0].type",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"temperature\":\"hot\"} | 400 |"
            + " json_wrong_type | temperature",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"n\":1000} | 400 |"
            + " json_out_of_range | n",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"logit_bias\":{\"a\":1}} | 400 |"
            + " json_out_of_range | logit_bias.a",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"logit_bias\":{\"999999\":1}} | 400"
            + " | logit_bias_unknown_token | ",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"audio\":{}} | 400 |"
            + " unsupported_parameter | audio",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"colour\":1} | 400 |"
            + " unknown_parameter | colour",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"model\":\"gpt-4\"} | 404 |"
            + " model_not_found | model",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tool_choice\":\"required\"} | 400"
            + " | invalid_value | tool_choice",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"top_logprobs\":2} | 400 |"
            + " invalid_value | top_logprobs",
      })
  void chat_wrongRequests_areNamed(String body, int status, String code, String parameter) {
    Reply reply = server.post(CHAT, body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.at("error.code")).isEqualTo(code);
    assertThat(reply.at("error.param")).isEqualTo(parameter);
    assertThat(reply.at("error.type")).isEqualTo("invalid_request_error");
    assertThat(reply.at("error.message")).isInstanceOf(String.class);
  }

  @Test
  void chat_malformedJson_tellsThePlaceAndNothingOfTheParser() {
    Reply reply = server.post(CHAT, "{\"messages\":[{\"role\":");
    assertThat(reply.body()).contains("line 1 column").doesNotContain("Source").doesNotContain("(");
  }

  @Test
  void log_answersThatAreTakenAndHungUpOn_areAnswered() throws IOException {
    server.log.clear();
    String body = "{\"input\":\"some words\"}";
    for (int i = 0; i < 20; i++) {
      try (Socket socket = server.connect()) {
        TestServer.sendPost(socket, "/v1/embeddings", body);
        TestServer.readUntil(socket, "\"usage\"");
      }
    }
    TestServer.eventually(() -> server.log.size() == 20);
    assertThat(server.log).allMatch(entry -> entry.status() == 200);
  }

  @Test
  void chat_tooLong_tellsTheNumbers() {
    String text = "word ".repeat(TestServer.CONTEXT + 10);
    Reply reply =
        server.post(CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("error.code")).isEqualTo("context_length_exceeded");
    assertThat(reply.body()).contains(String.valueOf(TestServer.CONTEXT));
  }

  @Test
  void chat_neutralValuesOfWhatIsNotSupported_areLetThrough() {
    Reply reply =
        server.post(
            CHAT,
            endless(
                1,
                ",\"modalities\":[\"text\"],\"audio\":null,\"store\":false,\"verbosity\":\"medium\","
                    + "\"response_format\":{\"type\":\"text\"},\"tools\":[],\"stop\":null"));
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
  }

  @Test
  void completions_textAndTokens_agree() {
    Reply tokens = server.post("/tokenize", "{\"prompt\":\"go on\"}");
    String more = ",\"temperature\":0,\"max_tokens\":5,\"ignore_eos\":true}";
    Reply byText = server.post("/v1/completions", "{\"prompt\":\"go on\"" + more);
    Reply byTokens =
        server.post("/v1/completions", "{\"prompt\":" + Json.write(tokens.at("tokens")) + more);
    assertThat(byText.at("object")).isEqualTo("text_completion");
    assertThat(byTokens.at("choices.0.text")).isEqualTo(byText.at("choices.0.text"));
    assertThat(byText.at("usage.completion_tokens")).isEqualTo(5L);
  }

  @Test
  void completions_severalPromptsWithEcho_areNumbered() {
    Reply reply =
        server.post(
            "/v1/completions",
            "{\"prompt\":[\"one\",\"two\"],\"echo\":true,\"n\":2,\"max_tokens\":2,"
                + "\"ignore_eos\":true}");
    assertThat((List<?>) reply.at("choices")).hasSize(4);
    assertThat(reply.at("choices.1.text").toString()).startsWith("one");
    assertThat(reply.at("choices.3.text").toString()).startsWith("two");
    assertThat(reply.at("choices.3.index")).isEqualTo(3L);
  }

  @Test
  void completions_logprobs_haveTheOlderForm() {
    Reply reply =
        server.post(
            "/v1/completions",
            "{\"prompt\":\"go\",\"logprobs\":2,\"max_tokens\":3,\"ignore_eos\":true}");
    assertThat((List<?>) reply.at("choices.0.logprobs.tokens")).hasSize(3);
    assertThat((List<?>) reply.at("choices.0.logprobs.token_logprobs")).hasSize(3);
    assertThat(reply.at("choices.0.logprobs.text_offset.0")).isEqualTo(0L);
  }

  @Test
  void completions_stream_endsWithDone() {
    Reply whole =
        server.post(
            "/v1/completions",
            "{\"prompt\":\"go\",\"max_tokens\":6,\"temperature\":0,\"ignore_eos\":true}");
    Reply stream =
        server.post(
            "/v1/completions",
            "{\"prompt\":\"go\",\"max_tokens\":6,\"temperature\":0,\"ignore_eos\":true,"
                + "\"stream\":true}");
    List<String> events = stream.events();
    assertThat(events.getLast()).isEqualTo("[DONE]");
    String text =
        events.subList(0, events.size() - 1).stream()
            .map(event -> String.valueOf(at(Json.parse(event), "choices.0.text")))
            .collect(Collectors.joining());
    assertThat(text).isEqualTo(whole.at("choices.0.text"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"prompt\":\"x\",\"suffix\":\"y\"} | unsupported_parameter | suffix",
        "{\"prompt\":\"x\",\"best_of\":3} | unsupported_value | best_of",
        "{\"prompt\":\"x\",\"echo\":true,\"logprobs\":1} | unsupported_value | echo",
        "{\"prompt\":[]} | json_out_of_range | prompt",
        "{\"prompt\":[1,\"a\"]} | json_wrong_type | prompt[1]",
        "{\"prompt\":[99999999]} | token_out_of_range | ",
      })
  void completions_wrongRequests_areNamed(String body, String code, String parameter) {
    Reply reply = server.post("/v1/completions", body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(reply.at("error.code")).isEqualTo(code);
    assertThat(reply.at("error.param")).isEqualTo(parameter);
  }

  @Test
  void tokenize_whatTakesTooLong_isRefusedWithTheLimit() {
    Reply most = server.post("/tokenize", "{\"content\":\"" + " a".repeat(500_000) + "\"}");
    assertThat(most.status()).isEqualTo(200);
    Reply more = server.post("/tokenize", "{\"prompt\":\"" + " a".repeat(500_001) + "\"}");
    assertThat(more.status()).isEqualTo(400);
    assertThat(more.at("error.code")).isEqualTo("text_too_long");
    assertThat(more.at("error.param")).isEqualTo("prompt");
    assertThat((String) more.at("error.message")).contains("1000002").contains("1000000");
  }

  @Test
  void tokenize_andBack_isTheText() {
    Reply tokens = server.post("/tokenize", "{\"content\":\"Sparrows hop.\"}");
    Reply text = server.post("/detokenize", "{\"tokens\":" + Json.write(tokens.at("tokens")) + "}");
    assertThat(text.at("content")).isEqualTo("Sparrows hop.");
    Reply pieces = server.post("/tokenize", "{\"content\":\"Hop\",\"with_pieces\":true}");
    assertThat(pieces.at("tokens.0.piece")).isInstanceOf(String.class);
  }

  @Test
  void paths_thatAreNotThere_areToldInTheirApisForm() {
    assertThat(server.get("/v1/nothing").at("error.code")).isEqualTo("unknown_path");
    assertThat(server.get("/api/nothing").at("error")).isInstanceOf(String.class);
    assertThat(server.get("/v1/messages/nothing").at("type")).isEqualTo("error");
    Reply wrong = server.get(CHAT);
    assertThat(wrong.status()).isEqualTo(405);
    assertThat(wrong.http().headers().firstValue("allow").orElse("")).contains("POST");
  }
}
