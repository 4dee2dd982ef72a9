// One site of an audit, or several together: shares under each reading, quotas, least changes.
import { h } from "../dom.js";
import { currentLanguage, t } from "../i18n.js";
import { picture } from "./svg.js";
import { factList } from "./table.js";
import { statusWord } from "./words.js";

const OUTCOMES = { true: ["passes", "○", "none"], false: ["fails", "✕", "denial"], unknown: ["open", "?", "unknown"] };

/** The section of a site or group. */
export function partSection(part) {
  const changes = part.least_changes ?? [];
  return h(
    "section",
    { class: "part" },
    h("h3", {}, part.site, part.country ? ` (${[part.country, part.region].filter(Boolean).join(", ")})` : ""),
    part.of ? h("p", { class: "note" }, t("audit.together", { sites: part.of.join(", ") })) : null,
    picture(part.chart, t("audit.shares", { site: part.site })),
    readings(part.shares, changes),
    ...part.omitted.map((one) => h("p", { class: "note" }, t("audit.noShare"), " ", h("span", { lang: "en" }, one))),
    part.quotas?.length > 0 ? h("h4", {}, t("audit.quotas")) : null,
    ...(part.quotas ?? []).map(quota),
    part.rules ? siteRules(part.rules) : null,
  );
}

/** Rows are what is counted, columns what counts as domestic. */
function readings(shares, changes) {
  const meanings = [...new Set(shares.map((one) => one.domestic))];
  const rows = [...new Set(shares.map((one) => `${one.pool}\n${one.unit}`))];
  const of = (list, row, meaning) => list.find((one) => `${one.pool}\n${one.unit}` === row && one.domestic === meaning);
  return h(
    "div",
    { class: "sheet", tabindex: "0", role: "region", "aria-label": t("audit.readings") },
    h(
      "table",
      { class: "readings" },
      h("caption", { class: "off-screen" }, t("audit.readings")),
      h(
        "thead",
        {},
        h("tr", {}, h("th", { scope: "col" }, t("audit.counted")), meanings.map((one) => h("th", { scope: "col" }, meaningWord(one)))),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, unitWord(...row.split("\n"))),
            meanings.map((one) => h("td", {}, reading(of(shares, row, one), of(changes, row, one)))),
          ),
        ),
      ),
    ),
  );
}

function reading(share, change) {
  if (!share) {
    return null;
  }
  const half = share.more_than_half === "false" && share.at_least_half === "true";
  const least = change?.more_than_half_change;
  return [
    h("span", { class: "share" }, shareText(share)),
    " ",
    outcome(share.more_than_half),
    half ? h("span", { class: "note" }, ` ${t("audit.ifHalf")}`) : null,
    least && least.status !== "passes" ? changeDetails(least) : null,
  ];
}

function outcome(truth) {
  const [name, sign, kind] = OUTCOMES[truth] ?? OUTCOMES.unknown;
  return h("span", { class: `verdict verdict-${kind}` }, h("span", { class: "sign", "aria-hidden": "true" }, sign), t(`audit.${name}`));
}

/** What a least change is, folded under how many chips it takes. */
function changeDetails(change) {
  if (!change.text) {
    return h(
      "details",
      { class: "change" },
      h("summary", {}, t(change.status === "impossible" ? "audit.impossible" : "audit.undecided")),
      h("ul", { lang: "en" }, (change.why ?? []).map((one) => h("li", {}, one))),
    );
  }
  return h(
    "details",
    { class: "change" },
    h("summary", {}, t(change.status === "least change" ? "audit.change" : "audit.aChange", { count: change.chips, n: number(change.chips) })),
    h("ul", { lang: "en" }, change.text.map((one) => h("li", {}, one))),
    factList([
      ["audit.cost", money(change.cost)],
      ["audit.worth", money(change.worth_of_leaving)],
    ]),
    comparison(change),
    (change.why ?? []).map((one) => h("p", { class: "note", lang: "en" }, one)),
  );
}

