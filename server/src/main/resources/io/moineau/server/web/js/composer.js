// The field to write in.
import { h, iconButton } from "./dom.js";
import * as icons from "./icons.js";
import { session } from "./session.js";

const HIGHEST = 0.4; // of the window

export class Composer {
  element;
  onSend = () => {};
  #area = h("textarea", { id: "prompt", rows: "1", tLabel: "prompt", tPlaceholder: "prompt", dir: "auto", autocomplete: "off" });
  #send = iconButton(icons.SEND, "send", () => this.#submit(), { id: "send", class: "primary" });
  #stop = iconButton(icons.STOP, "stop", () => session.stop(), { id: "stop", class: "primary", hidden: true });
  #drafts = new Map(); // by conversation, for as long as the page is open
  #shown = "";

  constructor() {
    this.element = h(
      "div",
      { id: "composer" },
      h("div", { class: "box" }, this.#area, this.#send, this.#stop),
      h("p", { class: "hint", t: "hint" }),
    );
    this.#area.addEventListener("input", () => this.#changed());
    this.#area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      }
    });
    session.addEventListener("running", () => this.#buttons());
    session.addEventListener("conversation", () => this.#changeConversation());
    this.#changed();
  }

  focus() {
    this.#area.focus();
  }

  set(text) {
    this.#area.value = text;
    this.#changed();
    this.focus();
  }

  #changeConversation() {
    if (this.#shown !== session.current.id) {
      this.#drafts.set(this.#shown, this.#area.value);
      this.#shown = session.current.id;
      this.#area.value = this.#drafts.get(this.#shown) ?? "";
      this.#changed();
    }
    this.#buttons();
  }

  #submit() {
    const text = this.#area.value.trim();
    if (text && !session.job) {
      this.#area.value = "";
      this.#changed();
      this.onSend();
      session.ask(text);
    }
  }

  #changed() {
    this.#buttons();
    this.#area.style.height = "auto";
    this.#area.style.height = `${Math.min(this.#area.scrollHeight, window.innerHeight * HIGHEST)}px`;
  }

  #buttons() {
    const runs = Boolean(session.job);
    const focused = document.activeElement === this.#stop || document.activeElement === this.#send;
    this.#send.hidden = runs;
    this.#stop.hidden = !runs;
    this.#send.disabled = this.#area.value.trim() === "";
    if (focused) {
      (runs ? this.#stop : this.#area).focus();
    }
  }
}
