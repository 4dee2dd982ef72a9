// One rule with all that is known of it.
import { dialog } from "../dialogs.js";
import { $, h } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { linkAway } from "../links.js";
import { ask } from "./ask.js";
import { problemNote } from "./problem.js";
import { factList } from "./table.js";
import { day, questionWord, status } from "./words.js";

export class RuleCard {
  onOpen = () => {};
  onClose = () => {};
  #dialog;
  #body = h("div", { class: "card" });
  #rule = null;

  /** A button that opens the card of a rule. */
  button(id) {
    return h("button", { type: "button", class: "rule-id", translate: "no", on: { click: () => this.open(id) } }, id);
  }

  async open(id) {
    this.#make();
    try {
      this.#rule = await ask(`rules/${encodeURIComponent(id)}`);
      this.#fill();
    } catch (problem) {
      this.#rule = { id };
      this.#title(id);
      this.#body.replaceChildren(problemNote(problem));
    }
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
    this.#dialog.scrollTop = 0;
    this.onOpen(id);
  }

  close() {
    this.#rule = null;
    this.#dialog?.close();
  }

  #make() {
    if (!this.#dialog) {
      this.#dialog = dialog("rule-card", "rule.card", this.#body);
      this.#dialog.addEventListener("close", () => {
        if (this.#rule) {
          this.#rule = null;
          this.onClose();
        }
      });
      onLanguage(() => this.#rule?.title && this.#fill());
    }
  }

  #title(text) {
    const title = $("h2", this.#dialog);
    delete title.dataset.t;
    title.textContent = text;
  }

  #fill() {
    const rule = this.#rule;
    const ids = (list) => (list.length > 0 ? h("span", {}, list.flatMap((id) => [this.button(id), " "])) : "");
    this.#title(rule.title);
    this.#body.replaceChildren(
      h("p", { class: "note" }, h("code", { translate: "no" }, rule.id), ` · ${rule.jurisdiction} · ${rule.kind}`),
      h("p", { lang: "en" }, rule.text),
      factList([
        ["rule.question", questionWord(rule.question)],
        ["rule.effect", `${rule.effect} ${rule.value}`.trim()],
        ["rule.scope", rule.scope ? h("code", {}, rule.scope) : ""],
        ["rule.when", rule.when ? h("code", {}, rule.when) : ""],
        ["rule.of", ids(rule.of)],
        ["rule.over", rule.over.join(", ")],
        ["rule.verified", h("span", {}, day(rule.verified), ` ${t("rule.unknownAfter")}`)],
        ["rule.citation", rule.citation],
        ["rule.evidence", t(`evidence.${rule.evidence}`)],
        ["rule.origin", rule.origin],
      ]),
      h("h3", {}, t("rule.periods")),
      h(
        "ul",
        { class: "periods" },
        rule.periods.map((one) => h("li", {}, day(one.from), " ", status(one.status), one.note ? h("span", { lang: "en" }, ` ${one.note}`) : null)),
      ),
      rule.conditions.length > 0 ? h("h3", {}, t("rule.conditions")) : null,
      h("ul", { lang: "en" }, rule.conditions.map((one) => h("li", {}, one))),
      rule.watch.length > 0 ? h("h3", {}, t("rules.watch")) : null,
      h("ul", { lang: "en" }, rule.watch.map((one) => h("li", {}, day(one.date), ` ${one.text}`))),
      h("h3", {}, t("chip.sources")),
      h("ul", { class: "sources" }, rule.sources.map((one) => h("li", {}, linkAway(one, one)))),
    );
  }
}
