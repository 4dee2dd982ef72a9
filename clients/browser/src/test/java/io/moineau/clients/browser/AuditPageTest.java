package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** {@code /audit}: a fleet is audited, changed and audited again; mistakes in it are shown. */
class AuditPageTest extends BrowserTest {
  private static final String FLEET =
      """
      moineau-fleet: 1
      sites:
        - name: %s
          country: CN
          chips:
            - {chip: H20, count: %d}
            - {chip: 910B2, count: 30}
      """;

  private static void audit(Page page, String fleet) {
    page.js("document.querySelector('[name=fleet]').value = arguments[0]", fleet);
    page.js("document.querySelector('#result').replaceChildren()");
    page.click("#audit");
  }

  private static String row(Page page, String name) {
    return (String)
        page.js(
            "return [...document.querySelectorAll('.readings tbody tr')]"
                + ".find((row) => row.querySelector('th').textContent === arguments[0]).innerText",
            name);
  }

  @Test
  void example_isAudited_withChartsQuotasAndLeastChanges() {
    Page page = page("/audit?date=2026-06-01");
    page.click("#example");
    for (int i = 0; i < 10 && !page.focused().equals("audit"); i++) {
      page.press(Keys.TAB); // a day has several parts
    }
    page.press(Keys.ENTER);
    until("an answer", () -> page.count(".part .readings") == 1);
    assertThat(page.focused()).isEqualTo("result-title");
    assertThat(page.text(".part h3")).isEqualTo("Lingang 1 (CN, Shanghai)");
    assertThat(row(page, "computing: chips")).contains("42.9%").contains("fails");
    assertThat(row(page, "storage: chips")).contains("50.0%").contains("passes if half suffices");
    assertThat(row(page, "computing: fp16 T/s")).contains("passes");
    assertThat(page.count(".part svg[role=img] rect")).isGreaterThan(5);
    assertThat(page.text("[data-rule=cn-2025-public-quota]")).contains("readings pass");
    page.click(".readings .change summary");
    assertThat(page.text(".readings .change"))
        .as("with 51 swapped 351 of 700 are domestic; with 50 and one more 351 of 701")
        .contains("Least change: 51 chips")
        .contains("x H20 96GB for");
    assertThat(page.text("main")).contains("This is no legal advice");
    assertThat((String) page.js("return location.search")).contains("date=2026-06-01");
    page.assertClean();
  }

  @Test
  void fleets_areAuditedOneAfterTheOther() {
    Page page = page("/audit?date=2026-06-01");
    audit(page, FLEET.formatted("one", 31));
    until("the first", () -> page.text("#result").contains("one (CN)"));
    assertThat(row(page, "computing: chips")).contains("49.2%").contains("fails");
    audit(page, FLEET.formatted("two", 29));
    until("the second", () -> page.text("#result").contains("two (CN)"));
    assertThat(row(page, "computing: chips")).contains("50.8%").contains("passes");
    page.assertClean();
  }

  @Test
  void mistake_isTold_withItsLine() {
    Page page = page("/audit").expecting("status of 400").expecting("status of 404");
    audit(page, FLEET.formatted("one", 31).replace("chip: H20", "chips: H20"));
    until("what is wrong", () -> page.count("#result [role=alert]") == 1);
    assertThat(page.text("#result")).contains("fleet.yaml line 6").contains("chips: H20");
    page.click("#to-line");
    assertThat(
            (String)
                page.js(
                    "const t = document.querySelector('[name=fleet]');"
                        + "return t.value.slice(t.selectionStart, t.selectionEnd).trim()"))
        .startsWith("- {chips: H20");
    audit(page, FLEET.formatted("one", 31).replace("H20", "H2O"));
    until("the nearest", () -> page.text("#result").contains("nearest: H20 96GB"));
    audit(page, "");
    until("empty", () -> page.text("#result").contains("is empty"));
    page.assertClean();
  }

  @Test
  void hostileFleet_doesNothing() {
    Page page = page("/audit?date=2026-06-01");
    String name = "'<img src=x onerror=window.hit=1><script>window.hit=1</script>'";
    audit(page, FLEET.formatted(name, 31));
    until("an answer", () -> page.text(".part h3").contains("<img src=x"));
    assertThat(page.text(".part figcaption")).contains("<script>");
    assertThat(page.yes("window.hit === undefined")).isTrue();
    assertThat(page.count("#result img, #result script")).isZero();
    page.assertClean();
  }
}
