package io.moineau.clients.browser;

import static io.moineau.clients.browser.Page.ANSWER;
import static io.moineau.clients.browser.Page.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a model, a user or another client of the same key may write to take over the page. Each
 * tries to set {@code window.hacked}; none may, nothing may be loaded from elsewhere, and the
 * console tells of no script that was blocked: so the policy of the page is the second wall and not
 * the first.
 */
class HostileContentTest extends BrowserTest {
  private static final List<String> MARKUP =
      List.of(
          "<script>window.hacked = 1</script>",
          "<img src=x onerror=\"window.hacked = 1\">",
          "<img src='http://evil.test/pixel.png' alt='a picture'>",
          "![a picture](http://evil.test/pixel.png)",
          "![x](javascript:window.hacked=1)",
          "<svg onload=\"window.hacked = 1\"><script>window.hacked = 1</script></svg>",
          "<svg><animate onbegin=\"window.hacked = 1\" attributeName=x dur=1s></svg>",
          "<math><mtext><table><mglyph><style><img src=x onerror=\"window.hacked = 1\"></style>"
              + "</mglyph></table></mtext></math>",
          "[a link](javascript:window.hacked=1)",
          "[a link](JaVaScRiPt&colon;window.hacked=1)",
          "[a link](&#106;avascript:window.hacked=1)",
          "<a href=\"java\nscript:window.hacked=1\">a link</a>",
          "[a link](data:text/html,<script>window.hacked=1</script>)",
          "[a link](vbscript:window.hacked=1)",
          "<javascript:window.hacked=1>",
          "<iframe src=\"javascript:window.hacked=1\"></iframe>",
          "<iframe srcdoc=\"<script>parent.hacked=1</script>\"></iframe>",
          "<object data=\"javascript:window.hacked=1\"></object><embed src=\"//evil.test/x\">",
          "<form action=\"javascript:window.hacked=1\"><button>send</button></form>",
          "<input autofocus onfocus=\"window.hacked = 1\">",
          "<details open ontoggle=\"window.hacked = 1\"><summary>more</summary></details>",
          "<video><source onerror=\"window.hacked = 1\"></video>",
          "<style>@import 'http://evil.test/x.css'; #composer { display: none }</style>",
          "<div style=\"position:fixed;inset:0;background:url(http://evil.test/x)\">over all</div>",
          "<link rel=stylesheet href=http://evil.test/x.css>",
          "<meta http-equiv=refresh content=\"0;url=http://evil.test\">",
          "<base href=\"http://evil.test/\">",
          "<a id=prompt name=prompt href=x>clobber</a><form id=app><input name=innerHTML></form>",
          "<template><script>window.hacked = 1</script></template>",
          "<noscript><p title=\"</noscript><img src=x onerror=window.hacked=1>\"></noscript>",
          "```\"><img src=x onerror=window.hacked=1>\n</pre><img src=x onerror=window.hacked=1>\n```",
          "```html\n<img src=x onerror=window.hacked=1><script>window.hacked=1</script>\n```",
          "`<img src=x onerror=window.hacked=1>`",
          "$$\\href{javascript:window.hacked=1}{x} \\htmlData{a=b}{y}$$",
          "$\\includegraphics{http://evil.test/x.png}$ $\\url{javascript:window.hacked=1}$",
          "| <img src=x onerror=window.hacked=1> | b |\n| --- | --- |\n| [x](javascript:a) | y |",
          "&lt;img src=x onerror=window.hacked=1&gt;",
          "<scr<script>ipt>window.hacked = 1</scr</script>ipt>",
          "\u202egnp.exe\u202c \u0000 \ufffd \ud83d");

  private static final String LURE = "Click here to go on";

  @Test
  void answers_ofEveryKind_runNothingAndLoadNothing() {
    Scripts scripts = scripts();
    // DOMPurify reads markup in a document of its own, where the policy blocks styles and bases
    // too.
    Page page =
        page(scripts)
            .expecting("Applying inline style violates")
            .expecting("Setting the document's base URI to");
    for (String hostile : MARKUP) {
      // In one piece, and as it is streamed: half a tag is a tag that is not closed.
      int middle = hostile.length() / 2;
      scripts.says(
          1, "Before.\n\n", hostile.substring(0, middle), hostile.substring(middle), "\n\nAfter.");
      String shown = page.answerTo("Go on.");
      assertThat(shown).as(hostile).startsWith("Before.").endsWith("After.");
      assertThat(page.yes("window.hacked")).as(hostile).isFalse();
    }
    assertInert(page);
    page.reload(); // the same from what was kept, drawn at once
    until("all answers", () -> page.count(ANSWER) == MARKUP.size());
    assertInert(page);
    page.js("document.querySelectorAll('.body a').forEach((a) => { a.target = ''; a.click(); })");
    assertThat(page.yes("window.hacked")).isFalse();
  }

