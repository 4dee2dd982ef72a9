// /plan: does a model fit on some chips, how fast is it, what bounds it, what else would do.
import { announce } from "../announce.js";
import { $, h } from "../dom.js";
import { currentLanguage, extend, number, onLanguage, t } from "../i18n.js";
import en from "../lang/en-capacity.js";
import fr from "../lang/fr-capacity.js";
import { linkAway } from "../links.js";
import { ask, tellAddress } from "./ask.js";
import { asCsv, asJson, download } from "./download.js";
import { choice, field, fill, text, values } from "./form.js";
import { problemNote } from "./problem.js";
import { picture } from "./svg.js";
import { factList, SortedTable } from "./table.js";

extend({ en, fr });

const NUMBERS = ["count", "input", "output", "cached", "ttft", "tpot", "mtp", "usd_per_chip_hour", "usd_per_kwh", "batch"];
const CHARTS = ["roofline", "curve", "operators", "memory"];
const GIGA = 1e9;

class PlanPage {
  #form;
  #answer = h("section", { id: "answer", "aria-labelledby": "answer-title", hidden: true });
  #kept = h("section", { id: "kept", hidden: true });
  #plans = [];
  #table;
  #last = null;

  async open(host, query) {
    const [{ models, weight_types: types }, { chips }] = await Promise.all([ask("models"), ask("chips")]);
    this.#form = form(models, types, chips);
    this.#table = new SortedTable("plan.kept", keptColumns());
    this.#kept.append(
      h("h2", { t: "plan.kept" }),
      h(
        "div",
        { class: "row" },
        h("p", { class: "note", t: "plan.keptHint" }),
        h("button", { type: "button", id: "csv", class: "quiet", t: "download.csv", on: { click: () => this.#save() } }),
        h("button", { type: "button", id: "forget", class: "quiet", t: "plan.forget", on: { click: () => this.#forget() } }),
      ),
      this.#table.element,
    );
    host.append(this.#form, this.#answer, this.#kept);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#estimate(true);
    });
    onLanguage(() => this.#last && this.#estimate(false)); // charts have words too
    window.addEventListener("popstate", () => location.reload());
    fill(this.#form, query);
    const more = $("details.more", this.#form);
    more.open = [...more.querySelectorAll("input, select")].some((input) => query.has(input.name));
    if (query.get("model") && query.get("chip")) {
      await this.#estimate(false);
    }
  }

  async #estimate(focus) {
    const asked = values(this.#form);
    this.#answer.hidden = false;
    this.#answer.setAttribute("aria-busy", "true");
    try {
      const body = { ...asked, language: currentLanguage() };
      for (const name of NUMBERS) {
        if (name in asked) {
          const value = Number(asked[name].replace(",", "."));
          body[name] = Number.isNaN(value) ? asked[name] : value; // the server says what is wrong with it
        }
      }
      const plan = await ask("estimate", { body });
      this.#last = plan;
      this.#answer.replaceChildren(...planParts(plan, () => this.#keep(plan)));
      tellAddress(asked);
      announce(verdict(plan));
      if (focus) {
        $("#answer-title").focus();
      }
    } catch (problem) {
      this.#last = null;
      this.#answer.replaceChildren(problemNote(problem));
    } finally {
      this.#answer.removeAttribute("aria-busy");
    }
  }

  /** Puts the answer beside others: other chips, counts, models. */
  #keep(plan) {
    this.#plans.push(plan);
    this.#kept.hidden = false;
    this.#table.show(this.#plans);
    announce(t("plan.keptNow", { count: this.#plans.length, n: this.#plans.length }));
  }

  #forget() {
    this.#plans = [];
    this.#kept.hidden = true;
    $("#estimate").focus();
  }

  #save() {
    const columns = keptColumns();
    const rows = this.#plans.map((plan) => columns.map((column) => column.value(plan)));
    download("plans.csv", "text/csv;charset=utf-8", asCsv([columns.map((column) => t(column.key)), ...rows]));
  }
}

function form(models, types, chips) {
  const lists = [
    h("datalist", { id: "known-models" }, models.map((one) => h("option", { value: one.name }))),
    h("datalist", { id: "known-chips" }, chips.map((one) => h("option", { value: one.name }, one.vendor))),
    h("datalist", { id: "known-types" }, types.map((one) => h("option", { value: one }))),
  ];
  const numeric = (name, value = "") => {
    const input = text(name, { inputmode: "decimal" });
    input.value = value;
    return input;
  };
  return h(
    "form",
    { id: "question", class: "case" },
    h(
      "div",
      { class: "fields" },
      field("plan.model", text("model", { list: "known-models", "data-first": true })),
      field("plan.chip", text("chip", { list: "known-chips" })),
      field("plan.count", numeric("count", "8")),
      field("plan.input", numeric("input", "4096")),
      field("plan.output", numeric("output", "1024")),
      field("plan.ttft", numeric("ttft")),
      field("plan.tpot", numeric("tpot")),
      lists,
    ),
    h(
      "details",
      { class: "more" },
      h("summary", { t: "plan.more" }),
      h(
        "div",
        { class: "fields" },
        field("plan.weights", text("weights", { list: "known-types" })),
        field("plan.kv", text("kv", { list: "known-types" })),
        field("plan.cached", numeric("cached")),
        field("plan.mtp", numeric("mtp")),
        field("plan.software", choice("software", [["", "unsaid"], ...["general", "tuned", "eager"].map((one) => [one, `software.${one}`])])),
        field("plan.layout", text("layout", { placeholder: "TP8 x DP2, EP16" })),
        field("plan.batch", numeric("batch")),
        field("plan.usd_per_chip_hour", numeric("usd_per_chip_hour")),
        field("plan.usd_per_kwh", numeric("usd_per_kwh")),
      ),
    ),
    h("div", { class: "row" }, h("button", { type: "submit", id: "estimate", class: "primary", t: "plan.estimate" })),
  );
}

const known = (range) => range !== null && range !== undefined && range.value !== null && range.value !== undefined;
const digits = (value) => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
const short = (value) => number(value, digits(value));

/** `1,230 (980–1,500)` with its unit; what nobody knows says so. */
function ranged(range, unit = "", factor = 1) {
  if (!known(range)) {
    return t("unknown");
  }
  const [low, value, high] = [range.low, range.value, range.high].map((one) => one * factor);
  const ends = low === high ? "" : ` (${short(low)}–${short(high)})`;
  return `${short(value)}${ends} ${unit}`.trim();
}

const seconds = (range) => (known(range) && range.value < 1 ? ranged(range, "ms", 1000) : ranged(range, "s"));

function verdict(plan) {
  const best = plan.best;
  if (!best || !best.fits) {
    return t(plan.curve.length === 0 ? "plan.no" : "plan.notWithin");
  }
  const rate = { rate: short(best.output_tokens_per_second.value), layout: best.layout.text };
  return t(best.meets_limits ? "plan.yes" : "plan.fitsOnly", rate);
}

function planParts(plan, keep) {
  const { question, best } = plan;
  return [
    h("h2", { id: "answer-title", tabindex: "-1" }, t("plan.of", { model: question.model, n: question.count, chip: question.chip })),
    h("p", { class: "strictest" }, h("span", { class: best?.meets_limits ? "verdict verdict-none" : "verdict verdict-licence" }, verdict(plan))),
    plan.reasons.length > 0 ? h("ul", { class: "reasons", lang: "en" }, plan.reasons.map((one) => h("li", {}, one))) : null,
    best ? h("div", { class: "row" }, h("button", { type: "button", id: "keep", class: "quiet", on: { click: keep } }, t("plan.keep")),
      h("button", { type: "button", id: "json", class: "quiet", on: { click: () => download("plan.json", "application/json", asJson({ ...plan, charts: undefined })) } }, t("download.json"))) : null,
    best ? bestFacts(plan, best) : null,
    h(
      "div",
      { class: "charts" },
      CHARTS.filter((name) => plan.charts[name]).map((name) => picture(plan.charts[name], t(`chart.${name}`))),
    ),
    plan.curve.length > 0 ? choices(plan) : null,
    nearest(plan),
    h(
      "details",
      {},
      h("summary", {}, t("rules.assumed")),
      h("ul", { lang: "en" }, [...(best?.assumptions ?? []), ...(plan.chip?.assumptions ?? [])].map((one) => h("li", {}, one))),
      h("p", { class: "note" }, t("plan.fitted", { n: plan.calibration.rows, date: plan.calibration.date })),
    ),
  ].filter(Boolean);
}

function bestFacts(plan, best) {
  const memory = best.memory;
  const gb = (bytes) => `${short(bytes / GIGA)} GB`;
  const needed = memory.weights_bytes + memory.kv_bytes + memory.activations_bytes + memory.reserve_bytes;
  return factList([
    ["plan.layout", best.layout.text],
    ["plan.inFlight", `${number(best.batch)} (${t("plan.perChip", { n: short(best.batch / best.chips) })})`],
    ["plan.rate", ranged(best.output_tokens_per_second, t("unit.tokensPerSecond"))],
    ["plan.ratePerChip", ranged(best.output_tokens_per_second_per_chip, t("unit.tokensPerSecond"))],
    ["plan.prefillRate", ranged(best.prefill_tokens_per_second, t("unit.tokensPerSecond"))],
    ["plan.decodeRate", ranged(best.decode_tokens_per_second, t("unit.tokensPerSecond"))],
    ["plan.requests", ranged(best.requests_per_second, "/s")],
    ["plan.firstToken", seconds(best.ttft_seconds)],
    ["plan.nextTokens", seconds(best.tpot_seconds)],
    ["plan.bound", t("plan.boundBy", { prefill: bound(best.prefill_bound), decode: bound(best.decode_bound) })],
    ["plan.fit", t("plan.fitOf", { needed: gb(needed), available: gb(memory.available_bytes), weights: gb(memory.weights_bytes), kv: gb(memory.kv_bytes) })],
    ["plan.types", t("plan.typesOf", { weights: plan.question.weights, kv: plan.question.kv })],
    ["plan.energy", known(best.joules_per_output_token) ? `${ranged(best.joules_per_output_token, "J")}, ${ranged(best.watts, "kW", 0.001)}` : t("unknown")],
    ["plan.cost", best.usd_per_million_output_tokens ? ranged(best.usd_per_million_output_tokens, "USD") : t("plan.noPrice")],
  ]);
}

const BOUNDS = { compute: "compute", "memory bandwidth": "memory", memory: "memory", network: "network", latency: "latency" };
const bound = (word) => (Object.hasOwn(BOUNDS, word) ? t(`bound.${BOUNDS[word]}`) : word);

/** The best of each way, and throughput against latency, as a table. */
function choices(plan) {
  const row = (one) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, one.layout.text),
      h("td", { class: "number" }, number(one.batch)),
      h("td", { class: "number" }, ranged(one.output_tokens_per_second)),
      h("td", { class: "number" }, seconds(one.ttft_seconds)),
      h("td", { class: "number" }, seconds(one.tpot_seconds)),
      h("td", {}, t(one.meets_limits ? "plan.within" : "plan.missed")),
    );
  const head = ["plan.layout", "plan.inFlight", "plan.rate", "plan.firstToken", "plan.nextTokens", "plan.limits"];
  return h(
    "details",
    { id: "choices" },
    h("summary", {}, t("plan.choices", { n: plan.choices.length, m: plan.curve.length })),
    h(
      "div",
      { class: "sheet", tabindex: "0", role: "region", "aria-label": t("plan.choicesLabel") },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, head.map((key) => h("th", { scope: "col" }, t(key))))),
        h("tbody", {}, plan.choices.slice(0, 30).map(row), plan.curve.slice(0, 60).map(row)),
      ),
    ),
  );
}

function nearest(plan) {
  if (plan.nearest.length === 0) {
    return h("p", { class: "note" }, t("plan.noneNear"));
  }
  return h(
    "section",
    { id: "nearest" },
    h("h3", {}, t("plan.nearest")),
    h(
      "div",
      { class: "sheet", tabindex: "0", role: "region", "aria-label": t("plan.nearest") },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ["plan.measurement", "plan.differs", "plan.ratio", "chip.from"].map((key) => h("th", { scope: "col" }, t(key))))),
        h(
          "tbody",
          {},
          plan.nearest.map((near) =>
            h(
              "tr",
              {},
              h("th", { scope: "row", lang: "en" }, near.title),
              h("td", { lang: "en" }, near.differences.join(", ")),
              h("td", {}, near.estimate_over_measurement === undefined ? t("unknown") : `${number(near.estimate_over_measurement, 2)}`),
              h("td", { lang: "en" }, (near.measurement.sources ?? []).map((one) => [linkAway(one.url, one.title), " "]).flat()),
            ),
          ),
        ),
      ),
    ),
  );
}

