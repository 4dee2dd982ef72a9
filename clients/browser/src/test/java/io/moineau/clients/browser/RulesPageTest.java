package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** {@code /rules}: what somebody does there who must know whether a chip may go somewhere. */
class RulesPageTest extends BrowserTest {
  private static final String H20 =
      "/rules?chip=H20&to=CN&end_user_hq=CN&date=2025-08-01&purpose=datacentre";

  /** The verdict on a question. */
  private static String verdict(Page page, String question) {
    return page.text("[data-question='" + question + "'] > summary .verdict");
  }

  private static void choose(Page page, String name, String value) {
    page.js(
        "document.querySelector('[name=' + arguments[0] + ']').value = arguments[1]", name, value);
  }

  @Test
  void address_isAskedAtOnce_andEveryRuleIsShown() {
    Page page = page(H20);
    assertThat(page.text("#answer-title")).isEqualTo("H20 96GB to CN, end user of CN, 2025-08-01");
    assertThat(page.text(".strictest")).contains("licence required");
    assertThat(verdict(page, "by its numbers")).contains("no licence by these rules");
    assertThat(verdict(page, "letters to firms")).contains("licence required");
    assertThat(verdict(page, "party and destination")).contains("no licence by these rules");
    String letters = "[data-question='letters to firms'] .weighed.counts";
    assertThat(page.text(letters))
        .contains("us-2025-04-nvidia")
        .contains("letter to one firm")
        .contains("(4000 >= 4000 or 900 >= 900)")
        .contains("true")
        .contains("Nvidia 8-K of 2025-04-09")
        .contains("quoted by others")
        .contains("verified 2026-07-23");
    assertThat(page.count(letters + " a[href^='https://www.sec.gov/']")).isPositive();
    assertThat(page.count("[data-question='by its numbers'] .weighed")).isGreaterThan(5);
    assertThat(page.count("[data-question='by its numbers'] .over .weighed")).isPositive();
    String all = page.text("main");
    String law = "This is no legal advice";
    assertThat(all.indexOf(law)).as("said").isPositive().as("once").isEqualTo(all.lastIndexOf(law));
    page.assertClean();
  }

  @Test
  void form_isFilled_andAnswered_byKeysAlone() {
    Page page = page("/rules");
    assertThat(page.shown("#answer")).isFalse();
    page.press("/", "A800", Keys.ENTER); // to China, today
    until("an answer", () -> page.text("#answer-title").startsWith("A800 SXM 80GB to CN"));
    assertThat(page.focused()).isEqualTo("answer-title");
    // The server's clock says which day it is: at any rate it is after the last verified one.
    assertThat(page.text(".strictest")).contains("unknown");
    assertThat(page.text(".as-it-was")).contains("nobody knows").contains("licence required");
    for (int i = 0; i < 10 && !page.text(":focus").startsWith("Ask for"); i++) {
      page.press(Keys.TAB);
    }
    page.press(Keys.ENTER);
    until("the last verified day", () -> page.text(".strictest").contains("licence required"));
    assertThat(page.count(".as-it-was")).isZero();
    assertThat((String) page.js("return location.search"))
        .contains("chip=A800")
        .contains("date=2026-");
    page.reload();
    assertThat(page.text(".strictest")).as("the address has kept it").contains("licence required");
    page.assertClean();
  }

  @Test
  void mistakes_areToldInTheServersWords() {
    Page page = page("/rules?chip=H2O&to=CN").expecting("status of 404").expecting("status of 400");
    assertThat(page.text("#answer [role=alert]")).contains("'H2O'").contains("nearest: H20 96GB");
    choose(page, "chip", "");
    page.click("#check");
    until("which chip", () -> page.text("#answer").contains("which chip"));
    choose(page, "chip", "H20");
    choose(page, "tpp", "many");
    page.click("#check");
    until("what a number is", () -> page.text("#answer").contains("tpp=many"));
    choose(page, "tpp", "");
    choose(page, "first", "2026-01-01");
    choose(page, "second", "2025-01-01");
    page.click("#compare-days");
    until("the order of days", () -> page.text("#changes").contains("not after the first"));
    page.assertClean();
  }

  @Test
  void numbers_replaceAChip_andAreKeptInTheAddress() {
    Page page = page("/rules?tpp=4700&pd=2&datacentre=true&to=SA&us_item=true&date=2024-06-01");
    assertThat(page.yes("document.querySelector('details.more').open")).isTrue();
    page.click("#check");
    until("an answer", () -> page.text("#answer-title").contains("a chip by its numbers to SA"));
    until("the numbers put in", () -> page.text("#answer").contains("2400 <= 4700 < 4800"));
    page.assertClean();
  }

  @Test
  void timeline_isAPicture_andATable() {
    Page page = page(H20 + "&view=timeline");
    until("the picture", () -> page.count("#timeline svg[role=img] rect") > 5);
    assertThat(page.js("return document.querySelector('#timeline svg title').textContent"))
        .isEqualTo("H20 96GB → CN");
    page.click("#timeline summary");
    assertThat(page.text("#timeline table"))
        .contains("us-2025-04-nvidia letter to one firm")
        .contains("after 2026-07-23");
    page.assertClean();
  }

  @Test
  void rules_areFiltered_explained_andCompared() {
    Page page = page("/rules");
    int all = page.count("#rules tbody tr");
    assertThat(all).isGreaterThan(30);
    page.type("#rule-search", "nvidia");
    until("few", () -> page.count("#rules tbody tr") < 10);
    page.click("#rules .rule-id");
    until("the card", () -> page.shown("#rule-card"));
    assertThat(page.text("#rule-card"))
        .contains("Condition")
        .contains("Last verified")
        .contains("Evidence");
    assertThat((String) page.js("return location.search")).startsWith("?rule=us-");
    page.press(Keys.ESCAPE);
    until("no card", () -> !page.shown("#rule-card"));
    assertThat(page.js("return location.search")).isEqualTo("");
    choose(page, "chip", "A800");
    choose(page, "first", "2023-11-16");
    choose(page, "second", "2023-11-17");
    page.click("#compare-days");
    until("what changed", () -> page.text("#changes").contains("us-2023-11-a1"));
    assertThat(page.text("#changes"))
        .contains("A800 SXM 80GB to CN")
        .contains("presumption of denial")
        .contains("12 rules changed");
    Page card = new Page(driver, serve(), "/rules?rule=us-2025-04-nvidia").ready();
    assertThat(card.text("#rule-card")).contains("letter to Nvidia").contains("dram_bw >= 4000");
    card.assertClean();
  }
}
