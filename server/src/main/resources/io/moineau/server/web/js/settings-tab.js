// The system prompt, and how the answer is drawn. Empty fields leave the server's own values.
import { EFFORTS, FIELDS, toolsOf } from "./chat.js";
import { h } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { session } from "./session.js";

export class SettingsTab {
  element;
  #inputs = {};
  #tools = h("p", { class: "field-problem", role: "status" });

  constructor() {
    const system = this.#input("system", h("textarea", { rows: "5", tPlaceholder: "systemHint" }));
    const numbers = FIELDS.map(({ name, min, max, step, usual }) =>
      this.#field(
        name,
        this.#input(
          name,
          h("input", {
            type: "number",
            inputmode: "decimal",
            min: String(min),
            max: String(max),
            step: step < 1 ? "any" : "1",
            placeholder: usual,
          }),
        ),
      ),
    );
    const effort = h(
      "select",
      {},
      ["", ...EFFORTS].map((value) => h("option", { value, t: `effort.${value || "default"}` })),
    );
    const stop = h("textarea", { rows: "2", tPlaceholder: "stopHint" });
    const tools = h("textarea", { rows: "4", class: "mono", spellcheck: "false", tPlaceholder: "toolsHint" });
    this.element = h(
      "div",
      { class: "tab" },
      this.#field("system", system),
      h("h3", { t: "sampling" }),
      h("p", { class: "note", t: "samplingNote" }),
      h("div", { class: "grid" }, numbers, this.#field("reasoning_effort", this.#input("reasoning_effort", effort))),
      this.#field("stop", this.#input("stop", stop)),
      this.#field("tools", this.#input("tools", tools)),
      this.#tools,
      h("button", { type: "button", class: "quiet", t: "reset", on: { click: () => session.resetSettings() } }),
    );
    session.addEventListener("conversation", () => this.#fill());
    session.addEventListener("settings", () => this.#fill());
    onLanguage(() => this.#checkTools());
  }

  #field(name, input) {
    input.id = `setting-${name}`;
    return h("div", { class: `field field-${name}` }, h("label", { for: input.id, t: `setting.${name}` }), input);
  }

  #input(name, input) {
    this.#inputs[name] = input;
    input.addEventListener("change", () => {
      const value = input.validity.badInput ? "" : input.value;
      session.set(name, value);
    });
    return input;
  }

  shown() {}

  #fill() {
    for (const [name, input] of Object.entries(this.#inputs)) {
      if (document.activeElement !== input || input.tagName === "SELECT") {
        input.value = session.current.settings[name] ?? "";
      }
    }
    this.#checkTools();
  }

  #checkTools() {
    this.#tools.textContent = "";
    try {
      toolsOf(session.current.settings);
    } catch {
      this.#tools.textContent = t("problem.tools");
    }
  }
}
