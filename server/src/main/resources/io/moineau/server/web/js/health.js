// Notices that the server is gone, says so, and notices that it is back.
import { h } from "./dom.js";
import { announce } from "./announce.js";
import { t } from "./i18n.js";

const FIRST = 1500;
const LONGEST = 15_000;

export class Health {
  element = h("div", { id: "banner", role: "status", hidden: true }, h("span", { t: "gone" }));
  onBack = () => {};
  #timer;

  /** A request found nobody; asks until somebody answers. */
  gone() {
    if (this.element.hidden) {
      this.element.hidden = false;
      this.#ask(FIRST);
    }
  }

  #ask(after) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      try {
        const response = await fetch("/health", { cache: "no-store" });
        if (response.ok) {
          this.element.hidden = true;
          announce(t("back"));
          this.onBack();
          return;
        }
      } catch {
        // Not yet.
      }
      this.#ask(Math.min(LONGEST, after * 1.5));
    }, after);
  }
}
