package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** {@code /plan}: what somebody does there who must know whether a model runs on some chips. */
class PlanPageTest extends BrowserTest {
  @Test
  void question_isAnsweredWithCharts_keptAndCompared() {
    Page page = page("/plan?model=deepseek-r1&chip=h20&count=16&input=4096&output=1024&tpot=0.05");
    assertThat(page.text("#answer-title")).isEqualTo("DeepSeek-R1 on 16 \u00d7 H20 96GB");
    assertThat(page.text(".strictest")).startsWith("Yes: ").contains("output tokens/s in all");
    assertThat(page.text("#answer .facts")).contains("GB on each chip").contains("J");
    assertThat(page.count(".charts figure svg")).isEqualTo(4);
    assertThat(page.text("#nearest")).contains("H20");
    page.click("#keep");
    page.js("document.querySelector('[name=chip]').value = 'H200'");
    page.js("document.querySelector('[name=count]').value = '8'");
    page.click("#estimate");
    until("another answer", () -> page.text("#answer-title").contains("8 \u00d7 H200"));
    assertThat((String) page.js("return location.search")).contains("chip=H200");
    page.click("#keep");
    until("two", () -> page.count("#kept tbody tr") == 2);
    page.click("#kept thead th:nth-child(6) button"); // the fastest chip first
    assertThat(
            (List<?>)
                page.js(
                    "return [...document.querySelectorAll('#kept tbody td:nth-child(2)')]"
                        + ".map((e) => e.innerText)"))
        .hasToString("[H200 SXM, H20 96GB]");
    page.assertClean();
  }

  @Test
  void form_byKeysAlone_andItsMistakes() {
    Page page = page("/plan").expecting("status of 404").expecting("status of 400");
    page.press("/", "gpt-9", Keys.TAB, "h20", Keys.ENTER);
    until("what is wrong", () -> page.text("#answer").contains("no model has this name"));
    page.js("document.querySelector('[name=model]').value = 'deepseek-r1'");
    page.js("document.querySelector('[name=count]').value = 'many'");
    page.click("#estimate");
    until("what a number is", () -> page.text("#answer").contains("count is a string"));
    page.js("document.querySelector('[name=count]').value = '1'");
    page.click("#estimate");
    until("too few", () -> page.text(".strictest").contains("does not fit"));
    assertThat(page.count("#answer .reasons li")).isPositive();
    page.assertClean();
  }
}
