package io.moineau.server;

import static io.moineau.server.TestServer.endless;
import static io.moineau.server.TestServer.eventually;
import static io.moineau.server.TestServer.readUntil;
import static io.moineau.server.TestServer.sendPost;
import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.FinishReason;
import io.moineau.server.access.Admission;
import io.moineau.server.access.AnswerEnd;
import io.moineau.server.access.Caller;
import io.moineau.server.access.Gatekeeper;
import io.moineau.server.api.ApiException;
import io.moineau.server.http.HttpRequest;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a doorkeeper sees, and what those hear who count tokens. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AnswerEndTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final Queue<AnswerEnd> ENDS = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger HELD = new AtomicInteger();
  private static TestServer server;

  /** Asks everybody for a name; nobody called "spent" may use the model. */
  private static final class Door implements Gatekeeper {
    @Override
    public Caller identify(HttpRequest http) {
      String name = http.header("Authorization").orElse("");
      if (name.isEmpty()) {
        throw new ApiException(401, "no_name", "", 0, "there is no name", "", "any", "");
      }
      return Caller.withKey("id-" + name, name);
    }

    @Override
    public Admission admit(Caller caller, String modelId) {
      assertThat(modelId).isEqualTo("tiny");
      if (caller.name().equals("spent")) {
        throw new ApiException(429, "spent", "", 7, "it is spent", "", "", "");
      }
      HELD.incrementAndGet();
      return end -> HELD.decrementAndGet();
    }
  }

  @BeforeAll
  static void start() {
    server =
        new TestServer(
            TestServer.options().withGatekeeper(new Door()).withAnswerListener(ENDS::add));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void forget() {
    ENDS.clear();
    server.log.clear();
  }

  private static String chat(String more) {
    return "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"max_tokens\":5" + more + "}";
  }

  @Test
  void identify_withoutAName_isRefusedInTheFormOfTheApi() {
    assertThat(server.post(CHAT, chat("")).status()).isEqualTo(401);
    TestServer.Reply anthropic = server.post("/v1/messages", "not even JSON");
    assertThat(anthropic.status()).isEqualTo(401);
    assertThat(anthropic.at("error.type")).isEqualTo("authentication_error");
    assertThat(server.get("/health").status()).isEqualTo(200);
    assertThat(ENDS).isEmpty();
    assertThat(server.log).allMatch(entry -> !entry.caller().hasKey());
  }

  @Test
  void admit_whoMayNot_neverReachesTheEngine() {
    long before = server.moineau.stats().requests();
    TestServer.Reply reply = server.post(CHAT, chat(""), "Authorization", "spent");
    assertThat(reply.status()).isEqualTo(429);
    assertThat(reply.http().headers().firstValue("Retry-After")).hasValue("7");
    assertThat(server.moineau.stats().requests()).isEqualTo(before);
    assertThat(ENDS).isEmpty();
  }

  @Test
  void ended_wholeAnswers_areToldOnceEachWithWhatTheClientIsTold() {
    TestServer.Reply reply = server.post(CHAT, chat(",\"n\":2"), "Authorization", "office");
    assertThat(reply.status()).isEqualTo(200);
    eventually(() -> ENDS.size() >= 2); // they are told after the client
    assertThat(ENDS).hasSize(2).allMatch(end -> end.caller().keyId().equals("id-office"));
    assertThat(ENDS).allMatch(end -> end.path().equals(CHAT) && end.finishReason().isPresent());
    int made = ENDS.stream().mapToInt(end -> end.usage().completionTokens()).sum();
    assertThat(reply.at("usage.completion_tokens")).isEqualTo((long) made);
    assertThat(HELD).hasValue(0);
    eventually(() -> server.log.stream().anyMatch(entry -> entry.answers().size() == 2));
    AccessEntry entry = server.log.stream().filter(e -> e.answers().size() == 2).findAny().get();
    assertThat(entry.answers()).containsExactlyInAnyOrderElementsOf(List.copyOf(ENDS));
    assertThat(entry.endpoint()).isEqualTo(CHAT);
    assertThat(entry.caller().name()).isEqualTo("office");
  }

  @Test
  void ended_clientGone_tellsWhatWasMadeUntilThen() throws IOException {
    try (Socket socket = server.connect()) {
      sendPost(socket, CHAT, endless(2000, ",\"stream\":true"), "Authorization: office");
      readUntil(socket, "data: ");
    }
    eventually(() -> !ENDS.isEmpty());
    AnswerEnd end = ENDS.peek();
    assertThat(end.finishReason()).hasValue(FinishReason.CANCELLED);
    assertThat(end.usage().completionTokens()).isBetween(1, 1999);
    eventually(() -> HELD.get() == 0);
  }

  @Test
  void ended_vectorsAndRefusedRequests_giveBackWhatTheyHold() {
    TestServer.Reply vectors =
        server.post("/v1/embeddings", "{\"input\":[\"ab\",\"c\"]}", "Authorization", "office");
    assertThat(vectors.status()).isEqualTo(200);
    AnswerEnd end = ENDS.remove();
    assertThat((long) end.usage().promptTokens()).isEqualTo(vectors.at("usage.prompt_tokens"));
    String tooLong = "a ".repeat(3 * TestServer.CONTEXT);
    TestServer.Reply refused =
        server.post(CHAT, chat("").replace("\"a\"", '"' + tooLong + '"'), "Authorization", "x");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(ENDS.remove().finishReason()).isEmpty();
    assertThat(HELD).hasValue(0);
  }
}
