// /rules: may this chip go there on that day; what changed when; what each rule says.
import { announce } from "../announce.js";
import { $, h } from "../dom.js";
import { currentLanguage, onLanguage, t } from "../i18n.js";
import { answerSection } from "./answer.js";
import { ask, tellAddress } from "./ask.js";
import { caseForm, caseOf, caseOverTime } from "./case-form.js";
import { dayField, field, fill, values } from "./form.js";
import { problemNote } from "./problem.js";
import { RuleCard } from "./rule-card.js";
import { picture } from "./svg.js";
import { SortedTable } from "./table.js";
import { day, questionWord, status, statusWord, verdict, verdictWord } from "./words.js";

class RulesPage {
  #host;
  #form;
  #diff;
  #answer = h("section", { id: "answer", "aria-labelledby": "answer-title", hidden: true });
  #timeline = h("section", { id: "timeline", hidden: true });
  #changes = h("div", { id: "changes" });
  #card = new RuleCard();
  #rules = [];
  #table;
  #search = h("input", { type: "search", id: "rule-search", autocomplete: "off", tPlaceholder: "rules.search" });
  #shown = {}; // what the address tells
  #again = {}; // draws what is shown in another language

  async open(host, query) {
    this.#host = host;
    const [rules, chips] = await Promise.all([ask("rules"), ask("chips")]);
    this.#rules = rules.rules;
    this.#form = caseForm(rules.words, rules.countries, chips.chips, rules.date);
    this.#diff = this.#diffForm(rules);
    this.#table = this.#ruleTable();
    host.append(
      this.#form,
      this.#answer,
      this.#timeline,
      h("h2", { t: "rules.diff" }),
      this.#diff,
      this.#changes,
      h("h2", { t: "rules.all" }),
      h(
        "p",
        { class: "note", id: "data" },
        h("span", { t: "rules.data" }),
        ` ${rules.version}. `,
        h("span", { t: "rules.lastVerified" }),
        " ",
        day(rules.last_verified),
      ),
      field("rules.filter", this.#search),
      this.#table.element,
    );
    this.#listen();
    this.#showRules();
    await this.#read(query);
  }

  #listen() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#check(true);
    });
    $("#timeline-button", this.#form).addEventListener("click", () => this.#overTime(true));
    this.#diff.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#compare();
    });
    this.#search.addEventListener("input", () => this.#showRules());
    this.#card.onOpen = (id) => this.#tell({ rule: id });
    this.#card.onClose = () => this.#tell({ rule: undefined });
    onLanguage(() => {
      this.#showRules();
      Object.values(this.#again).forEach((draw) => draw());
    });
    window.addEventListener("popstate", () => location.reload());
  }

  /** Does what an address asks for: a case, a picture of it over time, days to compare, a rule. */
  async #read(query) {
    fill(this.#form, query);
    const more = $("details.more", this.#form);
    more.open = [...more.querySelectorAll("input, select")].some((input) => input.value !== "");
    if (query.get("chip") || query.get("tpp")) {
      await this.#check(false);
    }
    if (query.get("view") === "timeline") {
      await this.#overTime(false);
    }
    if (query.get("first") && query.get("second")) {
      fill(this.#diff, query);
      await this.#compare();
    }
    if (query.get("rule")) {
      await this.#card.open(query.get("rule"));
    }
  }

  #tell(change) {
    this.#shown = { ...this.#shown, ...change };
    tellAddress(this.#shown);
  }

  /** Asks, and shows the answer, or what is wrong with the question. */
  async #check(focus) {
    const asked = caseOf(this.#form);
    this.#answer.hidden = false;
    try {
      const answer = await ask("rules/check", { body: asked });
      const options = {
        ruleButton: (id) => this.#card.button(id),
        askOn: (date) => {
          this.#form.elements.namedItem("date").value = date;
          this.#check(true);
        },
      };
      this.#again.answer = () => this.#answer.replaceChildren(...answerSection(answer, options));
      this.#again.answer();
      this.#tell({ ...this.#emptied(), ...asked });
      announce(`${t("rules.strictest")} ${verdictWord(answer.strictest)}`);
      if (focus) {
        $("#answer-title").focus();
      }
    } catch (problem) {
      delete this.#again.answer;
      this.#answer.replaceChildren(problemNote(problem));
    }
  }

  /** The names of the form's fields, without values: what an address had of them before is gone. */
  #emptied() {
    return Object.fromEntries([...this.#form.elements].filter((one) => one.name).map((one) => [one.name, undefined]));
  }

  async #overTime(focus) {
    const asked = caseOverTime(this.#form);
    this.#timeline.hidden = false;
    try {
      const timeline = await ask("rules/timeline", { query: { ...asked, language: currentLanguage() } });
      this.#timeline.replaceChildren(...timelineParts(timeline, (id) => this.#card.button(id)));
      this.#again.timeline = () => this.#overTime(false); // the picture has words too
      this.#tell({ ...this.#emptied(), ...caseOf(this.#form), view: "timeline" });
      if (focus) {
        $("#timeline-title").focus();
      }
    } catch (problem) {
      delete this.#again.timeline;
      this.#timeline.replaceChildren(problemNote(problem));
    }
  }

  #diffForm(rules) {
    return h(
      "form",
      { id: "diff", class: "case" },
      h(
        "div",
        { class: "fields" },
        field("diff.first", dayField("first", rules.begins)),
        field("diff.second", dayField("second", rules.last_verified)),
      ),
      h("p", { class: "note", t: "diff.hint" }),
      h("div", { class: "row" }, h("button", { type: "submit", id: "compare-days", class: "quiet", t: "diff.show" })),
    );
  }

  async #compare() {
    const { first, second } = values(this.#diff);
    const { chip, to, end_user_hq } = caseOf(this.#form);
    try {
      const diff = await ask("rules/diff", { query: { from: first, to: second, chip, destination: to, end_user_hq } });
      this.#again.diff = () => this.#changes.replaceChildren(...diffParts(diff, (id) => this.#card.button(id)));
      this.#again.diff();
      this.#tell({ first, second });
      announce(t("diff.count", { count: diff.rules.length, n: diff.rules.length }));
    } catch (problem) {
      delete this.#again.diff;
      this.#changes.replaceChildren(problemNote(problem));
    }
  }

  #ruleTable() {
    return new SortedTable("rules.all", [
      { key: "rule.id", header: true, value: (rule) => rule.id, cell: (rule) => this.#card.button(rule.id) },
      { key: "rule.title", value: (rule) => rule.title, cell: (rule) => h("span", { lang: "en" }, rule.title) },
      { key: "rule.jurisdiction", value: (rule) => rule.jurisdiction, cell: (rule) => rule.jurisdiction },
      { key: "rule.question", value: (rule) => questionWord(rule.question), cell: (rule) => questionWord(rule.question) },
      { key: "rule.statusNow", value: (rule) => statusWord(rule.status), cell: (rule) => status(rule.status) },
      { key: "rule.verified", value: (rule) => rule.verified, cell: (rule) => day(rule.verified) },
    ], { id: "rules" });
  }

  #showRules() {
    const words = this.#search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    this.#table.show(
      this.#rules.filter((rule) => {
        const all = [rule.id, rule.title, rule.text, rule.jurisdiction, rule.citation, statusWord(rule.status)].join("\n").toLowerCase();
        return words.every((word) => all.includes(word));
      }),
    );
  }
}

