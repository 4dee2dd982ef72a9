// /chips: the catalogue as a table that is filtered and sorted, one chip's card, several side by side.
import { announce } from "../announce.js";
import { h } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { ask, tellAddress } from "./ask.js";
import { ChipCard } from "./chip-card.js";
import { Comparison } from "./comparison.js";
import { asCsv, asJson, download } from "./download.js";
import { byName, FIGURES, figureCell, missing, quality, sortValue } from "./figure.js";
import { choice, countryName, field } from "./form.js";
import { problemNote } from "./problem.js";
import { SortedTable } from "./table.js";

const SHOWN = ["tpp", "perf_density", "fp16", "fp8", "memory_gb", "memory_gbs", "link_gbs", "tdp_w"];
const MOST_COMPARED = 16;

class Chips {
  #all = [];
  #version = "";
  #chosen = new Set();
  #filter = h("form", { class: "filters", role: "search", on: { submit: (event) => event.preventDefault() } });
  #count = h("p", { class: "note", id: "count", role: "status" });
  #problem = h("div", {});
  #compare = h("button", { type: "button", id: "compare", class: "primary", on: { click: () => this.#showCompared(true) } });
  #card = new ChipCard();
  #comparison = new Comparison((name) => this.#choose(name, false), () => this.#endComparison());
  #table;

