package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.ANSWER;
import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.server.access.KeyGatekeeper;
import io.moineau.store.KeyRequest;
import io.moineau.store.Store;
import io.moineau.store.StoreOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** A server that asks for keys, with a store of its own, as the page shows it. */
class KeysTest extends BrowserTest {
  @TempDir private Path folder;
  private Store store;
  private KeyGatekeeper gatekeeper;

  @BeforeEach
  void openStore() {
    store = Store.open(StoreOptions.inFolder(folder).withConversations(true));
    gatekeeper = new KeyGatekeeper(store);
  }

  @AfterEach
  void closeStore() {
    if (gatekeeper != null) {
      gatekeeper.close();
      store.close();
    }
  }

  private URI withKeys() {
    return serve(
        options -> options.withGatekeeper(gatekeeper).withConversations(store.conversations()));
  }

  private static Page open(Page page, String secret) {
    until("the dialog", () -> page.shown("#key-dialog"));
    page.type("#key", secret, Keys.ENTER);
    return page.ready();
  }

  @Test
  void key_isAskedFor_refusedWhenWrongOrRevoked_andNotKeptUnasked() {
    String good = store.keys().add(KeyRequest.named("anna")).secret();
    Page page = new Page(driver, withKeys()).expecting("status of 401");
    until("the dialog", () -> page.shown("#key-dialog"));
    page.type("#key", "mo-wrong", Keys.ENTER);
    until("it is refused", () -> page.text("#key-dialog [role=alert]").contains("refused"));
    page.type("#key", good);
    page.click("#key-ok");
    page.ready();
    page.answerTo("Hello?");
    assertThat(page.count(".problem")).isZero();
    assertThat(page.yes("localStorage.getItem('moineau.key')")).isFalse();
    assertThat((String) page.js("return document.documentElement.outerHTML")).doesNotContain(good);
    page.reload(); // the tab knows it still
    page.answerTo("Still there?");
    assertThat(page.count(".problem")).isZero();
    store.keys().revoke("anna");
    page.ask("And now?");
    until("a key is asked for again", () -> page.shown("#key-dialog"));
    page.type("#key", store.keys().add(KeyRequest.named("bert")).secret(), Keys.ENTER);
    until("the answer", () -> page.count(ANSWER) == 3 && page.count(".problem") == 0);
    page.ended();
    page.assertClean();
  }

  @Test
  void budgetSpent_isToldWithItsEnd_andUsageIsShown() {
    String secret = store.keys().add(KeyRequest.named("anna").withTokensPerDay(60)).secret();
    Page page = open(new Page(driver, withKeys()).expecting("status of 429"), secret);
    page.answerTo("Tell me a story.");
    until(
        "the budget is spent",
        () -> {
          page.ask("Another one.");
          page.ended();
          return page.text(".problem").contains("budget")
              || page.text(".problem").contains("spent");
        });
    assertThat(page.text(".problem .countdown")).matches("(?s).*\\d{1,2}:\\d{2}.*");
    page.click("#tab-model");
    until("the usage", () -> page.text("#panel").contains("anna"));
    assertThat(page.text("#panel")).contains("of 60 tokens today");
    page.assertClean();
  }

  @Test
  void rateExceeded_isCountedDown_andAskedAgainByItself() {
    Scripts scripts = scripts();
    Page page = page(scripts).expecting("status of 429");
    Map<String, Object> rate =
        Map.of("error", Map.of("message", "too many requests", "code", "rate_exceeded"));
    scripts.on(Scripts.CHAT, Scripts.json(429, rate, "Retry-After", "2"));
    page.ask("Hello?");
    until("a countdown", () -> page.text(".problem .countdown").contains("second"));
    assertThat(scripts.asked()).as("asked once, and not before its time").hasSize(1);
    scripts.says(1, "Yes.");
    until("the answer", () -> page.lastAnswer().equals("Yes."));
    assertThat(page.count(".problem")).isZero();
    assertThat(scripts.asked()).hasSize(2);
    page.assertClean();
  }

  @Test
  void conversations_keptOnTheServer_areFoundByAnotherBrowserOfTheSameKeyAlone() {
    String anna = store.keys().add(KeyRequest.named("anna")).secret();
    String bert = store.keys().add(KeyRequest.named("bert")).secret();
    Page first = open(new Page(driver, withKeys()), anna);
    String story = first.answerTo("Tell me a story about a sparrow.");
    until("it is kept", () -> store.conversations().list(keyId("anna")).size() == 1);
    // Another port is another site for the browser: nothing is there but what the server has.
    Page second = open(new Page(driver, withKeys()), anna);
    until("it is found", () -> second.count("#conversations li[data-id]") == 1);
    second.click("#conversations li[data-id] .open");
    until("the answer", () -> second.count(ANSWER) == 1);
    assertThat(second.lastAnswer()).isEqualTo(story);
    Page other = open(new Page(driver, withKeys()), bert);
    other.answerTo("Hello!");
    until("his own", () -> store.conversations().list(keyId("bert")).size() == 1);
    assertThat(other.text("#conversations")).doesNotContain("sparrow");
    other.assertClean();
  }

  private String keyId(String name) {
    return store.keys().list().stream()
        .filter(key -> key.name().equals(name))
        .findFirst()
        .orElseThrow()
        .id();
  }
}
