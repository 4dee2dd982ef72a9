// Markdown to elements. Every piece goes through DOMPurify, whatever the model or the user wrote.
import { Lexer, Marked } from "../lib/marked.js";
import purify from "../lib/purify.js"; // the one instance: a second policy is forbidden
import { codeFigure } from "./code.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { AWAY, safeAddress } from "./links.js";
import { mathExtensions } from "./math.js";

/** Larger blocks are shown as they are written; code has no such limit. */
const LARGEST_BLOCK = 100_000;
/** In longer paragraphs no marks are looked for: what that takes grows faster than they do. */
const LONGEST_PARAGRAPH = 10_000;
const DEEPEST = 60;

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const escape = (text) => text.replace(/[&<>"']/g, (one) => ENTITIES[one]);

const marked = new Marked({
  gfm: true,
  breaks: true,
  extensions: mathExtensions(escape),
  renderer: {
    code({ text, lang }) {
      return `<pre data-language="${escape(languageOf(lang))}">${escape(text)}</pre>`;
    },
    heading({ tokens, depth }) {
      // Below the headings of the page itself.
      const level = Math.min(6, depth + 2);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
    },
    checkbox({ checked }) {
      return checked ? "☑ " : "☐ ";
    },
    image({ href, text }) {
      return `<a href="${escape(href)}">${escape(text || href)}</a>`;
    },
  },
});

function languageOf(info) {
  return /^[\w+#.-]{1,30}(?!\S)/.exec(info ?? "")?.[0].toLowerCase() ?? "";
}

const ALLOWED = {
  ALLOWED_TAGS: [
    ..."a b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li".split(" "),
    ..."mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead".split(" "),
    ..."tr u ul var".split(" "),
  ],
  ALLOWED_ATTR: [
    ..."align alt colspan href open rowspan src start title".split(" "),
    ..."data-display data-language data-open data-tex".split(" "),
  ],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

// An image is not loaded, not even while the fragment is made: its address is put aside.
purify.addHook("uponSanitizeAttribute", (node, data) => {
  if (data.attrName === "src") {
    data.keepAttr = false;
    if (node.nodeName === "IMG") {
      node.setAttribute("title", data.attrValue);
    }
  }
});

/**
 * The blocks of a text, as marked sees them. What nests so deeply that marked would fail is a block of
 * its own, shown as it is written; the rest of the text is not lost with it.
 */
export function blocks(written) {
  const text = normal(written);
  return lexed(text) ?? text.match(PARAGRAPHS).flatMap((part) => lexed(part) ?? [{ type: "written", raw: part }]);
}

/** With the ends of lines as the blocks count them. */
export function normal(text) {
  return text.replace(/\r\n?/g, "\n");
}

const PARAGRAPHS = /[^\n]*(?:\n(?![ \t]*\n)[^\n]*)*(?:\n[ \t]*(?=\n))*\n?/g;

function lexed(text) {
  if (depth(text) > DEEPEST) {
    return null;
  }
  try {
    const lexer = new Lexer(marked.defaults);
    lexer.blockTokens(text, lexer.tokens);
    for (const { src, tokens } of lexer.inlineQueue) {
      if (src.length > LONGEST_PARAGRAPH) {
        tokens.push({ type: "text", raw: src, text: src, escaped: false });
      } else {
        lexer.inlineTokens(src, tokens);
      }
    }
    return lexer.tokens;
  } catch {
    return null; // too deep for the stack
  }
}

/** The elements of a block. */
export function render(token) {
  if (token.type === "code") {
    const fragment = document.createDocumentFragment();
    fragment.append(codeFigure(token.text, languageOf(token.lang)));
    return fragment;
  }
  if (token.type === "written" || token.raw.length > LARGEST_BLOCK) {
    return asWritten(token.raw);
  }
  let fragment;
  try {
    fragment = purify.sanitize(marked.parser([token]), ALLOWED);
  } catch {
    return asWritten(token.raw); // nested too deeply for the stack
  }
  improve(fragment);
  return fragment;
}

/** The elements of a text of one block or more. */
export function renderAll(text) {
  const fragment = document.createDocumentFragment();
  blocks(text).forEach((token) => fragment.append(render(token)));
  return fragment;
}

/** How deeply a line nests quotes and lists at most. */
export function depth(text) {
  let deepest = 0;
  for (const match of text.matchAll(/^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+|^[ \t]{80,}/gm)) {
    const marks = match[0].replace(/\s|\d+(?=[.)])/g, "").length;
    deepest = Math.max(deepest, marks, match[0].length / 8);
  }
  return deepest;
}

function asWritten(text) {
  const fragment = document.createDocumentFragment();
  fragment.append(h("div", { class: "as-written" }, text));
  return fragment;
}

/** Turns what markup cannot say, or must not, into elements of ours. */
function improve(fragment) {
  fragment.querySelectorAll("img").forEach(imageToLink);
  fragment.querySelectorAll("a").forEach(safeLink);
  fragment.querySelectorAll("pre").forEach((pre) => {
    const text = pre.textContent.replace(/\n$/, "");
    pre.replaceWith(codeFigure(text, languageOf(pre.dataset.language)));
  });
  fragment.querySelectorAll("table").forEach((table) => {
    const around = h("div", { class: "table", tabindex: "0", role: "region", tLabel: "table" });
    table.replaceWith(around);
    around.append(table);
  });
}

function imageToLink(image) {
  const address = safeAddress(image.getAttribute("title") ?? "");
  const text = image.getAttribute("alt") || address || t("image");
  image.replaceWith(address ? h("a", { href: address }, text) : text);
}

function safeLink(link) {
  const address = safeAddress(link.getAttribute("href") ?? "");
  if (!address) {
    link.replaceWith(...link.childNodes);
    return;
  }
  link.href = address;
  Object.assign(link, AWAY);
  link.title = address;
}
