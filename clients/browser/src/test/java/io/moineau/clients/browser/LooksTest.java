package io.moineau.clients.browser;

import static io.moineau.clients.browser.Axe.assertAccessible;
import static io.moineau.clients.browser.Page.ANSWER;
import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The page on a phone, in the dark, in French, without a mouse, and to a screen reader. */
class LooksTest extends BrowserTest {
  private static final String RICH =
      """
      ## A heading

      Words, `code`, **bold** and a [link](https://example.org/a).

      | a | b |
      | --- | --- |
      | 1 | 2 |

      ```python
      def f(x):
          return "a line that is far too long for a narrow screen, and must not make it wider" + x
      ```

      1. one
      2. two

      > quoted

      Averylongwordthatdoesnotfitanywhere%s

      $$\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2} \\qquad \\int_0^\\infty e^{-x^2} dx = \\frac{\\sqrt{\\pi}}{2}$$
      """
          .formatted("andgoeson".repeat(30));

  private Page rich() {
    Scripts scripts = scripts();
    scripts.on(
        Scripts.CHAT,
        scripts.stream(
            1,
            List.of(
                Map.of("reasoning_content", "Some thoughts."),
                Map.of("content", RICH.substring(0, 100)),
                Map.of("content", RICH.substring(100))),
            "stop"));
    return page(scripts);
  }

  private static void show(Page page) {
    page.answerTo("Show everything that you have.");
    until("the formula", () -> page.count(".katex") > 0);
  }

  @Test
  void phone_nothingIsWiderThanTheScreen() {
    Page page = rich();
    page.size(360, 740, true);
    page.reload();
    page.assertNoSidewaysScroll();
    show(page);
    page.assertNoSidewaysScroll();
    assertThat(page.shown("#prompt")).isTrue();
    // The list and the panel lie over the page, and go again.
    page.click("#list-toggle");
    until("the list", () -> page.shown("#new-chat"));
    page.assertNoSidewaysScroll();
    page.press(Keys.ESCAPE);
    until("the list is gone", () -> !page.yes("document.body.classList.contains('list-open')"));
    page.click("#panel-toggle");
    until("the panel", () -> page.shown("#panel"));
    for (String tab : List.of("#tab-settings", "#tab-model", "#tab-activity")) {
      page.click(tab);
      page.assertNoSidewaysScroll();
      assertThat(
              (Boolean)
                  page.js(
                      "const p = document.querySelector('#panel');"
                          + "return p.scrollWidth <= p.clientWidth + 1"))
          .as(tab)
          .isTrue();
    }
    page.click("#panel .close-panel");
    until("the panel is gone", () -> !page.shown("#panel"));
    // What is touched is large enough for a finger.
    Object small =
        page.js(
            "return [...document.querySelectorAll('#send, #list-toggle, #panel-toggle')]"
                + ".map((e) => [e.id, e.getBoundingClientRect()])"
                + ".filter(([, r]) => r.width < 32 || r.height < 32).map(([id]) => id)");
    assertThat((List<?>) small).as("too small for a finger").isEmpty();
    page.assertClean();
  }

  @Test
  void dark_followsTheSystem_untilOneIsChosen() {
    Page page = rich();
    page.dark(false);
    String light = background(page);
    page.dark(true);
    until("it is dark", () -> !background(page).equals(light));
    String dark = background(page);
    assertThat(brightness(light)).isGreaterThan(200);
    assertThat(brightness(dark)).isLessThan(60);
    page.click("#theme");
    until("light was chosen", () -> background(page).equals(light));
    page.reload();
    assertThat(background(page)).as("what was chosen is kept").isEqualTo(light);
    page.assertClean();
  }

  private static String background(Page page) {
    return (String) page.js("return getComputedStyle(document.body).backgroundColor");
  }

  /** Of {@code rgb(r, g, b)}, 0 to 255. */
  private static double brightness(String colour) {
    String[] parts = colour.replaceAll("[^0-9,.]", "").split(",");
    return (Double.parseDouble(parts[0])
            + Double.parseDouble(parts[1])
            + Double.parseDouble(parts[2]))
        / 3;
  }

