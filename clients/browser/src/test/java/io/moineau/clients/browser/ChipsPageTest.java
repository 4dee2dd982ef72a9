package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** {@code /chips}: what somebody does there who looks for a chip. */
class ChipsPageTest extends BrowserTest {
  /** The names in the table, from above. */
  private static List<String> names(Page page) {
    return texts(
        page.js(
            "return [...document.querySelectorAll('#chips tbody th')].map((e) => e.innerText)"));
  }

  private static List<String> texts(Object list) {
    return ((List<?>) list).stream().map(String::valueOf).toList();
  }

  private static String cell(Page page, String chip, int column) {
    return (String)
        page.js(
            "return [...document.querySelectorAll('#chips tbody tr')]"
                + ".find((row) => row.querySelector('th').innerText === arguments[0])"
                + ".children[arguments[1]].innerText",
            chip,
            column);
  }

  @Test
  void chips_areFiltered_andSorted() {
    Page page = page("/chips");
    assertThat(names(page)).hasSizeGreaterThan(60);
    assertThat(page.text("#count")).contains(names(page).size() + " chips of");
    page.press("/", "ascend 910b");
    until("few are left", () -> names(page).size() == 4);
    assertThat((String) page.js("return location.search")).contains("q=ascend");
    page.js("document.querySelector('[name=q]').value = ''");
    page.js(
        "const s = document.querySelector('[name=country]'); s.value = 'CN';"
            + "s.dispatchEvent(new Event('input', {bubbles: true}))");
    until("Chinese ones", () -> names(page).size() < 60 && names(page).contains("BR100 (OAM)"));
    assertThat(names(page)).doesNotContain("H20 96GB");
    page.click("#chips thead th:nth-child(5) button"); // TPP, the largest first
    assertThat(page.js("return document.querySelector('#chips thead th:nth-child(5)').ariaSort"))
        .isEqualTo("descending");
    List<String> down = names(page);
    assertThat(down.indexOf("Ascend 970")).isLessThan(down.indexOf("BR100 (OAM)"));
    Object order =
        page.js(
            "return [...document.querySelectorAll('#chips tbody tr')]"
                + ".map((row) => row.children[4].innerText)");
    List<String> cells = texts(order);
    int first = cells.indexOf("unknown");
    assertThat(cells.subList(first, cells.size()))
        .as("what is not known stands last")
        .allMatch(text -> text.equals("unknown") || text.equals("not computed"));
    page.click("#chips thead th:nth-child(5) button");
    List<String> up = names(page);
    assertThat(up.indexOf("Ascend 970")).isGreaterThan(up.indexOf("BR100 (OAM)"));
    assertThat(cell(page, "BR106 / 106M (Bili 106)", 4)).as("and still last").isEqualTo("unknown");
    page.reload();
    assertThat(names(page))
        .as("the address has kept the filter")
        .contains("BR100 (OAM)")
        .doesNotContain("H20 96GB");
    page.assertClean();
  }

  @Test
  void card_tellsRangesQualityAndSources_andHasAnAddress() {
    Page page = page("/chips?chip=h20");
    until("the card", () -> page.shown("#chip-card"));
    assertThat(page.text("#chip-card h2")).isEqualTo("H20 96GB");
    assertThat(page.text("[data-figure=tdp_w]")).contains("400 (400\u2013550) W");
    assertThat(page.text("[data-figure=tpp]")).contains("2,368").contains("fp8 296 x 8 bit");
    assertThat(page.count("#chip-card .sources a[href^=https]")).isPositive();
    page.press(Keys.ESCAPE);
    until("no card", () -> !page.shown("#chip-card"));
    until("no address", () -> page.yes("location.search === ''"));
    page.click("#chips tbody th a");
    until("a card", () -> page.shown("#chip-card"));
    assertThat((String) page.js("return location.search")).startsWith("?chip=");
    page.js("history.back()");
    until("the way back closes it", () -> !page.shown("#chip-card"));
    Page range = new Page(driver, serve(), "/chips?chip=MLU590").ready();
    until("the card", () -> range.shown("#chip-card"));
    assertThat(range.text("[data-figure=bf16]")).contains("256\u2013345 T/s").contains("derived");
    assertThat(range.text("#chip-card")).contains("Unknown: ").contains("FP8");
    range.assertClean();
  }

  @Test
  void unknownChip_isToldWithTheNearest() {
    Page page = page("/chips?chip=H2O").expecting("status of 404");
    assertThat(page.text("[role=alert]")).contains("'H2O'").contains("H20 96GB");
    assertThat(names(page)).as("the others are there").hasSizeGreaterThan(60);
    page.assertClean();
  }

  @Test
  void comparison_showsBars_andIsSaved() {
    Page page = page("/chips?compare=H20&compare=910C&compare=MLU590");
    until("the comparison", () -> page.shown("#comparison"));
    assertThat(page.count("#comparison thead th")).isEqualTo(3);
    assertThat(page.text("#comparison [data-figure=fp8]")).contains("296").contains("unknown");
    Object bars =
        page.js(
            "return [...document.querySelectorAll('#comparison [data-figure=memory_gbs] .bar')]"
                + ".map((bar) => [...bar.children].map((r) => Math.round(r.getAttribute('width'))).join('+'))");
    assertThat(texts(bars))
        .as("parts of the largest: sure and unsure")
        .isEqualTo(List.of("100+0", "45+35", "30+39"));
    page.js(
        "window.saved = []; const make = URL.createObjectURL;"
            + "URL.createObjectURL = (blob) => { window.saved.push(blob); return make.call(URL, blob); };"
            + "HTMLAnchorElement.prototype.click = () => {};");
    page.click("#csv");
    page.click("#json");
    String csv =
        (String) page.driver.executeAsyncScript("window.saved[0].text().then(arguments[0])");
    assertThat(csv.lines().count()).isEqualTo(4);
    assertThat(csv)
        .startsWith("name,vendor,country,")
        .contains("\"Ascend 910C (package, 2 dies)\",Huawei");
    assertThat(
            page.driver.executeAsyncScript(
                "window.saved[1].text().then((t) => arguments[0](JSON.parse(t).chips.length))"))
        .isEqualTo(3L);
    page.click("#comparison thead th button");
    until("two are left", () -> page.count("#comparison thead th") == 2);
    page.click("#end-comparison");
    until("none", () -> !page.shown("#comparison"));
    assertThat(page.focused()).isEqualTo("compare");
    page.assertClean();
  }

  @Test
  void keyboard_alone_isEnough() {
    Page page = page("/chips");
    page.press(Keys.TAB);
    assertThat(page.text(":focus")).contains("To the content");
    page.press(Keys.ENTER, "/", "H100");
    until("some", () -> names(page).contains("H100 SXM") && names(page).size() < 10);
    for (int i = 0; i < 40 && !page.yes("document.activeElement.type === 'checkbox'"); i++) {
      page.press(Keys.TAB);
    }
    page.press(Keys.SPACE);
    page.press(Keys.TAB, Keys.TAB, Keys.SPACE);
    until("two are chosen", () -> page.text("#compare").contains("(2)"));
    for (int i = 0; i < 40 && !page.focused().equals("compare"); i++) {
      page.press(Keys.chord(Keys.SHIFT, Keys.TAB));
    }
    page.press(Keys.ENTER);
    until("the comparison", () -> page.shown("#comparison"));
    assertThat(page.focused()).isEqualTo("comparison-title");
    page.press("?");
    until("help", () -> page.shown("#help-dialog"));
    page.press(Keys.ESCAPE);
    until("no help", () -> !page.shown("#help-dialog"));
    page.assertClean();
  }
}
