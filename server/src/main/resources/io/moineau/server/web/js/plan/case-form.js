// The form of a case: which chip, where to, for whom, on which day.
import { h } from "../dom.js";
import { choice, countryChoice, dayField, field, text, values } from "./form.js";

const NUMBERS = ["tpp", "pd", "dram_bw", "io_bw", "memory_gb", "listed_share", "completion"];
const TRUTHS = ["datacentre", "us_item", "listed_party", "state_funded"];
const WORDS = ["seller", "buyer", "owner"];

/** The form; `words` and `countries` as the server has them, `chips` for the list beside the field. */
export function caseForm(words, countries, chips, today) {
  const list = h(
    "datalist",
    { id: "known-chips" },
    chips.map((chip) => h("option", { value: chip.name }, chip.vendor)),
  );
  const options = (name) => [["", "unsaid"], ...words[name].map((word) => [word, `${name}.${word.replaceAll(" ", "_")}`])];
  return h(
    "form",
    { id: "case", class: "case" },
    h(
      "div",
      { class: "fields" },
      field("case.chip", text("chip", { list: "known-chips", "data-first": true })),
      list,
      field("case.to", countryChoice("to", countries, "CN")),
      field("case.end_user_hq", countryChoice("end_user_hq", countries)),
      field("case.date", dayField("date", today)),
      field("case.purpose", choice("purpose", options("purpose"))),
    ),
    h(
      "details",
      { class: "more" },
      h("summary", { t: "case.more" }),
      h("p", { class: "note", t: "case.moreHint" }),
      h(
        "div",
        { class: "fields" },
        field("case.from", countryChoice("from", countries)),
        WORDS.map((name) => field(`case.${name}`, choice(name, options(name)))),
        TRUTHS.map((name) => field(`case.${name}`, choice(name, [["", "unsaid"], ["true", "met.true"], ["false", "met.false"], ["unknown", "met.unknown"]]))),
        NUMBERS.map((name) => field(`case.${name}`, text(name, { inputmode: "decimal" }))),
        field("case.region", text("region")),
      ),
    ),
    h(
      "div",
      { class: "row" },
      h("button", { type: "submit", id: "check", class: "primary", t: "case.check" }),
      h("button", { type: "button", id: "timeline-button", class: "quiet", t: "case.timeline" }),
    ),
  );
}

/** What a form says, as the server wants it. */
export const caseOf = (form) => values(form);

/** The same without the day: over time. */
export function caseOverTime(form) {
  const { date: _, ...rest } = values(form);
  return rest;
}
