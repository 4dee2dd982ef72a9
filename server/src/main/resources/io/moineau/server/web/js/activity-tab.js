// The live map, the figures of the moment, and the experts used most as a table.
import { watch } from "./activity.js";
import { h } from "./dom.js";
import { bytes, number, onLanguage, percent, t } from "./i18n.js";
import { ExpertMap } from "./map.js";

const IN_TABLE = 10;
const TABLE_EVERY = 1000;

export class ActivityTab {
  element;
  #map = new ExpertMap();
  #figures = {};
  #rows = h("tbody", {});
  #note = h("p", { class: "note" });
  #unwatch = null;
  #tableAt = 0;
  #model = null;
  #mapPart;
  #isShown = false;

  constructor() {
    const names = ["rate", "promptRate", "running", "waiting", "cache", "memory"];
    for (const name of names) {
      this.#figures[name] = h("dd", {}, "–");
    }
    this.#mapPart = h(
      "section",
      { class: "map-part", hidden: true },
      h("h3", { t: "mapTitle" }),
      this.#map.element,
      h(
        "p",
        { class: "scale" },
        h("span", { t: "scale.never" }),
        h("span", { class: "swatch levels" }),
        h("span", { t: "scale.often" }),
        h("span", { class: "swatch now" }),
        h("span", { t: "scale.now" }),
      ),
      h("h3", { t: "mostUsedTitle" }),
      h(
        "table",
        { id: "most-used" },
        h("thead", {}, h("tr", {}, ["layer", "expert", "share"].map((key) => h("th", { scope: "col", t: key })))),
        this.#rows,
      ),
    );
    this.element = h(
      "div",
      { class: "tab" },
      h(
        "dl",
        { class: "figures-now" },
        names.map((name) => h("div", {}, h("dt", { t: `figure.${name}` }), this.#figures[name])),
      ),
      this.#note,
      this.#mapPart,
    );
    this.#say("activity.waiting");
    onLanguage(() => {
      this.#map.nameAxes();
      this.#say(this.#note.dataset.key);
      this.#table();
    });
  }

  #say(key) {
    this.#note.dataset.key = key;
    this.#note.textContent = key ? t(key) : "";
    this.#note.hidden = !key;
  }

  /** The model's card, from which the shape of the map comes. */
  card(model) {
    this.#model = model;
    this.#mapPart.hidden = !(model?.experts > 0);
    if (model?.experts > 0) {
      this.#map.shape(rowsOf(model), model.experts, model.experts_per_token || 1);
    }
    this.#say(!model ? "activity.none" : model.experts > 0 ? "activity.waiting" : "activity.dense");
    this.shown(false, this.#isShown);
    this.shown(this.#isShown);
  }

  /** Watches while it is seen, once the model is known: what came before has no place on the map. */
  shown(open, seen = open) {
    this.#isShown = seen;
    if (open && this.#model) {
      this.#unwatch ??= watch((event, first) => this.#show(event, first));
    } else {
      this.#unwatch?.();
      this.#unwatch = null;
    }
  }

  recolour() {
    this.#map.recolour();
  }

  #show(event, first) {
    this.#say(this.#model?.experts > 0 || !this.#model ? "" : "activity.dense");
    const total = event.total === true || first; // all since the start: sums begin anew
    if (total && this.#model?.experts > 0) {
      this.#map.shape(event.layers ?? rowsOf(this.#model), this.#model.experts, this.#model.experts_per_token || 1);
    }
    this.#map.add(event.experts ?? [], total);
    const set = (name, value) => {
      if (this.#figures[name].textContent !== value) {
        this.#figures[name].textContent = value;
      }
    };
    const rate = (value) => number(value ?? 0, value < 10 ? 1 : 0);
    set("rate", rate(event.tokens_per_second));
    set("promptRate", rate(event.prompt_tokens_per_second));
    set("running", number(event.running ?? 0));
    set("waiting", number(event.waiting ?? 0));
    set("cache", event.kv_blocks > 0 ? percent(event.kv_used / event.kv_blocks, 0) : "–");
    set("memory", event.memory_bytes > 0 ? bytes(event.memory_bytes) : "–");
    if (total || performance.now() - this.#tableAt > TABLE_EVERY) {
      this.#table();
    }
  }

  #table() {
    this.#tableAt = performance.now();
    const heat = this.#map.heat;
    if (!heat) {
      return;
    }
    const perToken = this.#model?.experts_per_token || 1;
    this.#rows.replaceChildren(
      ...heat.top(IN_TABLE).map(({ at, layer, expert }) =>
        h("tr", {}, h("td", {}, String(layer)), h("td", {}, String(expert)), h("td", {}, percent(heat.share(at, perToken)))),
      ),
    );
  }
}

/** The numbers of the layers that have experts; the first ones may be dense. */
export function rowsOf(model) {
  if (Array.isArray(model.moe_layers)) {
    return model.moe_layers;
  }
  const layers = model.layers ?? 0;
  const count = model.moe_layers || layers;
  return Array.from({ length: count }, (_, i) => layers - count + i);
}
