package io.moineau.clients.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The parts of the page that compute, called one by one: prices, trees, marks, heat, sentences. */
class ModulesTest extends BrowserTest {
  /** Runs a body of an async function to which {@code load} gives modules of the page by name. */
  private static Object run(Page page, String body) {
    page.driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
    Object result =
        page.driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            const app = document.querySelector("script[type=module]").src;
            const load = (name) => import(new URL(name, app).href);
            (async () => {
            """
                + body
                + "})().then(done, (e) => done('failed: ' + e.stack));");
    assertThat(String.valueOf(result)).doesNotStartWith("failed: ");
    return result;
  }

  @Test
  void computing() {
    Page page = page();
    prices(page);
    marks(page);
    trees(page);
    heatAndSentences(page);
    wire(page);
    growing(page);
  }

  private static void prices(Page page) {
    List<String> prices =
        List.of(
            "$5 and $10",
            "$5, $6",
            "$ x $",
            "$5 for a show of $50.",
            "$10k and $20k",
            "$3 million in $US",
            "$$",
            "$x",
            "$HOME and $PATH",
            "$20 - $30 dollars");
    List<String> formulas =
        List.of("$x$", "$x+1$ b", "$5$", "$2x$", "$n \\$ m$", "$5 = x$ y", "$\\alpha$,", "\\(a\\)");
    page.js("window.texts = arguments[0]", prices);
    assertThat(run(page, "return texts.filter((await load('math.js')).inlineFormula)"))
        .isEqualTo(List.of());
    page.js("window.texts = arguments[0]", formulas);
    assertThat(run(page, "return texts.filter((await load('math.js')).inlineFormula)"))
        .isEqualTo(formulas);
    assertThat(
            run(
                page,
                """
                const { blockFormula, nesting } = await load("math.js");
                return [
                  blockFormula("$$\\na\\n$$\\nb").raw,
                  String(blockFormula("$$\\na").open),
                  String(blockFormula("$$\\na\\n\\nb")),
                  String(blockFormula("$$a$$ and text")),
                  String(nesting("\\\\frac{1}{{x}} \\\\{ \\\\leftarrow")),
                  String(nesting("\\\\left( \\\\begin{a} x \\\\end{a} \\\\right) {}")),
                ];
                """))
        .isEqualTo(List.of("$$\na\n$$\n", "true", "null", "null", "2", "3"));
  }

  private static void marks(Page page) {
    Object closed =
        run(
            page,
            """
            const { closeMarks, openFence } = await load("marks.js");
            return [
              ...["a **b", "a **b**", "a *", "a `b", "x [y](http://z", "- a **b c", "2 ** 3", "~~a", "a_b"]
                .map(closeMarks),
              ...["```js\\na\\n", "```js\\na\\n```", "~~~~\\na\\n~~~", "    a"].map((one) => String(openFence(one))),
            ];
            """);
    assertThat(closed)
        .isEqualTo(
            List.of(
                "a **b**",
                "a **b**",
                "a ",
                "a `b`",
                "x y",
                "- a **b c**",
                "2 ** 3",
                "~~a~~",
                "a_b",
                "```",
                "null",
                "~~~~",
                "null"));
  }

  private static void trees(Page page) {
    Object told =
        run(
            page,
            """
            const tree = await load("tree.js");
            const texts = (one) => tree.path(one).map((node) => node.content).join("|");
            const one = tree.newConversation({ system: "S" });
            const asked = tree.add(one, "", { role: "user", content: "hi\\nthere" });
            const first = tree.add(one, asked.id, { role: "assistant", content: "A1" });
            const second = tree.add(one, asked.id, { role: "assistant", content: "A2" });
            const told = [one.title, texts(one)];
            tree.step(one, second, -1);
            told.push(texts(one), texts(tree.cleaned(JSON.parse(JSON.stringify(one)))));
            told.push(tree.messagesFor(one, first.id).map((m) => m.role + ":" + m.content).join("|"));
            // What comes from a file may be anything: a circle would be a path without an end.
            const circle = { nodes: { a: { id: "a", parent: "b", role: "user", content: "x" },
                                      b: { id: "b", parent: "a", role: "user", content: "y" } } };
            told.push(String(Object.keys(tree.cleaned(circle).nodes).length), String(tree.cleaned(null)));
            told.push(String(Object.keys(tree.cleaned({ nodes: { x: { id: "x", role: "evil" } } }).nodes).length));
            return told;
            """);
    assertThat(told)
        .isEqualTo(
            List.of(
                "hi",
                "hi\nthere|A2",
                "hi\nthere|A1",
                "hi\nthere|A1",
                "system:S|user:hi\nthere|assistant:A1",
                "0",
                "null",
                "0"));
  }

  private static void heatAndSentences(Page page) {
    Object told =
        run(
            page,
            """
            const { Heat } = await load("heat.js");
            const { Sentences, spoken } = await load("announce.js");
            const heat = new Heat([3, 4], 4);
            heat.add([[3, 0, 10], [3, 1, 5], [4, 3, 1], [9, 0, 4], [3, 77, 2]]);
            const told = [heat.glow[0] === 1, heat.glow[1] < 1 && heat.glow[1] > 0, heat.glow[2] === 0];
            told.push(heat.share(0, 2) === 1, heat.share(1, 1) === 1 / 3, heat.level(2) === 0);
            for (let i = 0; i < 100; i++) {
              heat.fade(0.1, 0.5);
            }
            told.push([...heat.glow].every((value) => value === 0), heat.top(1)[0].expert === 0);
            const sentences = new Sentences();
            told.push(sentences.take("Hello **you**. How") === "Hello you.");
            told.push(sentences.take("Hello **you**. How are") === "", sentences.end("Hello **you**. How are") === "How are");
            told.push(spoken("# A\\n- [b](http://c) `d`") === "A b d");
            return told.map(String).join(" ");
            """);
    assertThat((String) told).doesNotContain("false");
  }

  private static void wire(Page page) {
    Object told =
        run(
            page,
            """
            const { dataOf, waitOf } = await load("api.js");
            const { safeAddress } = await load("links.js");
            return [
              dataOf(": still here"), dataOf("event: x\\ndata: a\\ndata:b"),
              String(waitOf("7")), String(waitOf(null)), String(waitOf("Thu, 01 Jan 1970 00:00:09 GMT", 2000)),
              String(safeAddress("javascript:alert(1)")), String(safeAddress("/v1/models")),
              String(safeAddress("java\\nscript:alert(1)")), String(safeAddress("data:text/html,x")),
              String(safeAddress("https://a.example/b")), String(safeAddress("mailto:a@b.example")),
            ];
            """);
    assertThat(told)
        .isEqualTo(
            List.of(
                "",
                "a\nb",
                "7",
                "0",
                "7",
                "null",
                "null",
                "null",
                "null",
                "https://a.example/b",
                "mailto:a@b.example"));
  }

  /** An answer that came in pieces of any size looks like one that came at once. */
  private static void growing(Page page) {
    page.js(
        "window.texts = arguments[0]",
        List.of(
            "a\r\nb\r\n\r\n```js\r\nlet x=1;\r\n```\r\n- x\r\n- y\r\n",
            "[a][1] and [b]\n\n* one\n\n  two\n* three\n\n[1]: https://a.example\n[b]: https://b.example\n",
            "Title\n===\n\ntext\n---\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\nafter\n\n    indented\n    code\n\n"
                + "1. a\n2. b\n\n   c\n\n> q\nlazy\n\n~~~\n```\n~~~\n~~x~~ **b** `c` $x$ $$y$$\n\n\\[\nz\n\\]\nend",
            "# H\n\n```python\nprint(1)\n\n\nprint(2)\n```\n```\nno language\n",
            "<b>x</b> <img src=x alt=y> [l](javascript:x)\n\n<details><summary>s</summary>in</details>\n\n> > deep\n"));
    Object different =
        run(
            page,
            """
            const { Writer } = await load("writer.js");
            const { renderAll } = await load("markdown.js");
            const shape = (node) => {
              if (node.nodeType === Node.TEXT_NODE) {
                return node.data;
              }
              if (node.dataset.tex !== undefined) {
                return `[${node.dataset.tex}]`;
              }
              if (node.matches("figure.code")) {
                return `{${node.dataset.language}:${node.querySelector("code").textContent}}`;
              }
              return `<${node.tagName} ${node.href ?? ""}>${[...node.childNodes].map(shape).join("")}</>`;
            };
            const all = (element) => [...element.childNodes].map(shape).join("");
            const different = [];
            for (const text of texts) {
              const whole = document.createElement("div");
              whole.append(renderAll(text));
              for (const step of [3, 30, 200]) {
                const body = document.createElement("div");
                document.body.append(body);
                const writer = new Writer(body);
                for (let at = 0; at < text.length; at += step) {
                  writer.write(text.slice(0, at));
                  await new Promise((resolve) => requestAnimationFrame(resolve));
                }
                writer.finish(text);
                if (all(body) !== all(whole)) {
                  different.push(`${step}: ${all(body)}\\ninstead of ${all(whole)}`);
                }
                body.remove();
              }
            }
            return different.join("\\n\\n");
            """);
    assertThat((String) different).isEmpty();
  }
}
