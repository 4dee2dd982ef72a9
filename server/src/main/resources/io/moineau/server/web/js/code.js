// Blocks of code: their head with a button to copy, and colours once highlight.js is there.
import DOMPurify from "../lib/purify.js";
import { copyText } from "./copy.js";
import { h, iconButton } from "./dom.js";
import { COPY } from "./icons.js";

const MOST_TO_COLOUR = 50_000;
const MOST_WHILE_WRITTEN = 8_000;

let loading;

function library() {
  loading ??= import("../lib/highlight.js")
    .then((module) => module.default)
    .catch(() => {
      loading = undefined;
      return null;
    });
  return loading;
}

/** A figure around the text of a block of code. */
export function codeFigure(text, language) {
  const code = h("code", { translate: "no" }, text);
  const figure = h(
    "figure",
    { class: "code", data: { language } },
    h(
      "figcaption",
      {},
      h("span", {}, language || "text"),
      iconButton(COPY, "copyCode", (event) => copyText(code.textContent, event.currentTarget), {
        class: "copy-code",
      }),
    ),
    h("pre", { tabindex: "0" }, code),
  );
  return figure;
}

/** Adds to the end of a block that is still being written. */
export function appendCode(figure, more) {
  figure.querySelector("code").append(more);
}

/** Gives a block its colours, as far as it is written. */
export async function colour(figure, complete) {
  const code = figure.querySelector("code");
  const text = code.textContent;
  const most = complete ? MOST_TO_COLOUR : MOST_WHILE_WRITTEN;
  if (!figure.dataset.language || text.length > most || figure.dataset.coloured === String(text.length)) {
    return;
  }
  const highlight = await library();
  const language = highlight?.getLanguage(figure.dataset.language);
  if (!language || !code.textContent.startsWith(text)) {
    return;
  }
  const { value } = highlight.highlight(text, { language: figure.dataset.language, ignoreIllegals: true });
  const spans = DOMPurify.sanitize(value, {
    ALLOWED_TAGS: ["span"],
    ALLOWED_ATTR: ["class"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  const written = code.textContent.slice(text.length); // while the library was loaded
  code.replaceChildren(spans, written);
  figure.dataset.coloured = String(text.length);
}