/** What the chips come to before and after, where it changes. */
function comparison(change) {
  const before = amounts(change.before);
  const after = amounts(change.after);
  const names = [...before.keys()].filter((name) => before.get(name) !== after.get(name));
  return names.length === 0
    ? null
    : h(
        "table",
        { class: "before-after" },
        h("thead", {}, h("tr", {}, ["audit.amount", "audit.before", "audit.after"].map((key) => h("th", { scope: "col" }, t(key))))),
        h(
          "tbody",
          {},
          names.map((name) =>
            h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "number" }, before.get(name)), h("td", { class: "number" }, after.get(name) ?? "")),
          ),
        ),
      );
}

/** Names with texts: an amount is a number, or a map with its low, value and high. */
function amounts(tree, path = "") {
  const all = new Map();
  for (const [name, value] of Object.entries(tree ?? {})) {
    const full = path ? `${path} ${name}` : name;
    if (typeof value === "number") {
      all.set(full, number(value));
    } else if (value && typeof value === "object" && "low" in value && "high" in value) {
      const range = value.low === value.high ? "" : ` (${number(value.low)}–${number(value.high)})`;
      all.set(full, number(value.value ?? value.high) + range);
    } else if (value && typeof value === "object") {
      amounts(value, full).forEach((text, key) => all.set(key, text));
    }
  }
  return all;
}

function quota(one) {
  return h(
    "details",
    { class: "question", open: one.applies !== "false", data: { rule: one.rule } },
    h("summary", {}, h("span", { class: "asked" }, h("span", { class: "rule-id" }, one.rule), " ", h("span", { lang: "en" }, one.title)), h("span", { class: "status" }, statusWord(one.status))),
    one.status_note ? h("p", { class: "note", lang: "en" }, one.status_note) : null,
    h("p", { lang: "en" }, one.text),
    h("p", {}, t(`audit.applies.${one.applies}`), " ", one.because ? h("code", {}, one.because) : null),
    h("p", {}, t("audit.count", { passing: one.passing.length, open: one.open.length, failing: one.failing.length })),
    one.failing.length + one.open.length > 0 ? changeDetails(one.change) : null,
    one.unreachable.length > 0
      ? h(
          "details",
          {},
          h("summary", {}, t("audit.unreachable", { count: one.unreachable.length, n: one.unreachable.length })),
          h("ul", { lang: "en" }, one.unreachable.map((it) => h("li", {}, `${it.pool}, ${it.unit}, ${it.domestic}: ${it.why.join("; ")}`))),
        )
      : null,
  );
}

/** What the rules say of the site beside quotas. */
function siteRules(rules) {
  return h(
    "div",
    { class: "site-rules" },
    h("h4", {}, t("audit.rules")),
    h("ul", { lang: "en" }, rules.reasons.map((one) => h("li", {}, one)), rules.conditions.map((one) => h("li", {}, one))),
  );
}

const MEANINGS = {
  "vendor of the country": "vendor",
  "made in the country": "made",
  both: "both",
  "vendor owned there by half or more": "owned",
};
const POOLS = ["computing", "storage", "together"];
const UNITS = ["chips", "value"];

const meaningWord = (text) => (Object.hasOwn(MEANINGS, text) ? t(`meaning.${MEANINGS[text]}`) : text);
const unitWord = (pool, unit) =>
  `${POOLS.includes(pool) ? t(`pool.${pool}`) : pool}: ${UNITS.includes(unit) ? t(`unit.${unit}`) : unit}`;

const number = (value) => new Intl.NumberFormat(currentLanguage(), { maximumSignificantDigits: 5 }).format(value);
const money = (value) => (value === undefined || value === null ? undefined : number(value));

function shareText(share) {
  const percent = (part) => new Intl.NumberFormat(currentLanguage(), { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(part);
  return share.low === share.high ? percent(share.low) : `${percent(share.low)} – ${percent(share.high)}`;
}
