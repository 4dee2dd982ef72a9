// A table that is sorted by its headings. What is not known stands last, whichever way.
import { h } from "../dom.js";
import { currentLanguage, onLanguage, t } from "../i18n.js";

/**
 * Columns: `key` (of the text of the heading, or `head()` for one that is made), `value(row)` to sort
 * by (a number or a text; undefined where nothing is known), `cell(row)` for what is shown, `numeric`,
 * `header` for the one that names the row, `plain` for one that is not sorted.
 */
export class SortedTable {
  element;
  #columns;
  #rows = [];
  #sorted = { column: null, down: false };
  #head = h("tr", {});
  #body = h("tbody", {});
  #empty;

  constructor(label, columns, { empty = "none.found", id } = {}) {
    this.#columns = columns;
    this.#empty = empty;
    this.element = h(
      "div",
      { class: "sheet", tabindex: "0", role: "region", tLabel: label, id },
      h("table", {}, h("caption", { class: "off-screen", t: label }), h("thead", {}, this.#head), this.#body),
    );
    this.#showHead();
    onLanguage(() => this.show(this.#rows));
  }

  /** Shows rows, in the order that was chosen, else in theirs. */
  show(rows) {
    this.#rows = rows;
    this.#showHead();
    const { column, down } = this.#sorted;
    const shown = column ? [...rows].sort((a, b) => compare(column.value(a), column.value(b), down)) : rows;
    this.#body.replaceChildren(
      ...(shown.length > 0
        ? shown.map((row) => this.#row(row))
        : [h("tr", {}, h("td", { colspan: String(this.#columns.length), class: "note" }, t(this.#empty)))]),
    );
  }

  #showHead() {
    const focused = [...this.#head.children].findIndex((cell) => cell.contains(document.activeElement));
    this.#head.replaceChildren(...this.#columns.map((column) => this.#headCell(column)));
    if (focused >= 0) {
      this.#head.children[focused].querySelector("button")?.focus();
    }
  }

  #headCell(column) {
    const chosen = this.#sorted.column === column;
    const label = column.head ? column.head() : h("span", {}, t(column.key));
    return h(
      "th",
      {
        scope: "col",
        class: column.numeric ? "number" : false,
        "aria-sort": chosen ? (this.#sorted.down ? "descending" : "ascending") : false,
      },
      column.plain
        ? label
        : h(
            "button",
            { type: "button", class: "sort", on: { click: () => this.#sort(column) } },
            label,
            h("span", { class: "arrow", "aria-hidden": "true" }, chosen ? (this.#sorted.down ? "▼" : "▲") : ""),
          ),
    );
  }

  #sort(column) {
    const again = this.#sorted.column === column;
    this.#sorted = { column, down: again ? !this.#sorted.down : column.numeric === true };
    this.show(this.#rows);
  }

  #row(row) {
    return h(
      "tr",
      {},
      this.#columns.map((column) =>
        h(
          column.header ? "th" : "td",
          { scope: column.header ? "row" : false, class: column.numeric ? "number" : (column.class ?? false) },
          column.cell(row),
        ),
      ),
    );
  }
}

/** Orders two values; unknown ones come last both ways. */
export function compare(a, b, down) {
  if (a === undefined || b === undefined) {
    return (a === undefined) - (b === undefined);
  }
  const order = typeof a === "number" && typeof b === "number" ? a - b : collator().compare(String(a), String(b));
  return down ? -order : order;
}

const collator = () => new Intl.Collator(currentLanguage(), { numeric: true });

/** A table of facts: names beside values; rows without a value are left out. */
export function factList(rows) {
  return h(
    "dl",
    { class: "facts" },
    rows
      .filter(([, value]) => value !== undefined && value !== null && value !== "")
      .map(([key, value]) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, value))),
  );
}
