// Which experts an answer used most, as small bars.
import { h } from "./dom.js";
import { number, t } from "./i18n.js";

const SHOWN = 8;

export function mostUsed(node) {
  const top = node.experts.slice(0, SHOWN);
  const most = Math.max(...top.map((one) => one.tokens), 1);
  const rows = top.map(({ layer, expert, tokens }) =>
    h(
      "li",
      {},
      h("span", { class: "which" }, t("expertOf", { layer: String(layer), expert: String(expert) })),
      bar(tokens / most),
      h("span", { class: "many" }, number(tokens)),
    ),
  );
  return h(
    "details",
    { class: "most-used" },
    h("summary", {}, h("span", { t: "mostUsed" })),
    h("ol", {}, rows),
  );
}

/** A bar of a part of its length; the length is an attribute, for styles are not allowed inline. */
function bar(part) {
  const meter = h("meter", { min: "0", max: "1", "aria-hidden": "true" });
  meter.value = part;
  return meter;
}
