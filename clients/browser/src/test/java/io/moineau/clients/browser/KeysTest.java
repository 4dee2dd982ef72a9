package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** A server that asks for keys, as the page shows it. */
class KeysTest extends BrowserTest {
  private static final String GOOD = "mo-" + "a".repeat(43);

  /** Refuses all that has not the key, as a server with keys does. */
  private static Scripts.Answer guarded(Scripts.Answer answer) {
    return exchange -> {
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      if (given == null || given.isEmpty()) {
        Scripts.json(401, error("a key is needed", "missing_api_key")).give(exchange);
      } else if (!given.equals("Bearer " + GOOD)) {
        Scripts.json(401, error("the key is not known", "invalid_api_key")).give(exchange);
      } else {
        answer.give(exchange);
      }
    };
  }

  private static Map<String, Object> error(String message, String code) {
    return Map.of("error", Map.of("message", message, "code", code));
  }

  private Scripts withKeys() {
    Scripts scripts = scripts();
    Map<String, Object> settings =
        Map.of("keys", true, "conversations", false, "model", "sparrow", "version", "1");
    scripts.on("/moineau/settings", Scripts.json(200, settings));
    scripts.on(
        "/moineau/model",
        guarded(Scripts.json(200, Map.of("name", "sparrow", "layers", 2, "experts", 0))));
    scripts.on("/moineau/usage", guarded(Scripts.json(200, Map.of("keys", true, "name", "anna"))));
    scripts.on(Scripts.CHAT, guarded(scripts.stream(1, java.util.List.of(Map.of("content", "Yes.")), "stop")));
    return scripts;
  }

  @Test
  void key_isAskedFor_refusedWhenWrong_andForgottenWithTheTabUnlessKept() {
    Scripts scripts = withKeys();
    Page page = new Page(driver, scripts.uri()).expecting("status of 401");
    until("the dialog", () -> page.shown("#key-dialog"));
    page.type("#key", "mo-wrong", Keys.ENTER);
    until("it is refused", () -> page.text("#key-dialog [role=alert]").contains("refused"));
    assertThat(page.text("body")).doesNotContain("mo-wrong");
    page.type("#key", GOOD);
    page.click("#key-ok");
    page.ready();
    assertThat(page.answerTo("Hello?")).isEqualTo("Yes.");
    assertThat(page.yes("localStorage.getItem('moineau.key')")).as("not kept unasked").isFalse();
    assertThat((String) page.js("return document.documentElement.outerHTML")).doesNotContain(GOOD);
    page.reload();
    assertThat(page.answerTo("Still?")).isEqualTo("Yes.");
    page.assertClean();
  }

  @Test
  void budgetSpent_isToldWithTheTime_andNothingIsSentBeforeIt() {
    Scripts scripts = withKeys();
    Page page = new Page(driver, scripts.uri()).expecting("status of 429");
    until("the dialog", () -> page.shown("#key-dialog"));
    page.type("#key", GOOD, Keys.ENTER);
    page.ready();
    Map<String, Object> spent = error("the key's tokens of today are spent", "budget_spent");
    scripts.on(Scripts.CHAT, guarded(Scripts.json(429, spent, "Retry-After", "7200")));
    page.ask("Hello?");
    page.element(".problem");
    assertThat(page.text(".problem")).contains("budget").contains("spent");
    assertThat(page.text(".problem .countdown")).matches("(?s).*\\d{1,2}:\\d{2}.*");
    int asked = scripts.asked().size();
    // A short wait is counted down, and then asked again by itself.
    Map<String, Object> rate = error("too many requests", "rate_exceeded");
    scripts.on(Scripts.CHAT, guarded(Scripts.json(429, rate, "Retry-After", "2")));
    assertThat(scripts.asked()).hasSize(asked);
    page.click(".problem .retry");
    until("a countdown", () -> page.text(".problem .countdown").contains("second"));
    scripts.on(
        Scripts.CHAT,
        guarded(scripts.stream(1, java.util.List.of(Map.of("content", "Yes.")), "stop")));
    until("the answer", () -> page.lastAnswer().equals("Yes."));
    assertThat(page.count(".problem")).isZero();
    page.assertClean();
  }
}
