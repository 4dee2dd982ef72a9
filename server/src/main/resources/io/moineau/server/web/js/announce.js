// What a screen reader is told: whole sentences, not tokens.
const PAUSE = 1200;
const MOST_KEPT = 20;
const LONGEST_SENTENCE = 2000;

let region;
let waiting = [];
let timer;

export function announceIn(element) {
  region = element;
}

/** Says a text politely. */
export function announce(text) {
  const trimmed = text.trim();
  if (trimmed && region) {
    waiting.push(trimmed);
    timer ??= setTimeout(say, 100);
  }
}

function say() {
  const paragraph = document.createElement("p");
  paragraph.textContent = waiting.join(" ");
  waiting = [];
  region.append(paragraph);
  while (region.childElementCount > MOST_KEPT) {
    region.firstElementChild.remove();
  }
  timer = setTimeout(() => {
    timer = undefined;
    if (waiting.length > 0) {
      say();
    }
  }, PAUSE);
}

/** Cuts a growing text into sentences; `end()` gives what is left. */
export class Sentences {
  #told = 0;

  /** The sentences that the text has had since the last call. */
  take(text) {
    const rest = text.slice(this.#told);
    if (rest.length > LONGEST_SENTENCE) {
      this.#told = text.length; // no sentence: nothing to be read out
      return "";
    }
    let end = 0;
    for (const match of rest.matchAll(/[.!?…:]["'»”)]*\s|\n/g)) {
      end = match.index + match[0].length;
    }
    this.#told += end;
    return spoken(rest.slice(0, end));
  }

  end(text) {
    const rest = text.slice(this.#told);
    this.#told = text.length;
    return rest.length > LONGEST_SENTENCE ? "" : spoken(rest);
  }
}

/** Markdown without the signs that are not to be read. */
export function spoken(markdown) {
  return markdown
    .replace(/```[^\n]*|`/g, "")
    .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, "$1")
    .replace(/^[ \t]*(?:#{1,6}|[-*+]|>|\|)[ \t]*/gm, "")
    .replace(/\*\*|__|[*_~|]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