  @Test
  void french_isSpokenEverywhere_andKept() {
    Page page = page();
    assertThat(page.js("return document.documentElement.lang")).isEqualTo("en");
    page.click("#language");
    until("French", () -> "fr".equals(page.js("return document.documentElement.lang")));
    assertThat(page.text("#new-chat")).contains("Nouvelle conversation");
    page.answerTo("Bonjour !");
    page.reload();
    assertThat(page.js("return document.documentElement.lang")).isEqualTo("fr");
    // No name of a text stands where a text should be.
    Object raw =
        page.js(
            "return [...document.querySelectorAll('[data-t], [aria-label], [placeholder], [title]')]"
                + ".flatMap((e) => [e.dataset.t && e.textContent, e.ariaLabel, e.placeholder, e.title])"
                + ".filter((text) => text && /^[a-z]+(\\.[a-z_]+)+$/i.test(text))");
    assertThat((List<?>) raw).isEmpty();
    page.assertClean();
  }

  @Test
  void keyboard_alone_isEnough() {
    Page page = page();
    until("the field has the focus", () -> page.focused().equals("prompt"));
    page.press("Tell me a story.", Keys.chord(Keys.SHIFT, Keys.ENTER), "A short one.");
    assertThat(page.count(".message")).as("Shift and Enter make a line").isZero();
    page.press(Keys.ENTER);
    until("an answer", () -> page.count(ANSWER) == 1);
    page.ended();
    until("the focus is back", () -> page.focused().equals("prompt"));
    assertThat(page.text(Page.QUESTION + " .body")).isEqualTo("Tell me a story.\nA short one.");
    page.press(Keys.chord(Keys.CONTROL, "k"));
    until("the search", () -> page.focused().equals("search"));
    page.press(Keys.ARROW_DOWN);
    until("the first conversation", () -> page.focused().equals("open"));
    page.press(Keys.DELETE);
    until("it is gone", () -> page.count("#conversations li[data-id]") == 0);
    tabTo(page, "undo");
    page.press(Keys.ENTER);
    until("it is back", () -> page.count("#conversations li[data-id]") == 1);
    page.press(Keys.chord(Keys.CONTROL, Keys.SHIFT, "o"));
    until("a new conversation", () -> page.count(".message") == 0);
    boolean open = page.shown("#panel");
    page.press(Keys.chord(Keys.CONTROL, "."));
    until("the panel changes", () -> page.shown("#panel") != open);
    tabTo(page, "help");
    page.press(Keys.ENTER);
    until("the help", () -> page.shown("#help-dialog"));
    page.press(Keys.ESCAPE);
    until("no help", () -> !page.shown("#help-dialog"));
    assertThat(page.focused()).as("the focus is where it was").isEqualTo("help");
    page.assertClean();
  }

  private static void tabTo(Page page, String focused) {
    for (int i = 0; i < 60; i++) {
      if (page.focused().equals(focused)) {
        return;
      }
      page.press(Keys.TAB);
    }
    throw new AssertionError("the key Tab does not come to " + focused);
  }

  @Test
  void screenReader_findsNothingSeriousAmiss() throws IOException {
    Page page = rich();
    Axe.load(page);
    assertAccessible(page, "empty");
    show(page);
    assertAccessible(page, "an answer");
    page.dark(true);
    assertAccessible(page, "in the dark");
    page.dark(false);
    if (!page.shown("#panel")) {
      page.click("#panel-toggle");
    }
    for (String tab : List.of("#tab-settings", "#tab-model", "#tab-activity")) {
      page.click(tab);
      assertAccessible(page, tab);
    }
    page.click("#help");
    until("the help", () -> page.shown("#help-dialog"));
    assertAccessible(page, "help");
    page.press(Keys.ESCAPE);
    page.size(360, 740, true);
    assertAccessible(page, "narrow");
    page.assertClean();
  }
}
