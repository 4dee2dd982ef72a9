// An answer that grows, as Markdown, without flicker: blocks that are complete are left alone, and
// the last one is changed only where it differs. At most once per frame; less often where it is slow.
import { appendCode, colour } from "./code.js";
import { blocks, normal, render } from "./markdown.js";
import { closeMarks, openFence } from "./marks.js";
import { setFormulas } from "./math.js";
import { patch } from "./patch.js";

/** The share of the time that writing may take: one part in so many. */
const SHARE = 4;
const RECOLOUR_EVERY = 300;

export class Writer {
  #body;
  #tail; // holds the elements of the last block
  #raw = "";
  #text = "";
  #done = 0; // the length of what is in complete blocks
  #frame = 0;
  #waitUntil = 0;
  #open = null; // a block of code whose end has not come: {figure, fence, end}
  #lastColour = 0;

  constructor(body) {
    this.#body = body;
    this.#tail = document.createElement("div");
    this.#tail.className = "tail";
    body.replaceChildren(this.#tail);
  }

  /** The whole text so far. */
  write(text) {
    this.#raw = text;
    this.#frame ||= requestAnimationFrame((now) => this.#onFrame(now));
  }

  /** Shows all of it now; it does not grow any more. */
  finish(text) {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#raw = text;
    if (hasDefinitions(text)) {
      // Links whose address came at the end.
      this.#done = 0;
      this.#open = null;
      [...this.#body.childNodes].forEach((child) => child !== this.#tail && child.remove());
    }
    this.#show(true);
    this.#body.replaceChildren(...[...this.#body.childNodes].filter((n) => n !== this.#tail), ...this.#tail.childNodes);
    this.#body.querySelectorAll("figure.code").forEach((figure) => colour(figure, true));
  }

  #onFrame(now) {
    this.#frame = 0;
    if (now < this.#waitUntil) {
      this.#frame = requestAnimationFrame((later) => this.#onFrame(later));
      return;
    }
    const start = performance.now();
    this.#show(false);
    const took = performance.now() - start;
    this.#waitUntil = took > 4 ? performance.now() + (SHARE - 1) * took : 0;
  }

  #show(complete) {
    this.#text = normal(this.#raw);
    if (!complete && this.#moreCode()) {
      return;
    }
    this.#open = null;
    const tokens = blocks(this.#text.slice(this.#done)).filter((token) => token.raw !== "");
    let last = tokens.length - 1;
    while (last > 0 && tokens[last].type === "space") {
      last--;
    }
    tokens.forEach((token, i) => {
      if (i < last || complete) {
        this.#settle(token);
      }
    });
    if (!complete && tokens.length > 0) {
      this.#showTail(tokens[last]);
    }
  }

  /** A block that will not change. */
  #settle(token) {
    this.#done += token.raw.length;
    if (token.type === "space" || token.type === "def") {
      return;
    }
    patch(this.#tail, render(token));
    setFormulas(this.#tail);
    const nodes = [...this.#tail.childNodes];
    this.#tail.before(...nodes);
    for (const node of nodes) {
      if (node.matches?.("figure.code")) {
        colour(node, true);
      }
    }
  }

  #showTail(token) {
    if (token.type === "space") {
      this.#tail.replaceChildren();
      return;
    }
    const fence = token.type === "code" ? openFence(token.raw) : null;
    const shown = fence || token.type === "code" ? token : closed(token);
    patch(this.#tail, render(shown));
    setFormulas(this.#tail);
    if (fence) {
      const figure = this.#tail.querySelector("figure.code");
      const code = figure?.querySelector("code").textContent ?? "";
      const start = this.#text.indexOf("\n", this.#done) + 1;
      if (figure && start > 0 && this.#text.startsWith(code, start)) {
        this.#open = { figure, fence, end: start + code.length };
        this.#colourNow();
      }
    }
  }

  /** The quick way for a long block of code: adds what has come, unless it may be its end. */
  #moreCode() {
    if (!this.#open) {
      return false;
    }
    const { figure, fence, end } = this.#open;
    const lineStart = this.#text.lastIndexOf("\n", end - 1) + 1;
    const lines = this.#text.slice(lineStart).split("\n");
    if (lines.some((line) => line.trimStart().startsWith(fence[0]))) {
      return false;
    }
    const shown = this.#text.replace(/\n$/, "").length; // the last newline is the fence's
    appendCode(figure, this.#text.slice(end, shown));
    this.#open.end = Math.max(end, shown);
    this.#colourNow();
    return true;
  }

  #colourNow() {
    const now = performance.now();
    if (now - this.#lastColour > RECOLOUR_EVERY) {
      this.#lastColour = now;
      colour(this.#open.figure, false);
    }
  }
}

/** The last block as it will probably be: marks that were opened are closed, half a mark is not shown. */
function closed(token) {
  const raw = closeMarks(token.raw);
  return raw === token.raw ? token : (blocks(raw)[0] ?? token);
}

function hasDefinitions(text) {
  return /^ {0,3}\[[^\]\n]+\]:\s*\S/m.test(text);
}
