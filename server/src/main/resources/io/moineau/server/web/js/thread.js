// The messages of the open conversation.
import { h, icon, iconButton } from "./dom.js";
import * as icons from "./icons.js";
import { t } from "./i18n.js";
import { Message } from "./message.js";
import { session } from "./session.js";
import { mark } from "./mark.js";

const SUGGESTIONS = ["suggestion1", "suggestion2", "suggestion3"];
const STORIES = ["story1", "story2", "story3"];
const NEAR = 80; // so close to the end, the view follows it

export class Thread {
  element;
  #list;
  #empty;
  #toEnd;
  #messages = new Map(); // by node
  #following = true;
  #suggestions = [];
  #served = h("p", { class: "served" });
  #demonstration = h("p", { class: "served", t: "demonstration", hidden: true });

  constructor(onSuggestion) {
    this.#list = h("div", { id: "messages" });
    this.#empty = this.#emptyState(onSuggestion);
    this.#toEnd = iconButton(icons.DOWN, "toEnd", () => this.follow(), { class: "to-end", hidden: true });
    this.element = h(
      "div",
      { id: "thread", tabindex: "0", role: "region", tLabel: "messages" },
      h("div", { class: "column" }, this.#empty, this.#list),
      this.#toEnd,
    );
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    session.addEventListener("conversation", ({ detail }) => this.#render(detail));
    session.addEventListener("running", () => this.refresh());
    session.addEventListener("node", ({ detail }) => this.#changed(detail));
    new ResizeObserver(() => this.#keepUp()).observe(this.#list);
    new ResizeObserver(() => this.#keepUp()).observe(this.element);
  }

  #emptyState(onSuggestion) {
    this.#suggestions = SUGGESTIONS.map((key) =>
      h("button", { type: "button", t: key, on: { click: (e) => onSuggestion(e.currentTarget.textContent) } }),
    );
    return h(
      "div",
      { id: "empty" },
      mark(72),
      h("p", { class: "greeting", t: "greeting" }),
      this.#served,
      this.#demonstration,
      h("div", { class: "suggestions" }, this.#suggestions),
    );
  }

  /** The model that answers; the one that is built in tells stories and knows nothing else. */
  served(name, demonstration) {
    this.#served.textContent = name;
    this.#demonstration.hidden = !demonstration;
    this.#suggestions.forEach((button, i) => {
      button.dataset.t = demonstration ? STORIES[i] : SUGGESTIONS[i];
      button.textContent = t(button.dataset.t);
    });
  }

  #render({ keepScroll, follow, fresh } = {}) {
    const path = session.path;
    this.#empty.hidden = path.length > 0;
    const wanted = path.map((node) => {
      const known = this.#messages.get(node.id);
      return known?.node === node ? known : new Message(node);
    });
    this.#messages = new Map(wanted.map((message) => [message.node.id, message]));
    wanted.forEach((message, i) => {
      const there = this.#list.children[i];
      if (there !== message.element) {
        this.#list.insertBefore(message.element, there ?? null);
      }
      message.refresh(i === wanted.length - 1);
    });
    while (this.#list.children.length > wanted.length) {
      this.#list.lastChild.remove();
    }
    if (follow || fresh || !keepScroll) {
      this.follow();
    }
  }

  /** Writes anew what is not the text: states, buttons, languages. */
  refresh() {
    const path = session.path;
    path.forEach((node, i) => this.#messages.get(node.id)?.refresh(i === path.length - 1));
  }

  #changed({ node, kind }) {
    this.#messages.get(node.id)?.changed(kind);
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #scrolled() {
    this.#following = this.#atEnd();
    this.#toEnd.hidden = this.#following;
  }

  #keepUp() {
    if (this.#following) {
      this.element.scrollTop = this.element.scrollHeight;
    } else {
      this.#toEnd.hidden = this.#atEnd();
    }
  }

  /** Shows the end, and what comes there. */
  follow() {
    this.#following = true;
    this.#toEnd.hidden = true;
    this.element.scrollTop = this.element.scrollHeight;
  }
}
