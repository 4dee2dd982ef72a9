package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.ANSWER;
import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the model is doing, as the page shows it. */
class MapTest extends BrowserTest {
  @Test
  void map_lightsUpWhileAnAnswerIsMade_andTheAnswerTellsItsExperts() {
    Page page = page();
    if (!page.shown("#panel")) {
      page.click("#panel-toggle");
    }
    page.click("#tab-activity");
    until("the map", () -> page.shown("canvas#map"));
    String before = picture(page);
    page.ask("Tell me a story about a sparrow.");
    until("the map changes", () -> !picture(page).equals(before));
    page.ended();
    until("the table", () -> page.count("#most-used tbody tr") > 3);
    // The figures are those of the server.
    Object told =
        page.driver.executeAsyncScript(
            "const done = arguments[0];"
                + "fetch('/moineau/model').then((r) => r.json()).then(done)");
    Map<?, ?> card = (Map<?, ?>) told;
    assertThat(card.get("experts")).isEqualTo(16L);
    List<?> layers = (List<?>) card.get("moe_layers");
    List<?> shown =
        (List<?>)
            page.js(
                "return [...document.querySelectorAll('#most-used tbody tr td:first-child')]"
                    + ".map((e) => Number(e.textContent))");
    assertThat(layers).containsAll((List) shown);
    page.element(ANSWER + " details summary");
    page.js("document.querySelector('" + ANSWER + " details').open = true");
    assertThat(page.text(ANSWER + " details")).contains("expert");
    page.assertClean();
  }

  private static String picture(Page page) {
    return (String) page.js("return document.querySelector('canvas#map').toDataURL()");
  }

  @Test
  void figures_showTheWork_andTheModelIsNamed() {
    Page page = page();
    if (!page.shown("#panel")) {
      page.click("#panel-toggle");
    }
    page.click("#tab-activity");
    page.answerTo("Tell me a story about the sea.");
    until("a speed was seen or memory is told", () -> page.text("#panel").contains("MiB"));
    page.click("#tab-model");
    until("the card", () -> page.text("#panel").contains("2 of 16"));
    assertThat(page.text("#model-name")).isNotBlank();
    page.assertClean();
  }
}
