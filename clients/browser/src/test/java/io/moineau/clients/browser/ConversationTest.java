package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.ANSWER;
import static io.moineau.clients.browser.Page.QUESTION;
import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A conversation from its first word until it is deleted, with the built-in model. */
class ConversationTest extends BrowserTest {
  @Test
  void conversation_isAnswered_editedAskedAgainKeptAndDeleted() {
    Page page = page();
    assertThat(page.shown("#send")).isTrue();
    assertThat(page.driver.findElement(org.openqa.selenium.By.id("send")).isEnabled()).isFalse();
    String story = page.answerTo("Tell me a story about a sparrow.");
    assertThat(story).matches("(?s)[A-Z].{20,}");
    assertThat(page.text(QUESTION)).contains("Tell me a story about a sparrow.");
    assertThat(page.text("#conversations .conversation-title")).contains("Tell me a story");
    assertThat(page.text(ANSWER + " .figures")).contains("tokens");
    assertThat(page.count(ANSWER + " .problem")).isZero();

    // Another answer: both stay.
    page.hoverAndClick(ANSWER, ANSWER + " .regenerate");
    until("a second version", () -> page.text(ANSWER + " .versions .count").equals("2/2"));
    page.ended();
    String other = page.lastAnswer();
    page.hoverAndClick(ANSWER, ANSWER + " .versions .previous");
    until("the first version", () -> page.text(ANSWER + " .versions .count").equals("1/2"));
    assertThat(page.lastAnswer()).isEqualTo(story);

    // Another question in the place of the first.
    page.hoverAndClick(QUESTION, QUESTION + " .edit");
    page.type(QUESTION + " textarea", " It can sing.");
    page.click(".save-edit");
    until("the new question", () -> page.text(QUESTION + " .body").endsWith("It can sing."));
    page.ended();
    assertThat(page.text(QUESTION + " .versions .count")).isEqualTo("2/2");
    assertThat(page.count(ANSWER)).isEqualTo(1);

    String second = page.answerTo("And then?");
    assertThat(page.count(ANSWER)).isEqualTo(2);

    // Everything is there again.
    page.reload();
    until("both answers", () -> page.count(ANSWER) == 2);
    assertThat(page.lastAnswer()).isEqualTo(second);
    page.hoverAndClick(QUESTION, QUESTION + " .versions .previous");
    until("the first question", () -> page.count(ANSWER) == 1);
    assertThat(page.lastAnswer()).isIn(story, other);

    // Another conversation, and back.
    page.click("#new-chat");
    until("an empty thread", () -> page.count(".message") == 0);
    page.answerTo("Hello!");
    assertThat(page.count("#conversations li[data-id]")).isEqualTo(2);
    page.type("#search", "sparrow");
    until("one is found", () -> page.count("#conversations li[data-id]") == 1);
    page.click("#conversations li[data-id] .open");
    until("the first conversation", () -> page.text(QUESTION).contains("sparrow"));

    // Deleted, taken back, and deleted for good.
    page.hoverAndClick("#conversations li[data-id]", "#conversations li[data-id] .delete");
    until("it is gone", () -> page.count("#conversations li[data-id]") == 0);
    page.click(".undo");
    until("it is back", () -> page.count("#conversations li[data-id]") == 1);
    until("and shown", () -> page.text(QUESTION).contains("sparrow"));
    page.hoverAndClick("#conversations li[data-id]", "#conversations li[data-id] .delete");
    page.reload();
    assertThat(page.count("#conversations li[data-id]")).isEqualTo(1);
    assertThat(page.text("#conversations")).doesNotContain("sparrow");
    page.assertClean();
  }

  @Test
  void stop_keepsWhatWasSaid_andTheServerIsLeftInPeace() {
    String[] words = new String[400];
    java.util.Arrays.fill(words, "word ");
    Scripts scripts = scripts().says(25, words);
    Page page = page(scripts);
    page.ask("Go on.");
    until("some of the answer", () -> page.lastAnswer().contains("word word"));
    assertThat(page.shown("#send")).isFalse();
    page.click("#stop");
    page.ended();
    assertThat(page.shown("#send")).isTrue();
    String said = page.lastAnswer();
    assertThat(said).startsWith("word word");
    assertThat(page.text(ANSWER + " .state")).isEqualTo("Stopped.");
    until("the connection was broken off", () -> scripts.brokenOff() == 1);
    page.reload();
    assertThat(page.lastAnswer()).isEqualTo(said);

    // The conversation goes on from there.
    scripts.says(0, "Yes.");
    assertThat(page.answerTo("Still there?")).isEqualTo("Yes.");
    assertThat(scripts.asked().getLast())
        .extracting(body -> ((List<?>) ((Map<?, ?>) body).get("messages")).size())
        .isEqualTo(3);
    page.assertClean();
  }

  @Test
  void reasoningAndTools_areFoldedAndAnswered() {
    Scripts scripts = scripts();
    scripts.on(
        Scripts.CHAT,
        scripts.stream(
            5,
            List.of(
                Map.of("reasoning_content", "The user wants "),
                Map.of("reasoning_content", "the weather."),
                Map.of(
                    "tool_calls",
                    List.of(
                        Map.of(
                            "index",
                            0,
                            "id",
                            "call_1",
                            "function",
                            Map.of("name", "weather", "arguments", "{\"city\":")))),
                Map.of(
                    "tool_calls",
                    List.of(Map.of("index", 0, "function", Map.of("arguments", "\"Lyon\"}"))))),
            "tool_calls"));
    Page page = page(scripts);
    page.ask("How is the weather in Lyon?");
    page.element("details.tool-call");
    page.ended();
    assertThat(page.yes("document.querySelector('details.reasoning').open")).isFalse();
    page.click("details.reasoning summary");
    until("the reasoning", () -> page.text("details.reasoning").contains("wants the weather."));
    assertThat(page.text("details.tool-call")).contains("weather");
    assertThat((String) page.js("return document.querySelector('details.tool-call').textContent"))
        .contains("Lyon");
    page.assertClean();
  }

  @Test
  void serverThatGoes_isToldOf_andTheConversationGoesOnWhenItIsBack() {
    Scripts scripts = scripts();
    Page page = page(scripts).expecting("status of 503").expecting("net::ERR");
    Scripts.Answer gone =
        Scripts.json(
            503,
            Map.of("error", Map.of("message", "the server ends", "code", "shutting_down")),
            "Retry-After",
            "1");
    scripts.on(Scripts.CHAT, gone).on("/health", gone).on("/health/ready", gone);
    page.ask("Hello!");
    page.element(".problem");
    assertThat(page.text(".problem")).contains("the server ends");
    scripts.on(Scripts.CHAT, null).on("/health", null).on("/health/ready", null);
    page.click(".problem .retry");
    until("an answer", () -> !page.lastAnswer().isBlank());
    page.ended();
    assertThat(page.count(".problem")).isZero();
    page.assertClean();
  }
}
