package io.moineau.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.FinishReason;
import io.moineau.engine.EngineException;
import io.moineau.server.api.anthropic.Messages;
import io.moineau.server.api.ollama.Chat;
import io.moineau.server.api.openai.Responses;
import io.moineau.text.answer.AnswerPart;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What each API tells when an answer fails after it has begun. */
class FailuresTest {
  private static final String SECRET = "/home/somebody/model.gguf";

  private static ScriptedService service() {
    return new ScriptedService(FinishReason.STOP, "", new AnswerPart.Content("Once"))
        .failing(new EngineException("step-failed", "a step failed", SECRET, "", ""));
  }

  private static ScriptedService ending() {
    return new ScriptedService(FinishReason.STOP, "", new AnswerPart.Content("Once"))
        .failing(ApiException.shuttingDown());
  }

  private static final String MESSAGES =
      """
      {"model": "tiny", "max_tokens": 5, "stream": true,
       "messages": [{"role": "user", "content": "Hi"}]}\
      """;
  private static final String INPUT = "{\"input\": \"Hi\", \"stream\": true}";
  private static final String CHAT =
      """
      {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}]}\
      """;

  @Test
  void messages_failure_isTheLastEvent() throws IOException {
    Exchange exchange = Exchange.of(new Messages(service()), MESSAGES);
    assertThat(exchange.text()).contains("Once").doesNotContain(SECRET);
    Map<String, Object> last = exchange.events().getLast();
    assertThat(last.get("type")).isEqualTo("error");
    assertThat(Exchange.at(last, "error.type")).isEqualTo("api_error");
    Map<String, Object> ended = Exchange.of(new Messages(ending()), MESSAGES).events().getLast();
    assertThat(Exchange.at(ended, "error.type")).isEqualTo("overloaded_error");
  }

  @Test
  void responses_failure_isTold() throws IOException {
    Map<String, Object> last = Exchange.of(new Responses(ending()), INPUT).events().getLast();
    assertThat(last.get("type")).isEqualTo("response.failed");
    assertThat(Exchange.at(last, "response.status")).isEqualTo("failed");
    assertThat(Exchange.at(last, "response.error.code")).isEqualTo("server_error");
    assertThat((String) Exchange.at(last, "response.error.message")).contains("shutting down");
    assertThat(Exchange.of(new Responses(service()), INPUT).text())
        .contains("response.failed")
        .doesNotContain(SECRET);
  }

  @Test
  void chat_failure_isTheLastLine() throws IOException {
    Exchange exchange = Exchange.of(new Chat(service()), CHAT);
    assertThat(exchange.text()).doesNotContain(SECRET);
    List<Map<String, Object>> lines = Exchange.lines(exchange.text());
    assertThat(Exchange.at(lines.getFirst(), "message.content")).isEqualTo("Once");
    assertThat((String) lines.getLast().get("error")).contains("req_1");
  }
}
