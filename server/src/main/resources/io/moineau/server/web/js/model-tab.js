// What is served, and what one's key has used.
import { getJson } from "./api.js";
import { h } from "./dom.js";
import { bytes, day, number, onLanguage, t, time } from "./i18n.js";

export class ModelTab {
  element;
  onChangeKey = () => {};
  #facts = h("dl", { class: "facts" });
  #usage = h("div", { id: "usage" });
  #card = null;
  #settings = {};
  #last = null;

  constructor() {
    this.element = h("div", { class: "tab" }, h("h3", { t: "modelTitle" }), this.#facts, this.#usage);
    onLanguage(() => {
      this.card(this.#card, this.#settings);
      this.#showUsage(this.#last);
    });
  }

  card(card, settings) {
    this.#card = card;
    this.#settings = settings ?? {};
    const facts = card ? factsOf(card) : [];
    if (this.#settings.version) {
      facts.push(["version", this.#settings.version]);
    }
    this.#facts.replaceChildren(
      ...facts.map(([key, value]) => h("div", {}, h("dt", {}, t(`fact.${key}`)), h("dd", {}, value))),
    );
  }

  shown(open) {
    if (open) {
      this.refreshUsage();
    }
  }

  async refreshUsage() {
    if (!this.#settings.keys) {
      this.#showUsage(null);
      return;
    }
    try {
      this.#showUsage(await getJson("/moineau/usage"));
    } catch {
      this.#showUsage(null);
    }
  }

  #showUsage(usage) {
    this.#last = usage;
    if (!usage || usage.keys === false) {
      const changing = this.#settings.keys ? [this.#keyButton()] : [];
      this.#usage.replaceChildren(...changing);
      return;
    }
    const today = usage.today ?? {};
    const used = (today.prompt_tokens ?? 0) + (today.completion_tokens ?? 0);
    const budget = usage.tokens_per_day ?? usage.budget ?? 0;
    const parts = [
      h("h3", {}, usage.name ? t("usageOf", { name: usage.name }) : t("usageTitle")),
      h("p", {}, budget > 0 ? t("usedOf", { used, budget }) : t("used", { count: used, used })),
    ];
    if (budget > 0) {
      const meter = h("meter", { class: "budget", min: "0", max: String(budget), "aria-label": t("usageTitle") });
      meter.value = used;
      parts.push(meter);
      if (usage.reset) {
        parts.push(h("p", { class: "note" }, t("resetAt", { at: time(Date.parse(usage.reset) || usage.reset) })));
      }
    }
    parts.push(...daysTable(usage.days ?? []), this.#keyButton());
    this.#usage.replaceChildren(...parts);
  }

  #keyButton() {
    return h("button", { type: "button", class: "quiet", t: "changeKey", on: { click: () => this.onChangeKey() } });
  }
}

function factsOf(card) {
  const facts = [];
  const put = (key, value, shown) => {
    if (value !== undefined && value !== null && value !== "" && value !== 0) {
      facts.push([key, shown ?? (typeof value === "number" ? number(value) : String(value))]);
    }
  };
  put("name", card.name);
  put("architecture", card.architecture);
  put("parameters", card.parameters, card.parameters && parametersOf(card));
  put("layers", card.layers);
  if (card.experts > 0) {
    put("experts", card.experts, t("expertsOf", { active: card.experts_per_token ?? 0, all: card.experts }));
  }
  put("context", card.context);
  put("trained", card.trained_context === card.context ? 0 : card.trained_context);
  put("quantization", card.quantization);
  put("bytes", card.file_bytes, card.file_bytes && bytes(card.file_bytes));
  const memory = card.memory?.total_bytes;
  put("memory", memory, memory && bytes(memory));
  put("cache", card.memory?.kv_tokens, card.memory && t("cacheOf", { n: card.memory.kv_tokens ?? 0, type: card.memory.kv_type ?? "" }));
  put("provider", card.provider);
  put("threads", card.threads);
  const knows = ["chat", "tools", "reasoning"].filter((name) => card[name] === true);
  put("knows", knows.map((name) => t(`knows.${name}`)).join(", "));
  return facts;
}

function parametersOf({ parameters, active_parameters: active }) {
  return active > 0 && active < parameters
    ? t("parametersOf", { all: short(parameters), active: short(active) })
    : short(parameters);
}

function short(value) {
  return new Intl.NumberFormat(document.documentElement.lang, {
    notation: "compact",
    maximumSignificantDigits: 3,
  }).format(value);
}

function daysTable(days) {
  const used = days.filter((one) => (one.prompt_tokens ?? 0) + (one.completion_tokens ?? 0) > 0).slice(-7).reverse();
  if (used.length === 0) {
    return [];
  }
  const head = ["day", "tokensIn", "tokensOut"].map((key) => h("th", { scope: "col", t: key }));
  const rows = used.map((one) =>
    h(
      "tr",
      {},
      h("td", {}, day(Date.parse(`${one.day}T12:00:00Z`))),
      h("td", {}, number(one.prompt_tokens ?? 0)),
      h("td", {}, number(one.completion_tokens ?? 0)),
    ),
  );
  return [h("table", { class: "days" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows))];
}
