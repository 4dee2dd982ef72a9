// Formulas in Markdown: where they begin and end, and KaTeX, which is loaded when one is seen.

const LONGEST = 4000;
const DEEPEST = 30; // braces within braces: KaTeX takes time that grows with the power of it

/** The formula between two marks at the beginning of a text, or null. */
function between(src, open, close) {
  if (!src.startsWith(open)) {
    return null;
  }
  const end = src.indexOf(close, open.length);
  if (end < 0 || end > LONGEST) {
    return null;
  }
  const tex = src.slice(open.length, end);
  return tex.trim() && !/\n\s*\n/.test(tex) ? { raw: src.slice(0, end + close.length), tex } : null;
}

const IN_DOLLARS = /^\$(?![\s$])((?:\\[^\n]|[^\\$\n]){1,2000}?)(?<!\s)\$(?![\d\p{L}])/u;

/**
 * A formula in single dollars. As in pandoc there is no space within the dollars and no digit after
 * them; what begins like a price and has no sign of a formula is left alone too.
 */
export function inDollars(src) {
  const match = IN_DOLLARS.exec(src);
  if (!match) {
    return null;
  }
  const tex = match[1];
  const price = /^\d[\d.,]*([kKmMbB]|\s+\S)/.test(tex) && !/[\\^_=+<>{}]/.test(tex);
  return price ? null : { raw: match[0], tex };
}

/** The formula at the beginning of a text within a line, or null. */
export function inlineFormula(src) {
  const display = between(src, "$$", "$$") ?? between(src, "\\[", "\\]");
  if (display) {
    return { ...display, display: true };
  }
  const inline = src.startsWith("$") ? inDollars(src) : between(src, "\\(", "\\)");
  return inline && { ...inline, display: false };
}

const BLOCK_START = /(?:^|\n) {0,3}(?:\$\$|\\\[)/;

/** A formula on lines of its own; `open` while its end has not come. */
export function blockFormula(src) {
  const indent = /^ {0,3}(?=\$\$|\\\[)/.exec(src)?.[0];
  if (indent === undefined) {
    return null;
  }
  const rest = src.slice(indent.length);
  const [open, close] = rest.startsWith("$$") ? ["$$", "$$"] : ["\\[", "\\]"];
  const end = rest.indexOf(close, 2);
  if (end < 0) {
    // At the end of what has come so far.
    return /\n\s*\n/.test(rest) || rest.length > LONGEST
      ? null
      : { raw: src, tex: rest.slice(2), open: true };
  }
  const after = /^[ \t]*(?:\n+|$)/.exec(rest.slice(end + close.length));
  const tex = rest.slice(2, end);
  if (!after || !tex.trim() || end > LONGEST || /\n\s*\n/.test(tex)) {
    return null;
  }
  return { raw: src.slice(0, indent.length + end + close.length + after[0].length), tex, open: false };
}

/** Extensions for marked; `escape` makes a text safe within markup. */
export function mathExtensions(escape) {
  const html = (token) => {
    const name = token.display ? "div" : "span";
    const mark = token.open ? "data-open" : "data-tex";
    return `<${name} ${mark}="${escape(token.tex)}"${token.display ? " data-display" : ""}>${escape(token.tex)}</${name}>`;
  };
  return [
    {
      name: "blockFormula",
      level: "block",
      start: (src) => {
        const at = BLOCK_START.exec(src);
        return at ? at.index : undefined;
      },
      tokenizer(src) {
        const found = blockFormula(src);
        return found ? { type: "blockFormula", display: true, ...found } : undefined;
      },
      renderer: html,
    },
    {
      name: "inlineFormula",
      level: "inline",
      start: (src) => {
        const at = src.search(/\$|\\[([]/);
        return at < 0 ? undefined : at;
      },
      tokenizer(src) {
        const found = inlineFormula(src);
        return found ? { type: "inlineFormula", ...found } : undefined;
      },
      renderer: html,
    },
  ];
}

let loading;

function katex() {
  loading ??= Promise.all([import("../lib/katex/katex.js"), stylesheet()]).then(() => self.katex);
  return loading;
}

function stylesheet() {
  return new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("../lib/katex/katex.css", import.meta.url).href;
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
}

/** Sets the formulas below an element, once KaTeX is there. */
export function setFormulas(root) {
  const all = root.querySelectorAll("[data-tex]:not(.formula)");
  if (all.length === 0) {
    return;
  }
  if (self.katex) {
    all.forEach((element) => set(self.katex, element));
  } else {
    katex()
      .then((library) => all.forEach((element) => set(library, element)))
      .catch(() => {
        loading = undefined; // the sources stay to be read; the next formula tries again
      });
  }
}

/** How deeply a formula nests braces, brackets of `\left` and environments at most. */
export function nesting(tex) {
  let now = 0;
  let most = 0;
  for (const [mark] of tex.matchAll(/\\(?:left|right|begin|end)(?![a-zA-Z])|\\.|[{}]/g)) {
    if (mark === "{" || mark === "\\left" || mark === "\\begin") {
      most = Math.max(most, ++now);
    } else if (mark === "}" || mark === "\\right" || mark === "\\end") {
      now--;
    }
  }
  return most;
}

function set(library, element) {
  if (element.classList.contains("formula")) {
    return;
  }
  const tex = element.dataset.tex;
  element.classList.add("formula");
  if (nesting(tex) > DEEPEST) {
    element.classList.add("formula-unknown");
    return;
  }
  try {
    // Built as elements, not as markup: styles set that way need no exception in the policy.
    library.render(tex, element, {
      displayMode: "display" in element.dataset,
      throwOnError: true,
      strict: "ignore",
      trust: false,
      errorColor: "var(--danger)",
      maxSize: 20,
      maxExpand: 200,
    });
  } catch {
    element.classList.add("formula-unknown");
    element.textContent = tex;
  }
}
