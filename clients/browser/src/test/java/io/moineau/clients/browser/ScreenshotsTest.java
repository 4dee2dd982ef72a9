package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.until;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.OutputType;

/**
 * Makes the pictures of the README anew: {@code -Dmoineau.screenshots=true}. The answer with a
 * formula and code is written here, since the built-in model only tells stories; the map is of real
 * answers.
 */
@EnabledIfSystemProperty(
    named = "moineau.screenshots",
    matches = "true",
    disabledReason = "the pictures of the README are made anew with -Dmoineau.screenshots=true")
class ScreenshotsTest extends BrowserTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("moineau.root", "../.."), "docs", "images");

  private static final String ROUTER =
      """
      A router is a small matrix. It scores every expert for a token, and only the best few are computed:

      $$y = \\sum_{i \\in \\mathrm{top}_k} g_i \\, E_i(x), \\qquad g = \\mathrm{softmax}(W x)$$

      In Java, with eight experts of which two are used:

      ```java
      int[] best = topK(router.scores(token), 2);
      for (int expert : best) {
        output.add(experts[expert].apply(token), weight(expert));
      }
      ```

      | model | experts | per token |
      | --- | ---: | ---: |
      | Mixtral 8x7B | 8 | 2 |
      | Qwen3-30B-A3B | 128 | 8 |
      | DeepSeek V3 | 256 | 8 |

      So a model of 671 billion weights computes with 37 billion of them for each token.
      """;

  private void save(Page page, String name) throws IOException {
    page.js("document.activeElement.blur()");
    page.js("return document.fonts.ready.then(() => true)");
    Files.createDirectories(FOLDER);
    Files.write(FOLDER.resolve(name + ".png"), page.driver.getScreenshotAs(OutputType.BYTES));
  }

  private Page story(boolean dark, int width, int height, boolean phone) {
    Scripts scripts = scripts();
    Page page = new Page(driver, scripts.uri());
    page.dark(dark);
    page.size(width, height, phone);
    page.reload();
    page.answerTo("Tell me a short story about a sparrow.");
    List<Map<String, Object>> parts = new ArrayList<>();
    parts.add(Map.of("reasoning_content", "Explain the router, then show code and figures."));
    for (String word : ROUTER.split("(?<= )")) {
      parts.add(Map.of("content", word));
    }
    scripts.on(Scripts.CHAT, scripts.stream(5, parts, "stop"));
    page.answerTo("How does a mixture of experts choose its experts?");
    until("the formula", () -> page.count(".katex") > 0);
    until("colours", () -> page.count("figure.code span[class^=hljs]") > 0);
    return page;
  }

  @Test
  void light() throws IOException {
    save(story(false, 1360, 850, false), "page-light");
  }

  @Test
  void dark() throws IOException {
    save(story(true, 1360, 850, false), "page-dark");
  }

  @Test
  void phone() throws IOException {
    save(story(false, 390, 844, true), "page-phone");
  }

  @Test
  void map() throws IOException {
    Page page = page();
    page.size(1360, 850, false);
    page.reload();
    page.answerTo("Tell me a story about a fox and a sparrow.");
    page.click(".message:last-child details summary");
    page.ask("Tell me a story about a snowy hill.");
    until("it is under way", () -> page.lastAnswer().length() > 40);
    save(page, "page-map");
  }
}
