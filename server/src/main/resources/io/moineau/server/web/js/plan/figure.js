// Figures of chips: a number, or a range where sources differ; what is not known says so.
import { h } from "../dom.js";
import { number, t } from "../i18n.js";

const SVG = "http://www.w3.org/2000/svg";
const PEAKS = ["fp64", "fp32", "tf32", "bf16", "fp16", "int8", "fp8", "fp4"];

/** Figures that chips of some kinds have, and others need not: their absence is not told. */
const NOT_OF_ALL = ["price_usd", "link_domain", "network_gbs", "numa_domains", "attention_gain"];

/** Whether it is worth saying that nobody tells this figure. */
export const isMissed = (figure) => !figure.computed && !NOT_OF_ALL.includes(figure.name);

/** All figures of a chip: key of the text, unit, where it is in the chip, key in files. */
export const FIGURES = [
  ...PEAKS.map((name) => ({ name, key: `chip.${name}`, unit: "T/s", of: (chip) => chip.peak?.[name] })),
  { name: "memory_gb", key: "chip.memory_gb", unit: "GB", of: (chip) => chip.memory_gb },
  { name: "memory_gbs", key: "chip.memory_gbs", unit: "GB/s", of: (chip) => chip.memory_gbs },
  { name: "link_gbs", key: "chip.link_gbs", unit: "GB/s", of: (chip) => chip.link_gbs },
  { name: "link_domain", key: "chip.link_domain", unit: "", of: (chip) => chip.link_domain },
  { name: "network_gbs", key: "chip.network_gbs", unit: "GB/s", of: (chip) => chip.network_gbs },
  { name: "numa_domains", key: "chip.numa_domains", unit: "", of: (chip) => chip.numa_domains },
  { name: "attention_gain", key: "chip.attention_gain", unit: "×", of: (chip) => chip.attention_gain },
  { name: "tdp_w", key: "chip.tdp_w", unit: "W", of: (chip) => chip.tdp_w },
  { name: "die_mm2", key: "chip.die_mm2", unit: "mm²", of: (chip) => chip.die_mm2 },
  { name: "price_usd", key: "chip.price_usd", unit: "USD", of: (chip) => chip.price_usd },
  { name: "tpp", key: "chip.tpp", unit: "", of: (chip) => chip.tpp, computed: true },
  { name: "perf_density", key: "chip.pd", unit: "1/mm²", of: (chip) => chip.perf_density, computed: true },
];

export const byName = Object.fromEntries(FIGURES.map((one) => [one.name, one]));

export const isKnown = (figure) => figure !== undefined && figure !== null;
export const isRange = (figure) => figure.low !== figure.high;

/** The number that a figure is sorted by: the best known, else the upper end. */
export function sortValue(figure) {
  return isKnown(figure) ? Number(figure.value ?? figure.high) : undefined;
}

const plain = (value) => number(value, Math.abs(value) < 100 ? 3 : 1);

/** `400`, `400 (400–550)` or `256–345`. */
export function figureText(figure) {
  if (!isKnown(figure)) {
    return t("unknown");
  }
  if (!isRange(figure)) {
    return plain(figure.value ?? figure.low);
  }
  const range = `${plain(figure.low)}–${plain(figure.high)}`;
  return isKnown(figure.value) ? `${plain(figure.value)} (${range})` : range;
}

/** The same for a cell: the range is smaller beneath, and what is unknown is softer. */
export function figureCell(figure, otherwise = "unknown") {
  if (!isKnown(figure)) {
    return h("span", { class: "unknown" }, t(otherwise));
  }
  if (!isRange(figure) || !isKnown(figure.value)) {
    return h("span", { class: isRange(figure) ? "ends" : false }, figureText(figure));
  }
  return h(
    "span",
    {},
    `${plain(figure.value)} `,
    h("span", { class: "range" }, `(${plain(figure.low)}–${plain(figure.high)})`),
  );
}

/** Whether the rules' measures are defined for a chip at all; for others "unknown" would be wrong. */
export const isMeasured = (chip) => !["cpu", "system", "storage"].includes(chip.kind);

/** The word that stands where a figure of a chip is missing. */
export const missing = (figure, chip) => (figure.computed && !isMeasured(chip) ? "notComputed" : "unknown");

/** A letter of quality with its meaning for those who ask. */
export function quality(letter) {
  return h("abbr", { class: `quality quality-${/^[ABC]$/.test(letter) ? letter : "C"}`, title: t(`quality.${letter}`) }, letter);
}

/** A bar from nothing to the largest; the part from the low to the high end is paler. */
export function bar(figure, largest) {
  const svg = document.createElementNS(SVG, "svg");
  const part = (kind, from, to) => {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", kind);
    rect.setAttribute("x", String((100 * from) / largest));
    rect.setAttribute("width", String(Math.max(0, (100 * (to - from)) / largest)));
    rect.setAttribute("y", "0");
    rect.setAttribute("height", "8");
    svg.append(rect);
  };
  svg.setAttribute("class", "bar");
  svg.setAttribute("viewBox", "0 0 100 8");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  if (isKnown(figure) && largest > 0) {
    part("sure", 0, figure.low);
    part("unsure", figure.low, figure.high);
  }
  return svg;
}
