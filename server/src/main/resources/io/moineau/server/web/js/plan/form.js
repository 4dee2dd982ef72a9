// Fields of the pages' forms, each with its label.
import { h } from "../dom.js";
import { currentLanguage, onLanguage, t } from "../i18n.js";

/** A field with a label (the key of a text) and perhaps a hint. */
export function field(label, input, { hint, wide = false } = {}) {
  input.id ||= `field-${label.replaceAll(".", "-")}`;
  if (hint) {
    input.setAttribute("aria-describedby", `${input.id}-hint`);
  }
  return h(
    "div",
    { class: wide ? "field wide-field" : "field" },
    h("label", { for: input.id, t: label }),
    input,
    hint ? h("p", { id: `${input.id}-hint`, class: "note", t: hint }) : null,
  );
}

/** A choice: `[value, key of its text]` each, or `[value, null, text]`. */
export function choice(name, options, value = "") {
  const select = h(
    "select",
    { name },
    options.map(([one, key, text]) => h("option", { value: one, ...(key ? { t: key } : {}) }, ...(key ? [] : [text]))),
  );
  select.value = value;
  return select;
}

export const text = (name, more = {}) => h("input", { name, type: "text", autocomplete: "off", spellcheck: "false", ...more });
export const dayField = (name, value) => {
  const input = h("input", { name, type: "date", min: "1990-01-01", max: "2099-12-31" });
  input.value = value;
  return input;
};

/** A country of ISO 3166, named in the language of the page. */
export function countryChoice(name, codes, value = "", none = "unsaid") {
  const select = h("select", { name });
  const show = () => {
    const chosen = select.options.length > 0 ? select.value : value;
    const names = codes.map((code) => [code, countryName(code)]);
    names.sort((a, b) => a[1].localeCompare(b[1], currentLanguage()));
    select.replaceChildren(
      h("option", { value: "" }, t(none)),
      ...names.map(([code, one]) => h("option", { value: code }, one === code ? code : `${one} (${code})`)),
    );
    select.value = chosen;
  };
  show();
  onLanguage(show);
  return select;
}

/** The name of a country in the language of the page, or its letters. */
export function countryName(code) {
  try {
    return new Intl.DisplayNames([currentLanguage()], { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** What the fields of a form say, without the empty ones. */
export function values(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value !== ""));
}

/** Puts values into the fields of a form that have their names. */
export function fill(form, query) {
  for (const [name, value] of query) {
    const input = form.elements.namedItem(name);
    if (input) {
      input.value = value;
    }
  }
}