function timelineParts(timeline, ruleButton) {
  const caption = t("rules.timelineOf", { chip: timeline.facts.chip ?? "", to: timeline.facts.to ?? "" });
  const questions = Object.keys(timeline.spans[0]?.answers ?? {});
  return [
    h("h2", { id: "timeline-title", tabindex: "-1" }, caption),
    picture(timeline.svg, caption),
    h(
      "details",
      {},
      h("summary", {}, t("rules.asTable")),
      h(
        "div",
        { class: "sheet", tabindex: "0", role: "region", "aria-label": t("rules.asTable") },
        h(
          "table",
          {},
          h("thead", {}, h("tr", {}, [t("rules.fromDay"), ...questions.map(questionWord), t("rules.changed")].map((one) => h("th", { scope: "col" }, one)))),
          h(
            "tbody",
            {},
            timeline.spans.map((span) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, day(span.from)),
                questions.map((name) => h("td", {}, verdict(span.answers[name]))),
                h("td", {}, span.events.map((event) => eventLine(event, ruleButton))),
              ),
            ),
            h("tr", {}, h("th", { scope: "row" }, t("rules.after", { last: timeline.last_verified })), questions.map(() => h("td", {}, verdict("unknown"))), h("td", {})),
          ),
        ),
      ),
    ),
  ];
}

function eventLine(event, ruleButton) {
  const colon = event.indexOf(": ");
  return h("div", {}, ruleButton(event.slice(0, colon)), " ", statusWord(event.slice(colon + 2)));
}

function diffParts(diff, ruleButton) {
  const head = (last) =>
    h("thead", {}, h("tr", {}, ["", diff.from, diff.to, ...last].map((one, i) => h(i === 0 ? "td" : "th", i === 0 ? {} : { scope: "col" }, one))));
  const parts = [];
  if (diff.answers) {
    parts.push(
      h("h3", {}, t("rules.to", { chip: diff.facts.chip ?? "", to: diff.facts.to ?? "" })),
      sheet(
        t("diff.answers"),
        head([]),
        diff.answers.map((one) => h("tr", {}, h("th", { scope: "row" }, questionWord(one.question)), h("td", {}, verdict(one.before)), h("td", {}, verdict(one.after)))),
      ),
    );
  }
  parts.push(h("h3", {}, t("diff.count", { count: diff.rules.length, n: diff.rules.length })));
  if (diff.rules.length > 0) {
    parts.push(
      sheet(
        t("diff.rules"),
        head([t("rule.title")]),
        diff.rules.map((one) =>
          h("tr", {}, h("th", { scope: "row" }, ruleButton(one.id)), h("td", {}, status(one.before)), h("td", {}, status(one.after)), h("td", { lang: "en" }, one.title)),
        ),
      ),
    );
  }
  return parts;
}

function sheet(label, head, rows) {
  return h("div", { class: "sheet", tabindex: "0", role: "region", "aria-label": label }, h("table", {}, head, h("tbody", {}, rows)));
}

export const page = {
  name: "rules",
  legal: true,
  open: (host, query) => new RulesPage().open(host, query),
};
