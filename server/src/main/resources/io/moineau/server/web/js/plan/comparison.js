// Chips side by side, each figure with a bar.
import { h } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { bar, FIGURES, figureCell, isKnown, missing, quality } from "./figure.js";
import { countryName } from "./form.js";

export class Comparison {
  chips = [];
  element = h("section", { id: "comparison", hidden: true, "aria-labelledby": "comparison-title" });
  #remove;
  #end;

  constructor(remove, end) {
    this.#remove = remove;
    this.#end = end;
    onLanguage(() => this.isShown && this.show(this.chips, false));
  }

  get isShown() {
    return !this.element.hidden;
  }

  hide() {
    this.element.hidden = true;
    this.chips = [];
  }

  show(chips, focus) {
    this.chips = chips;
    this.element.hidden = false;
    const title = h("h2", { id: "comparison-title", tabindex: "-1" }, t("chips.comparison"));
    this.element.replaceChildren(
      h(
        "div",
        { class: "row" },
        title,
        h("button", { type: "button", id: "end-comparison", class: "quiet", on: { click: this.#end } }, t("chips.endComparison")),
      ),
      h(
        "div",
        { class: "sheet compared", tabindex: "0", role: "region", "aria-label": t("chips.comparison") },
        h(
          "table",
          {},
          h("thead", {}, h("tr", {}, h("td", {}), chips.map((chip) => this.#head(chip)))),
          h("tbody", {}, textRows(chips), FIGURES.map((figure) => figureRow(figure, chips))),
        ),
      ),
      h("p", { class: "note" }, t("chips.bars")),
    );
    if (focus) {
      title.focus();
    }
  }

  #head(chip) {
    return h(
      "th",
      { scope: "col" },
      h("span", {}, chip.name),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": t("chips.remove", { chip: chip.name }), on: { click: () => this.#remove(chip.name) } },
        "×",
      ),
    );
  }
}

function textRows(chips) {
  return [
    ["chip.vendor", (chip) => `${chip.vendor}, ${countryName(chip.country)}`],
    ["chip.launch", (chip) => chip.launch],
    ["chip.memoryType", (chip) => chip.memory],
    ["chip.linkType", (chip) => chip.link],
    ["chip.software", (chip) => chip.software],
    ["chip.quality", (chip) => quality(chip.quality)],
  ].map(([key, of]) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, t(key)),
      chips.map((chip) => h("td", {}, of(chip) || h("span", { class: "unknown" }, t("unknown")))),
    ),
  );
}

/** A row for what at least one of them tells. */
function figureRow(figure, chips) {
  const values = chips.map((chip) => figure.of(chip));
  const known = values.filter(isKnown);
  if (known.length === 0) {
    return null;
  }
  const largest = Math.max(...known.map((value) => value.high));
  return h(
    "tr",
    { data: { figure: figure.name } },
    h("th", { scope: "row" }, t(figure.key), figure.unit ? h("span", { class: "unit" }, ` ${figure.unit}`) : null),
    chips.map((chip, i) => h("td", {}, figureCell(values[i], missing(figure, chip)), bar(values[i], largest))),
  );
}
