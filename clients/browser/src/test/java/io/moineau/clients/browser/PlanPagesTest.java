package io.moineau.clients.browser;

import static io.moineau.clients.browser.Axe.assertAccessible;
import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.server.access.KeyGatekeeper;
import io.moineau.store.KeyRequest;
import io.moineau.store.Store;
import io.moineau.store.StoreOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

/**
 * What holds for every page of the plan: on a phone, in French, in the dark, read aloud, with keys.
 */
class PlanPagesTest extends BrowserTest {
  private static final String CHIPS = "/chips?compare=H20&compare=MLU590";
  private static final String CARD = "/chips?chip=MLU590";
  private static final String RULES =
      "/rules?chip=H20&to=CN&end_user_hq=CN&date=2025-08-01&view=timeline"
          + "&first=2023-11-16&second=2023-11-17";
  private static final String PLAN =
      "/plan?model=deepseek-r1&chip=h20&count=16&input=4096&output=1024&ttft=2&tpot=0.05";
  private static final String RULE = "/rules?rule=us-2025-04-nvidia";
  private static final String AUDIT = "/audit?date=2026-06-01&example=1";

  /** One opening of each page for all of these: what takes long is the browser. */
  @ParameterizedTest
  @ValueSource(strings = {CHIPS, CARD, RULES, RULE, PLAN, AUDIT})
  void page_isReadAloud_fitsAPhone_andSpeaksFrench(String path) throws IOException {
    Page page = page(path);
    Axe.load(page);
    page.dark(false);
    assertAccessible(page, "light");
    page.dark(true);
    assertAccessible(page, "dark");
    page.size(360, 740, true);
    assertFits(page);
    page.press(Keys.ESCAPE); // what lies over the page
    String english = page.text("main");
    page.click("#language");
    until("French", () -> "fr".equals(page.js("return document.documentElement.lang")));
    assertThat(page.text("main")).isNotEqualTo(english);
    page.js("history.replaceState(null, '', arguments[0])", path);
    page.reload();
    assertFits(page);
    assertFrench(page);
    page.assertClean();
  }

  private static void assertFits(Page page) {
    page.assertNoSidewaysScroll();
    Object wide =
        page.js(
            "return [...document.querySelectorAll('main *, dialog[open], dialog[open] *')].filter((e) =>"
                + " !e.closest('.sheet, .wide, .off-screen') && e.getBoundingClientRect().right > 361)"
                + ".map((e) => e.tagName + '.' + e.className)");
    assertThat((List<?>) wide).as("beyond the edge").isEmpty();
    Object small =
        page.js(
            "return [...document.querySelectorAll('.top a, .top button, main > * button:not(.rule-id, .sort)')]"
                + ".filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 24)"
                + ".map((e) => e.outerHTML.slice(0, 80))");
    assertThat((List<?>) small).as("too small for a finger").isEmpty();
  }

  private static void assertFrench(Page page) {
    assertThat(page.js("return document.documentElement.lang")).as("kept").isEqualTo("fr");
    Object raw =
        page.js(
            "return [...document.querySelectorAll('[data-t], [aria-label], [placeholder], [title], th, td, dt,"
                + " summary, .verdict, .status, h1, h2, h3, p, label, button, option')]"
                + ".flatMap((e) => [e.dataset.t && e.textContent, e.ariaLabel, e.placeholder, e.title,"
                + " e.childElementCount === 0 && e.textContent])"
                + ".filter((text) => text && /^[a-z]+(\\.[a-z_]+)+$/i.test(text.trim()))");
    assertThat((List<?>) raw).as("names of texts in the place of texts").isEmpty();
    page.js(
        "document.querySelectorAll('[lang=en], code, select, datalist').forEach((e) => e.remove())");
    assertThat(page.text("body"))
        .doesNotContain("unknown")
        .doesNotContain("not computed")
        .doesNotContain("licence required");
  }

  @Test
  void bar_leadsFromPageToPage_andTheChatToThem() {
    Page page = page("/chips");
    page.click(".top .pages a[href='/rules']");
    page.ready();
    until("the rules", () -> page.text("h1").equals("Rules"));
    assertThat(page.text(".pages [aria-current=page]")).isEqualTo("Rules");
    page.click(".top .home");
    until("the chat", () -> page.shown("#prompt"));
    page.ready();
    page.click(".side-pages a[href='/chips']");
    until("the chips", () -> page.text("h1").equals("Chips"));
    page.assertClean();
  }

  @Test
  void theme_isThatOfTheChat() {
    URI server = serve();
    Page chat = new Page(driver, server).ready();
    chat.dark(true);
    chat.click("#theme"); // light, whatever the system says
    assertThat(chat.js("return document.documentElement.dataset.theme")).isEqualTo("light");
    Page page = new Page(driver, server, "/chips").ready();
    page.dark(true);
    assertThat(page.js("return document.documentElement.dataset.theme")).isEqualTo("light");
    page.click("#theme");
    until("dark", () -> page.yes("document.documentElement.dataset.theme === 'dark'"));
    page.assertClean();
  }

  @Test
  void keys_areAskedFor_whereTheServerHasThem(@TempDir Path folder) {
    try (Store store = Store.open(StoreOptions.inFolder(folder));
        KeyGatekeeper gatekeeper = new KeyGatekeeper(store)) {
      String key = store.keys().add(KeyRequest.named("anna")).secret();
      URI server = serve(options -> options.withGatekeeper(gatekeeper));
      Page page = new Page(driver, server, "/chips?chip=H20").expecting("status of 401");
      until("the dialog", () -> page.shown("#key-dialog"));
      assertThat(page.count("#chips tbody tr")).as("nothing is shown without a key").isZero();
      page.type("#key", "mo-wrong", Keys.ENTER);
      until("it is refused", () -> page.text("#key-dialog [role=alert]").contains("refused"));
      page.type("#key", key, Keys.ENTER);
      page.ready();
      until("the card", () -> page.shown("#chip-card"));
      assertThat(page.count("#chips tbody tr")).isGreaterThan(60);
      Page rules = new Page(driver, server, "/rules").ready(); // the tab knows the key
      assertThat(rules.count("#rules tbody tr")).isPositive();
      Page closed =
          new Page(driver, serve(options -> options.withGatekeeper(gatekeeper)), "/rules");
      closed.expecting("status of 401");
      until("the dialog", () -> closed.shown("#key-dialog"));
      closed.press(Keys.ESCAPE); // one who has none is told so
      until(
          "it asks again or tells",
          () -> closed.shown("#key-dialog") || closed.shown("[role=alert]"));
      closed.press(Keys.ESCAPE);
      until("told", () -> closed.text("#page").contains("did not accept the key"));
      closed.assertClean();
    }
  }
}
