// /audit: shares of domestic chips in a fleet under each reading, and the least change that passes.
import { announce } from "../announce.js";
import { $, h } from "../dom.js";
import { currentLanguage, extend, onLanguage, t } from "../i18n.js";
import en from "../lang/en-audit.js";
import fr from "../lang/fr-audit.js";
import { ask, tellAddress } from "./ask.js";
import { partSection } from "./audit-part.js";
import { asJson, download } from "./download.js";
import { dayField, field, values } from "./form.js";
import { problemNote } from "./problem.js";
import { picture } from "./svg.js";

extend({ en, fr });

const EXAMPLE = `moineau-fleet: 1
sites:
  - name: Lingang 1
    country: CN
    region: Shanghai
    owner: public
    state_funded: true
    completion: 0.2
    chips:
      - {chip: H20, count: 400, price: 12000}
      - {chip: 910B2, count: 300, price: 11000}
    storage:
      - {name: drive A, country: CN, made_in: CN, count: 300, terabytes: 7.68, price: 900}
      - {name: drive B, country: KR, made_in: KR, count: 300, terabytes: 15.36, price: 1900}
`;

class AuditPage {
  #text = h("textarea", { name: "fleet", rows: "16", spellcheck: "false", autocomplete: "off", wrap: "off", data: { first: "" } });
  #file = h("input", { type: "file", id: "fleet-file", accept: ".yaml,.yml,text/yaml,text/plain", hidden: true });
  #form;
  #result = h("section", { id: "result", "aria-labelledby": "result-title", hidden: true });
  #asked = 0;
  #again = () => {};

  async open(host, query) {
    this.#form = this.#makeForm(query.get("date") ?? new Date().toISOString().slice(0, 10));
    host.append(this.#form, this.#result);
    this.#listen();
    if (query.has("example")) {
      this.#text.value = EXAMPLE;
      await this.#audit(false);
    }
  }

  #makeForm(date) {
    return h(
      "form",
      { id: "audit-form", class: "case" },
      field("audit.fleet", this.#text, { wide: true, hint: "audit.hint" }),
      h("div", { class: "fields" }, field("audit.date", dayField("date", date))),
      h(
        "div",
        { class: "row" },
        h("button", { type: "submit", class: "primary", id: "audit", t: "audit.audit" }),
        h("button", { type: "button", class: "quiet", id: "example", t: "audit.example", on: { click: () => this.#show(EXAMPLE) } }),
        h("button", { type: "button", class: "quiet", id: "upload", t: "audit.upload", on: { click: () => this.#file.click() } }),
        this.#file,
      ),
    );
  }

  #listen() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#audit(true);
    });
    this.#file.addEventListener("change", async () => {
      const [file] = this.#file.files;
      if (file) {
        this.#show(await file.text());
        this.#file.value = ""; // the same file can be chosen again
      }
    });
    onLanguage(() => this.#again());
  }

  #show(text) {
    this.#text.value = text;
    this.#text.focus();
    this.#text.setSelectionRange(0, 0);
  }

  /** Asks, and shows the answer, or what is wrong with the fleet. */
  async #audit(focus) {
    const asked = ++this.#asked;
    const { date } = values(this.#form);
    this.#result.hidden = false;
    this.#result.setAttribute("aria-busy", "true");
    this.#result.replaceChildren(h("p", { class: "note" }, t("audit.working")));
    try {
      const answer = await ask("audit", { body: { fleet: this.#text.value, date, language: currentLanguage() } });
      if (asked !== this.#asked) {
        return; // somebody has asked again
      }
      this.#again = () => this.#audit(false); // charts have words too
      this.#result.replaceChildren(...resultParts(answer));
      tellAddress({ date, example: this.#text.value === EXAMPLE ? "1" : undefined });
      announce(t("audit.done", { count: answer.sites.length, n: answer.sites.length }));
      if (focus) {
        $("#result-title").focus();
      }
    } catch (problem) {
      if (asked === this.#asked) {
        this.#again = () => {};
        this.#result.replaceChildren(problemNote(problem), ...this.#lineAtFault(problem));
      }
    } finally {
      if (asked === this.#asked) {
        this.#result.removeAttribute("aria-busy");
      }
    }
  }

  /** The line that a problem names, shown and chosen in the text. */
  #lineAtFault(problem) {
    const number = Number(/fleet\.yaml line (\d+)/.exec(String(problem.message))?.[1] ?? 0);
    const lines = this.#text.value.split("\n");
    if (number < 1 || number > lines.length) {
      return [];
    }
    const begin = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
    const line = lines[number - 1];
    const choose = () => {
      this.#text.focus();
      this.#text.setSelectionRange(begin, begin + line.length);
    };
    return [
      h("pre", { class: "at-fault" }, h("code", {}, line)),
      h("button", { type: "button", class: "quiet", id: "to-line", on: { click: choose } }, t("audit.toLine", { n: number })),
    ];
  }
}

function resultParts(answer) {
  return [
    h(
      "div",
      { class: "row" },
      h("h2", { id: "result-title", tabindex: "-1" }, t("audit.result", { date: answer.date })),
      h(
        "button",
        { type: "button", class: "quiet", id: "save", on: { click: () => download("audit.json", "application/json", asJson(answer)) } },
        t("audit.save"),
      ),
    ),
    picture(answer.charts.chips, t("audit.chips")),
    ...[...answer.sites, ...answer.groups].map(partSection),
    answer.remarks.length > 0
      ? h(
          "details",
          { class: "assumed" },
          h("summary", {}, t("audit.remarks")),
          h("ul", { lang: "en" }, answer.remarks.map((one) => h("li", {}, one))),
        )
      : "",
  ];
}

export const page = {
  name: "audit",
  legal: true,
  open: (host, query) => new AuditPage().open(host, query),
};