/** The answers that were kept, side by side. */
function keptColumns() {
  const rate = (name) => ({
    numeric: true,
    value: (plan) => plan.best[name]?.value ?? undefined,
    cell: (plan) => ranged(plan.best[name]),
  });
  return [
    { key: "plan.model", header: true, value: (plan) => plan.question.model, cell: (plan) => plan.question.model },
    { key: "plan.chip", value: (plan) => plan.question.chip, cell: (plan) => plan.question.chip },
    { key: "plan.count", numeric: true, value: (plan) => plan.question.count, cell: (plan) => number(plan.question.count) },
    { key: "plan.layout", value: (plan) => plan.best.layout.text, cell: (plan) => plan.best.layout.text },
    { key: "plan.rate", ...rate("output_tokens_per_second") },
    { key: "plan.ratePerChip", ...rate("output_tokens_per_second_per_chip") },
    { key: "plan.firstToken", numeric: true, value: (plan) => plan.best.ttft_seconds.value, cell: (plan) => seconds(plan.best.ttft_seconds) },
    { key: "plan.nextTokens", numeric: true, value: (plan) => plan.best.tpot_seconds.value, cell: (plan) => seconds(plan.best.tpot_seconds) },
    { key: "plan.energy", ...rate("joules_per_output_token") },
    { key: "plan.cost", ...rate("usd_per_million_output_tokens") },
    { key: "plan.limits", value: (plan) => t(plan.best.meets_limits ? "plan.within" : "plan.missed"), cell: (plan) => t(plan.best.meets_limits ? "plan.within" : "plan.missed") },
  ];
}

export const page = {
  name: "plan",
  open: (host, query) => new PlanPage().open(host, query),
};
