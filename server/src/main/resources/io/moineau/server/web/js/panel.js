// The panel beside the conversation: what the model does, settings, the model and one's key.
import { ActivityTab } from "./activity-tab.js";
import { h, iconButton } from "./dom.js";
import * as icons from "./icons.js";
import { ModelTab } from "./model-tab.js";
import { read, write } from "./prefs.js";
import { SettingsTab } from "./settings-tab.js";

const NAMES = ["activity", "settings", "model"];

export class Panel {
  element;
  onToggle = () => {};
  #tabs = { activity: new ActivityTab(), settings: new SettingsTab(), model: new ModelTab() };
  #buttons = {};
  #open = false;
  #shown = NAMES.includes(read("tab")) ? read("tab") : "activity";

  constructor() {
    for (const name of NAMES) {
      this.#buttons[name] = h("button", {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": `panel-${name}`,
        t: `tab.${name}`,
        on: { click: () => this.show(name), keydown: (event) => this.#onKey(event) },
      });
      Object.assign(this.#tabs[name].element, { id: `panel-${name}` });
      this.#tabs[name].element.setAttribute("role", "tabpanel");
      this.#tabs[name].element.setAttribute("aria-labelledby", `tab-${name}`);
    }
    this.element = h(
      "aside",
      { id: "panel", tLabel: "panel", hidden: true },
      h(
        "div",
        { class: "panel-head" },
        h("div", { role: "tablist", tLabel: "panel" }, Object.values(this.#buttons)),
        iconButton(icons.WIDE, "widen", () => this.#widen(), { class: "widen" }),
        iconButton(icons.CLOSE, "closePanel", () => this.toggle(false), { class: "close-panel" }),
      ),
      NAMES.map((name) => this.#tabs[name].element),
    );
    this.#showTab();
  }

  get isOpen() {
    return this.#open;
  }

  get model() {
    return this.#tabs.model;
  }

  get activity() {
    return this.#tabs.activity;
  }

  toggle(open = !this.#open) {
    this.#open = open;
    this.element.hidden = !open;
    this.#tabs[this.#shown].shown(open);
    this.onToggle(open);
  }

  show(name) {
    if (this.#open) {
      this.#tabs[this.#shown].shown(false);
    }
    this.#shown = name;
    write("tab", name);
    this.#showTab();
    if (this.#open) {
      this.#tabs[name].shown(true);
    } else {
      this.toggle(true);
    }
  }

  #showTab() {
    for (const name of NAMES) {
      const selected = name === this.#shown;
      this.#buttons[name].setAttribute("aria-selected", String(selected));
      this.#buttons[name].tabIndex = selected ? 0 : -1;
      this.#tabs[name].element.hidden = !selected;
    }
  }

  #widen() {
    this.element.classList.toggle("wide");
  }

  #onKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      const next = NAMES[(NAMES.indexOf(this.#shown) + step + NAMES.length) % NAMES.length];
      this.show(next);
      this.#buttons[next].focus();
    }
  }
}