  private static void assertInert(Page page) {
    Object odd =
        page.js(
            "return [...document.querySelectorAll('.message *')].filter((e) =>"
                + " /^(script|iframe|object|embed|form|input|style|link|meta|base|img|svg|video|audio"
                + "|source|template)$/i.test(e.localName) && !e.closest('button, .katex, .foot')"
                + " || [...e.attributes].some((a) => /^on/i.test(a.name)"
                + "   || /^\\s*(javascript|data|vbscript):/i.test(a.value))).map((e) => e.outerHTML)");
    assertThat((List<?>) odd).isEmpty();
    assertThat(page.shown("#composer")).as("the page itself is whole").isTrue();
    assertThat(page.yes("document.getElementById('prompt') instanceof HTMLTextAreaElement"))
        .isTrue();
    Object links =
        page.js(
            "return [...document.querySelectorAll('.body a')].filter((a) =>"
                + " !/^(https?|mailto):/.test(a.href) || a.target !== '_blank'"
                + " || !/noopener/.test(a.rel) || !/noreferrer/.test(a.rel)).map((a) => a.outerHTML)");
    assertThat((List<?>) links).as("links that lead elsewhere than they may").isEmpty();
    page.assertClean();
  }

  @Test
  void questionsTitlesAndNames_areText() {
    String hostile = "<img src=x onerror=\"window.hacked=1\"><b>bold</b> [x](javascript:alert(1))";
    Scripts scripts = scripts().says(0, "Fine.");
    Page page = page(scripts);
    page.answerTo(hostile);
    assertThat(page.text(Page.QUESTION + " .body")).isEqualTo(hostile);
    assertThat(page.text("#conversations .conversation-title")).startsWith("<img src=x");
    assertThat(page.text("#conversation-heading")).startsWith("<img src=x");
    assertThat(page.driver.getTitle()).startsWith("<img src=x");
    page.hoverAndClick("#conversations li[data-id]", "#conversations li[data-id] .rename");
    page.press("</title><script>window.hacked=1</script>", org.openqa.selenium.Keys.ENTER);
    until("the new title", () -> page.text("#conversation-heading").startsWith("</title>"));
    page.reload();
    assertThat(page.text("#conversation-heading")).startsWith("</title>");
    assertThat(page.count(".message img, .message b, #sidebar img, header img")).isZero();
    page.assertClean();
  }

  @Test
  void toolsReasoningAndErrors_areText() {
    String hostile = "<img src=x onerror=\"window.hacked=1\">";
    Scripts scripts = scripts();
    scripts.on(
        Scripts.CHAT,
        scripts.stream(
            1,
            List.of(
                Map.of("reasoning_content", hostile),
                Map.of(
                    "tool_calls",
                    List.of(
                        Map.of(
                            "index",
                            0,
                            "id",
                            hostile,
                            "function",
                            Map.of("name", hostile, "arguments", "{\"a\":\"" + hostile))))),
            "tool_calls"));
    Page page = page(scripts).expecting("status of 400");
    page.ask("Use a tool.");
    page.element("details.tool-call");
    page.ended();
    page.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
    assertThat(page.count("details.reasoning")).isEqualTo(1); // Markdown, as answers are
    assertThat(page.text("details.tool-call")).contains(hostile);
    Map<String, Object> error = Map.of("message", "no: " + hostile, "code", hostile);
    scripts.on(Scripts.CHAT, Scripts.json(400, Map.of("error", error)));
    assertInert(page);
    page.click("#new-chat");
    page.ask("Again.");
    page.element(".problem");
    assertThat(page.text(".problem")).contains("no: " + hostile);
    page.assertClean();
  }

  /**
   * What would stop a careless page: each is shown, and the page answers to a key within seconds.
   */
  static List<String> monsters() {
    StringBuilder table =
        new StringBuilder("| a | b | c | d | e | f |\n|---|---|---|---|---|---|\n");
    for (int i = 0; i < 2000; i++) {
      table.append("| ").append(i).append(" | b | c | d | e | f |\n");
    }
    return List.of(
        table.toString(),
        "| " + "wide | ".repeat(400) + "\n|" + "---|".repeat(400) + "\n| " + "cell | ".repeat(400),
        "> ".repeat(3000) + "deep",
        "- ".repeat(2000) + "deep",
        "*".repeat(20_000),
        "[".repeat(10_000) + "](".repeat(10_000),
        "`".repeat(5000) + "x",
        "<div>".repeat(5000) + "deep",
        "```java\n" + "int x = 1; // comment\n".repeat(3000) + "```",
        "$$" + "\\frac{1}{".repeat(300) + "x" + "}".repeat(300) + "$$",
        "x".repeat(200_000));
  }

  @ParameterizedTest
  @MethodSource("monsters")
  void hugeAnswers_leaveThePageUsable(String monster) {
    Scripts scripts = scripts();
    String[] pieces = new String[21];
    int size = monster.length() / 20;
    for (int i = 0; i < 20; i++) {
      pieces[i] = monster.substring(i * size, (i + 1) * size);
    }
    pieces[20] = monster.substring(20 * size) + "\n\n" + LURE;
    scripts.says(1, pieces);
    Page page = page(scripts);
    page.ask("Go on.");
    until("an answer", () -> page.count(ANSWER) == 1);
    page.ended();
    page.type("#prompt", "still here");
    assertThat(page.yes("document.getElementById('prompt').value === 'still here'")).isTrue();
    assertThat((String) page.js("return document.querySelector('.message:last-child').textContent"))
        .contains(LURE);
    page.assertNoSidewaysScroll();
    page.assertClean();
  }
}