  async open(host, query) {
    const data = await ask("chips");
    this.#all = data.chips;
    this.#version = data.version;
    this.#buildFilter();
    this.#table = new SortedTable("chips.table", this.#columns(), { id: "chips" });
    host.append(
      this.#filter,
      this.#problem,
      this.#comparison.element,
      h(
        "div",
        { class: "row" },
        this.#count,
        this.#compare,
        h("button", { type: "button", id: "csv", class: "quiet", t: "download.csv", on: { click: () => this.#save("csv") } }),
        h("button", { type: "button", id: "json", class: "quiet", t: "download.json", on: { click: () => this.#save("json") } }),
      ),
      this.#table.element,
      h("p", { class: "note" }, h("span", { t: "quality.all" }), " ", h("span", { t: "chips.computed" })),
    );
    this.#filter.addEventListener("input", () => this.#show());
    this.#card.onClose = () => this.#tell({});
    this.#card.onCompare = (name) => this.#choose(name, true);
    onLanguage(() => this.#show());
    window.addEventListener("popstate", () => this.#read(new URLSearchParams(location.search)));
    await this.#read(query);
  }

  /** Shows what an address names: a filter, a chip, a comparison. */
  async #read(query) {
    for (const input of this.#filter.elements) {
      if (input.name) {
        input.value = query.get(input.name) ?? "";
      }
    }
    this.#problem.replaceChildren();
    this.#chosen.clear();
    this.#comparison.hide();
    this.#card.close();
    try {
      const compared = query.getAll("compare");
      if (compared.length > 1) {
        (await ask("compare", { query: { chip: compared } })).chips.forEach((chip) => this.#chosen.add(chip.name));
        this.#showCompared(false);
      }
      if (query.get("chip")) {
        this.#card.show(await ask(`chips/${encodeURIComponent(query.get("chip"))}`), this.#version);
      }
    } catch (problem) {
      this.#problem.replaceChildren(problemNote(problem));
    }
    this.#show();
  }

  #buildFilter() {
    const kinds = [...new Set(this.#all.map((chip) => chip.kind))].sort();
    const countries = [...new Set(this.#all.map((chip) => chip.country))].sort();
    const country = choice("country", []);
    const showCountries = () => {
      const now = country.value;
      country.replaceChildren(
        h("option", { value: "" }, t("all")),
        ...countries.map((code) => h("option", { value: code }, countryName(code))),
      );
      country.value = now;
    };
    showCountries();
    onLanguage(showCountries);
    const search = h("input", { name: "q", type: "search", autocomplete: "off", tPlaceholder: "chips.search", "data-first": true });
    this.#filter.append(
      field("chips.filter", search),
      field("chip.kind", choice("kind", [["", "all"], ...kinds.map((kind) => [kind, `kind.${kind.replaceAll(" ", "_")}`])])),
      field("chip.country", country),
      field("chips.quality", choice("quality", [["", "all"], ["A", "quality.atLeastA"], ["B", "quality.atLeastB"]])),
    );
  }

  #columns() {
    return [
      {
        key: "chips.choose",
        plain: true,
        head: () => h("span", { class: "off-screen" }, t("chips.choose")),
        cell: (chip) => this.#checkbox(chip),
      },
      {
        key: "chip.name",
        header: true,
        value: (chip) => chip.name,
        cell: (chip) =>
          h("a", { href: `/chips?chip=${encodeURIComponent(chip.name)}`, on: { click: (event) => this.#openCard(event, chip) } }, chip.name),
      },
      { key: "chip.vendor", value: (chip) => chip.vendor, cell: (chip) => `${chip.vendor} (${chip.country})` },
      { key: "chip.launch", value: (chip) => chip.launch || undefined, cell: (chip) => launch(chip) },
      ...SHOWN.map((name) => {
        const figure = byName[name];
        return {
          key: figure.key,
          numeric: true,
          head: () => h("span", {}, t(figure.key), figure.unit ? h("span", { class: "unit" }, ` ${figure.unit}`) : null),
          value: (chip) => sortValue(figure.of(chip)),
          cell: (chip) => figureCell(figure.of(chip), missing(figure, chip)),
        };
      }),
      { key: "chip.quality", value: (chip) => chip.quality, cell: (chip) => quality(chip.quality) },
    ];
  }

  #checkbox(chip) {
    const input = h("input", {
      type: "checkbox",
      value: chip.name,
      "aria-label": t("chips.chooseOne", { chip: chip.name }),
      on: { change: () => this.#choose(chip.name, input.checked) },
    });
    input.checked = this.#chosen.has(chip.name);
    return input;
  }

  #openCard(event, chip) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      return; // in a tab of its own
    }
    event.preventDefault();
    this.#card.show(chip, this.#version);
    this.#tell({ chip: chip.name }, true);
  }

  #choose(name, on) {
    if (on && this.#chosen.size < MOST_COMPARED) {
      this.#chosen.add(name);
    } else {
      this.#chosen.delete(name);
    }
    if (this.#comparison.isShown) {
      this.#showCompared(false);
    }
    this.#showChosen();
  }

  /** The rows stay as they are: one of them has the focus. */
  #showChosen() {
    for (const input of this.#table.element.querySelectorAll("input[type=checkbox]")) {
      input.checked = this.#chosen.has(input.value);
    }
    this.#showButton();
  }

  #showCompared(focus) {
    const chips = [...this.#chosen].map((name) => this.#all.find((chip) => chip.name === name)).filter(Boolean);
    if (chips.length < 2) {
      this.#comparison.hide();
    } else {
      this.#comparison.show(chips, focus);
    }
    this.#tell({}, focus);
    this.#showButton();
  }

  #endComparison() {
    this.#comparison.hide();
    this.#tell({});
    this.#compare.focus();
  }

  /** The address: the filter, what is compared, and the card that is open. */
  #tell({ chip }, push = false) {
    const filter = Object.fromEntries(new FormData(this.#filter));
    const compare = this.#comparison.isShown ? [...this.#chosen] : [];
    tellAddress({ ...filter, compare, chip }, { push });
  }

  #filtered() {
    const { q, kind, country, quality: least } = Object.fromEntries(new FormData(this.#filter));
    const words = q.trim().toLowerCase().split(/\s+/).filter(Boolean);
    return this.#all.filter((chip) => {
      const names = [chip.name, ...chip.aliases, chip.vendor, chip.architecture, chip.memory].join("\n").toLowerCase();
      return (
        words.every((word) => names.includes(word)) &&
        (!kind || chip.kind === kind) &&
        (!country || chip.country === country) &&
        (!least || chip.quality <= least)
      );
    });
  }

  #show() {
    const rows = this.#filtered();
    this.#table.show(rows);
    const count = t("chips.count", { count: rows.length, n: rows.length, all: this.#all.length, version: this.#version });
    if (this.#count.textContent !== count) {
      this.#count.textContent = count;
    }
    this.#showButton();
    if (!document.querySelector("dialog[open]")) {
      this.#tell({});
    }
  }

  #showButton() {
    this.#compare.textContent = t("chips.compare", { n: this.#chosen.size });
    this.#compare.disabled = this.#chosen.size < 2;
  }

  #save(kind) {
    const compared = this.#comparison.isShown;
    const rows = compared ? this.#comparison.chips : this.#filtered();
    const name = `${compared ? "comparison" : "chips"}-${this.#version.slice(0, 10)}`;
    if (kind === "json") {
      download(`${name}.json`, "application/json", asJson({ version: this.#version, chips: rows }));
    } else {
      download(`${name}.csv`, "text/csv;charset=utf-8", asCsv(csvRows(rows)));
    }
    announce(t("download.done"));
  }
}

const launch = (chip) => (chip.launch ? chip.launch : h("span", { class: "unknown" }, t("unknown")));

/** A head and a line for each chip; of each figure the best number and both ends, empty where not known. */
export function csvRows(chips) {
  const words = ["name", "vendor", "country", "kind", "launch", "stage", "memory", "link", "software", "quality"];
  const head = [...words, ...FIGURES.flatMap(({ name }) => [name, `${name}_low`, `${name}_high`]), "sources", "note"];
  return [
    head,
    ...chips.map((chip) => [
      ...words.map((word) => chip[word]),
      ...FIGURES.flatMap(({ of }) => [of(chip)?.value, of(chip)?.low, of(chip)?.high]),
      chip.sources.map((source) => source.url || source.title).join(" "),
      chip.note,
    ]),
  ];
}

export const page = {
  name: "chips",
  open: (host, query) => new Chips().open(host, query),
};
