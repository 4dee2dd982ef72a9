// One chip with all its figures: each with its range, quality, and where it is from.
import { dialog } from "../dialogs.js";
import { $, h } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { linkAway } from "../links.js";
import { FIGURES, figureText, isKnown, isMeasured, isMissed, quality } from "./figure.js";
import { countryName } from "./form.js";
import { factList } from "./table.js";

export class ChipCard {
  onClose = () => {};
  onCompare = () => {};
  #dialog;
  #body = h("div", { class: "card" });
  #chip = null;
  #version = "";

  show(chip, version) {
    this.#chip = chip;
    this.#version = version;
    if (!this.#dialog) {
      this.#dialog = dialog("chip-card", "chip.card", this.#body);
      this.#dialog.addEventListener("close", () => {
        if (this.#chip) {
          this.#chip = null;
          this.onClose();
        }
      });
      onLanguage(() => this.#fill());
    }
    this.#fill();
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
    this.#dialog.scrollTop = 0;
  }

  /** Closes it because the address says so: nobody is told. */
  close() {
    this.#chip = null;
    this.#dialog?.close();
  }

  #fill() {
    const chip = this.#chip;
    if (!chip) {
      return;
    }
    const title = $("h2", this.#dialog);
    delete title.dataset.t;
    title.textContent = chip.name;
    const numbers = chip.sources.map((source) => source.id);
    this.#body.replaceChildren(
      h("p", { class: "note" }, `${chip.vendor}, ${countryName(chip.country)}`, chip.aliases.length > 0 ? ` · ${chip.aliases.join(", ")}` : ""),
      factList([
        ["chip.kind", t(`kind.${chip.kind.replaceAll(" ", "_")}`) + (chip.datacentre ? `, ${t("chip.datacentre")}` : "")],
        ["chip.architecture", chip.architecture],
        ["chip.launch", chip.launch ? chip.launch + (chip.stage === "launched" ? "" : ` (${t(`stage.${chip.stage}`)})`) : t("unknown")],
        ["chip.process", [chip.process, chip.foundry].filter(Boolean).join(", ")],
        ["chip.memoryType", chip.memory],
        ["chip.linkType", chip.link],
        ["chip.software", chip.software],
        ["chip.hq", chip.hq],
      ]),
      h(
        "div",
        { class: "sheet", tabindex: "0", role: "region", "aria-label": t("chip.figures") },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h("tr", {}, ["chip.figure", "chip.value", "chip.quality", "chip.from"].map((key) => h("th", { scope: "col" }, t(key)))),
          ),
          h("tbody", {}, FIGURES.map((figure) => figureRow(figure, chip, numbers))),
        ),
      ),
      h("p", { class: "note" }, unknown(chip)),
      chip.note ? h("p", { lang: "en" }, chip.note) : null,
      h("h3", {}, t("chip.sources")),
      h(
        "ol",
        { class: "sources" },
        chip.sources.map((source) =>
          h("li", { lang: "en" }, linkAway(source.url, source.title), source.date ? h("span", { class: "note" }, ` ${source.date}`) : null),
        ),
      ),
      h("p", { class: "note" }, `${t("chip.origin", { version: this.#version, origin: chip.origin })} `, quality(chip.quality)),
      h(
        "div",
        { class: "dialog-buttons" },
        h("a", { class: "button", href: `/rules?chip=${encodeURIComponent(chip.name)}` }, t("chip.rules")),
        h(
          "button",
          {
            type: "button",
            class: "primary",
            on: {
              click: () => {
                this.onCompare(chip.name);
                this.#dialog.close();
              },
            },
          },
          t("chip.choose"),
        ),
      ),
    );
  }
}

function figureRow(figure, chip, numbers) {
  const value = figure.of(chip);
  if (!isKnown(value)) {
    return null;
  }
  const remark = figure.computed ? value.from : [value.note, figure.name === "die_mm2" ? chip.die : ""].filter(Boolean).join("; ");
  const from = figure.computed
    ? t("chip.computed")
    : (value.sources ?? []).map((id) => numbers.indexOf(id) + 1).filter((n) => n > 0).join(", ");
  return h(
    "tr",
    { data: { figure: figure.name } },
    h("th", { scope: "row" }, t(figure.key)),
    h(
      "td",
      {},
      `${figureText(value)} ${figure.unit}`.trim(),
      remark ? h("span", { class: "note remark", lang: "en" }, remark) : null,
    ),
    h("td", {}, figure.computed ? "" : quality(value.quality), value.derived ? h("span", { class: "note" }, ` ${t("chip.derived")}`) : null),
    h("td", {}, from),
  );
}

/** Which figures nobody tells, in one sentence. */
function unknown(chip) {
  const names = FIGURES.filter((one) => isMissed(one) && !isKnown(one.of(chip))).map((one) => t(one.key));
  const measured = isMeasured(chip) ? "" : ` ${t("chip.notMeasured")}`;
  const dense = isMeasured(chip) && !isKnown(chip.perf_density) ? ` ${t("chip.noDensity")}` : "";
  return (names.length > 0 ? t("chip.unknown", { names: names.join(", ") }) : "") + measured + dense;
}
