// Words of the rules in the language of the page. What has no word here stands as the data have it.
import { h } from "../dom.js";
import { t } from "../i18n.js";

const VERDICTS = {
  "no licence by these rules": "none",
  "licence exception possible": "exception",
  manual: "manual",
  unknown: "unknown",
  "licence required": "licence",
  "presumption of denial": "denial",
};

const QUESTIONS = {
  "by its numbers": "numbers",
  "letters to firms": "letters",
  "party and destination": "party",
  "renting (remote use)": "renting",
  "use of what is held": "holding",
  "entry into the US": "entry",
  "the buyer's country": "buyer",
  "the site": "site",
};

const STATUSES = {
  "not yet": "notYet",
  "published, not yet binding": "published",
  "in force": "inForce",
  "on the books but not enforced": "notEnforced",
  suspended: "suspended",
  withdrawn: "withdrawn",
  ended: "ended",
  "letter to one firm": "letter",
  guidance: "guidance",
  "press report": "press",
  "not enacted": "notEnacted",
  unknown: "unknown",
};

const word = (group, known, text) => (Object.hasOwn(known, text) ? t(`${group}.${known[text]}`) : text);

export const verdictWord = (text) => word("verdict", VERDICTS, text);
export const questionWord = (text) => word("question", QUESTIONS, text);
export const statusWord = (text) => word("status", STATUSES, text);
export const isQuestionOfDelivery = (text) => ["numbers", "letters", "party"].includes(QUESTIONS[text]);

/** Whether a rule says nothing on that day: it was over, or had not begun. */
export const isOver = (status) => status === "ended" || status === "not yet";

const SIGNS = { none: "○", exception: "◐", manual: "✎", unknown: "?", licence: "●", denial: "✕" };

/** A verdict with a sign, so that its colour says nothing that is not written. */
export function verdict(text) {
  const kind = VERDICTS[text] ?? "unknown";
  return h(
    "span",
    { class: `verdict verdict-${kind}` },
    h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[kind]),
    verdictWord(text),
  );
}

export const status = (text) =>
  h("span", { class: isOver(text) || text === "unknown" ? "status off" : "status" }, statusWord(text));

/** A day as the language writes it, with the day itself for programs. */
export function day(text) {
  return h("time", { datetime: text }, text);
}
