package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.server.plan.PlanData;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of a folder of somebody's, written to do harm: they are shown as texts, and do nothing. */
class PlanHostileTest extends BrowserTest {
  private static final String SCRIPT = "<script>window.hacked=1</script>";
  private static final String IMAGE = "\"><img src=x onerror=window.hacked=1>";
  private static final String NAME = "Evil " + SCRIPT + IMAGE + " {n} ${x}";

  private static final String CHIPS =
      """
      moineau-catalogue: 1
      version: 2026-11-21
      sources:
        a: {title: 'source %1$s', url: 'javascript:window.hacked=1', date: '%1$s'}
        b: {title: '%2$s', url: 'data:text/html,%1$s'}
        c: {title: '<svg onload=window.hacked=1>', url: 'https://example.org/%2$s'}
      chips:
        - name: '%3$s'
          aliases: ['%2$s', '=HYPERLINK("https://example.org")']
          vendor: '%1$s'
          country: FR
          hq: '%2$s'
          kind: gpu
          architecture: '<svg><set attributeName=onload to=window.hacked=1>'
          launch: '%1$s'
          process: '%2$s'
          foundry: '<math><style><img src=x onerror=window.hacked=1>'
          peak: {bf16: 100, int8: {low: 150, high: 200, note: '%2$s'}}
          memory_gbs: 2000
          link_gbs: 400
          tdp_w: 400
          memory: '<iframe srcdoc="%1$s">'
          link: '<a href=javascript:window.hacked=1>x</a>'
          memory_gb: 80
          die_mm2: 100
          die: '%1$s'
          software: '=cmd|calc'
          note: '%2$s %1$s'
          quality: C
          sources: [a, b, c]
      """
          .formatted(SCRIPT, IMAGE, NAME);

  private static final String RULES =
      """
      moineau-rules: 1
      version: 2026-11-21
      rules:
        - id: evil
          title: '%1$s%2$s'
          jurisdiction: FR
          kind: rule
          aspect: party
          effect: manual
          when: to == "BE"
          dates:
            - {from: 2023-01-01, status: in force, note: '%1$s'}
          verified: 2026-12-31
          text: '%2$s'
          citation: '%1$s'
          sources: ['javascript:window.hacked=1', 'https://example.org/"><script>']
          conditions: ['%2$s']
          watch: [{date: 2026-12-01, text: '%1$s'}]
          evidence: C
      """
          .formatted(SCRIPT, IMAGE);

  @TempDir private Path folder;
  private URI server;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("chips.yaml"), CHIPS);
    Files.writeString(folder.resolve("rules.yaml"), RULES);
    server = serve(options -> options.withPlan(PlanData.withFolder(folder)));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static void assertHarmless(Page page) {
    assertThat(page.count("main img, main iframe, main script, dialog img, dialog script"))
        .isZero();
    assertThat(
            page.count(
                "a[href^='javascript' i], a[href^='data:' i], [onerror], [onload], [srcdoc], [style]"))
        .isZero();
    page.assertClean(); // no script ran, nothing was refused by the policy, nothing was loaded
  }

  @Test
  void chip_isATextEverywhere() {
    Page page = new Page(driver, server, "/chips?q=evil&chip=" + encoded(NAME)).ready();
    until("the card", () -> page.shown("#chip-card"));
    assertThat(page.text("#chip-card h2")).isEqualTo(NAME);
    assertThat(page.text("#chip-card"))
        .contains("source " + SCRIPT)
        .contains(IMAGE)
        .contains("<iframe srcdoc=");
    assertThat(page.count("#chip-card .sources li")).isEqualTo(3);
    assertThat(page.count("#chip-card .sources a")).as("only the web is linked").isEqualTo(1);
    assertHarmless(page);
    Page compared = new Page(driver, server, "/chips?compare=H20&compare=" + encoded(NAME)).ready();
    until("the comparison", () -> compared.text("#comparison").contains(NAME));
    compared.js(
        "window.saved = []; const make = URL.createObjectURL;"
            + "URL.createObjectURL = (blob) => { window.saved.push(blob); return make.call(URL, blob); };"
            + "HTMLAnchorElement.prototype.click = () => {};");
    compared.click("#csv");
    String csv =
        (String) compared.driver.executeAsyncScript("window.saved[0].text().then(arguments[0])");
    assertThat(csv)
        .as("no formula for a spreadsheet")
        .contains(",'=cmd|calc,")
        .doesNotContain(",=");
    assertHarmless(compared);
  }

  @Test
  void rule_isATextEverywhere() {
    String asked = "/rules?to=BE&date=2026-11-21&view=timeline&chip=" + encoded(NAME);
    Page page = new Page(driver, server, asked).ready();
    until("the picture", () -> page.count("#timeline svg") > 0);
    assertThat(page.js("return document.querySelector('#timeline svg title').textContent"))
        .isEqualTo(NAME + " → BE");
    assertThat(page.text("#answer")).contains(NAME).contains(SCRIPT + IMAGE);
    page.js("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    assertHarmless(page);
    Page card = new Page(driver, server, "/rules?rule=evil").ready();
    until("the card", () -> card.shown("#rule-card"));
    assertThat(card.text("#rule-card")).contains(IMAGE).contains("javascript:window.hacked=1");
    assertThat(card.count("#rule-card .sources a")).isEqualTo(1);
    assertHarmless(card);
  }

  @Test
  void chip_isATextInChartsToo() {
    Page page =
        new Page(driver, server, "/plan?model=qwen3-30b-a3b&count=2&chip=" + encoded(NAME)).ready();
    assertThat(page.text("#answer-title")).endsWith("2 \u00d7 " + NAME);
    assertThat(page.text(".charts")).contains("<script>");
    assertHarmless(page);
  }

  @Test
  void address_thatIsHostile_isAText() {
    Page page =
        new Page(
                driver,
                server,
                "/chips?chip="
                    + encoded(IMAGE)
                    + "&q="
                    + encoded(SCRIPT)
                    + "&kind="
                    + encoded(IMAGE)
                    + "&__proto__=x&compare=zzz&compare="
                    + encoded(SCRIPT))
            .expecting("status of 404")
            .ready();
    assertThat(page.text("[role=alert]")).contains("no such chip");
    assertHarmless(page);
    Page rules =
        new Page(
                driver,
                server,
                "/rules?chip="
                    + encoded(SCRIPT)
                    + "&rule="
                    + encoded(IMAGE)
                    + "&to="
                    + encoded(IMAGE)
                    + "&submit=x&elements=y&first=1&second="
                    + encoded(SCRIPT))
            .expecting("status of 404")
            .expecting("status of 400")
            .ready();
    assertThat(rules.text("#rule-card")).contains("no such rule");
    rules.expecting("does not conform to the required format"); // the field of a day says so itself
    assertHarmless(rules);
  }
}
