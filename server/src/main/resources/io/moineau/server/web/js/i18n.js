// Texts in the language that was chosen, or the browser's, or English.
import en from "./lang/en.js";
import fr from "./lang/fr.js";
import { read, write } from "./prefs.js";

const LANGUAGES = { en: { ...en }, fr: { ...fr } };

let language = chosen();
document.documentElement.lang = language;

function chosen() {
  const kept = read("language");
  if (kept in LANGUAGES) {
    return kept;
  }
  const wanted = (navigator.languages ?? [navigator.language]).map((one) => one.slice(0, 2));
  return wanted.find((one) => one in LANGUAGES) ?? "en";
}

/** Adds the texts that a page has beside those of all pages, by language. */
export function extend(more) {
  for (const [name, texts] of Object.entries(more)) {
    Object.assign(LANGUAGES[name], texts);
  }
}

/** The texts of a language that has `count` go by its plural rules: `key_one`, `key_other`. */
export function t(key, values = {}) {
  const texts = LANGUAGES[language];
  let text = texts[key];
  if (text === undefined && "count" in values) {
    const rule = new Intl.PluralRules(language).select(values.count);
    text = texts[`${key}_${rule}`] ?? texts[`${key}_other`];
  }
  if (text === undefined) {
    return key;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => format(values[name] ?? whole));
}

function format(value) {
  return typeof value === "number" ? number(value) : String(value);
}

/** A number as the language writes it. */
export function number(value, digits = 0) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/** A part of one as a percentage. */
export function percent(part, digits = 1) {
  return new Intl.NumberFormat(language, {
    style: "percent",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(part);
}

/** Bytes in the largest unit that leaves one or more. */
export function bytes(value) {
  const units = language === "fr" ? ["o", "Kio", "Mio", "Gio", "Tio"] : ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${number(rest, rest < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`;
}

/** A time of the day, with the day where it is not today. */
export function time(millis) {
  const date = new Date(millis);
  const sameDay = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, {
    ...(sameDay ? {} : { day: "numeric", month: "short" }),
    hour: "2-digit",
    minute: "2-digit",
  }).format(date);
}

/** A day, without the hour. */
export function day(millis) {
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "short" }).format(new Date(millis));
}

export function currentLanguage() {
  return language;
}

const listeners = [];

/** Calls back when another language is chosen. */
export function onLanguage(listener) {
  listeners.push(listener);
}

export function choose(value) {
  if (!(value in LANGUAGES) || value === language) {
    return;
  }
  language = value;
  write("language", value);
  document.documentElement.lang = value;
  listeners.forEach((listener) => listener());
}

export const languages = Object.keys(LANGUAGES);
