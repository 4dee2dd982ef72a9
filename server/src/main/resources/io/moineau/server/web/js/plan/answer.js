// What the rules say of a case: an answer to each question, with every rule that was weighed.
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { linkAway } from "../links.js";
import { factList } from "./table.js";
import { day, isOver, isQuestionOfDelivery, questionWord, status, verdict } from "./words.js";

/** The section of an answer; `ruleButton(id)` opens a rule, `askOn(day)` asks again for another day. */
export function answerSection(answer, { ruleButton, askOn }) {
  return [
    h("h2", { id: "answer-title", tabindex: "-1" }, title(answer.facts), ", ", day(answer.date)),
    h("p", { class: "strictest" }, `${t("rules.strictest")} `, verdict(answer.strictest)),
    answer.launched_later ? h("p", { class: "problem" }, t("rules.launchedLater", { launch: answer.launched_later })) : null,
    asItWas(answer, askOn),
    answer.paragraphs.length > 0 ? h("p", {}, t("rules.listed", { list: answer.paragraphs.join(", ") })) : null,
    h("div", { class: "questions" }, answer.answers.map((one) => question(one, ruleButton))),
    watch(answer.watch),
    h(
      "details",
      { class: "assumed" },
      h("summary", {}, t("rules.assumed")),
      h("ul", { lang: "en" }, answer.remarks.map((one) => h("li", {}, one))),
      factList([["rules.facts", h("code", {}, JSON.stringify(answer.facts))]]),
    ),
  ].filter(Boolean);
}

function title(facts) {
  const parts = [facts.to ? t("rules.to", { chip: facts.chip ?? "", to: facts.to }) : (facts.chip ?? "")];
  if (facts.end_user_hq) {
    parts.push(t("rules.userOf", { hq: facts.end_user_hq }));
  }
  return parts.join(", ");
}

/** After the last verified day nothing is known; what was known last is told beside it. */
function asItWas(answer, askOn) {
  const then = Object.entries(answer.as_of_last_verified);
  if (then.length === 0) {
    return null;
  }
  return h(
    "div",
    { class: "as-it-was" },
    h("p", {}, t("rules.notVerified", { date: answer.date, last: answer.last_verified })),
    h("ul", {}, then.map(([name, word]) => h("li", {}, `${questionWord(name)}: `, verdict(word)))),
    h("button", { type: "button", class: "quiet", on: { click: () => askOn(answer.last_verified) } }, t("rules.askThen", { last: answer.last_verified })),
  );
}

function question(answer, ruleButton) {
  const now = answer.rules.filter((one) => one.counts || !isOver(one.status)).sort((a, b) => b.counts - a.counts);
  const over = answer.rules.filter((one) => !now.includes(one));
  return h(
    "details",
    { class: "question", open: isQuestionOfDelivery(answer.question) && answer.rules.some((one) => one.counts), data: { question: answer.question } },
    h("summary", {}, h("span", { class: "asked" }, questionWord(answer.question)), verdict(answer.verdict)),
    answer.reasons.length > 0 ? h("ul", { class: "reasons", lang: "en" }, answer.reasons.map((one) => h("li", {}, one))) : null,
    answer.conditions.length > 0 ? h("p", {}, t("rules.conditions")) : null,
    h("ul", { lang: "en" }, answer.conditions.map((one) => h("li", {}, one))),
    now.map((one) => weighed(one, ruleButton)),
    now.length + over.length === 0 ? h("p", { class: "note" }, t("rules.noneSpeaks")) : null,
    over.length > 0
      ? h(
          "details",
          { class: "over" },
          h("summary", {}, t("rules.over", { count: over.length, n: over.length })),
          over.map((one) => weighed(one, ruleButton)),
        )
      : null,
  );
}

/** A rule as it was weighed: its status on the day, its condition with the numbers put in. */
function weighed(rule, ruleButton) {
  return h(
    "article",
    { class: rule.counts ? "weighed counts" : "weighed" },
    h(
      "p",
      {},
      ruleButton(rule.id),
      " ",
      h("span", { lang: "en" }, rule.title),
      " ",
      status(rule.status),
      rule.status_note ? h("span", { class: "note", lang: "en" }, ` ${rule.status_note}`) : null,
    ),
    rule.condition
      ? h("p", { class: "condition" }, h("code", { translate: "no" }, rule.condition), " → ", h("strong", {}, t(`met.${rule.met}`)))
      : null,
    h(
      "p",
      { class: "note" },
      `${t(rule.counts ? "rules.counts" : "rules.countsNot")} · `,
      rule.citation ? h("span", { lang: "en" }, `${rule.citation} · `) : null,
      `${t(`evidence.${rule.evidence}`)} · ${t("rules.verified", { date: rule.verified })}`,
      rule.sources.map((one) => [" · ", linkAway(one, host(one))]).flat(),
    ),
  );
}

function host(address) {
  try {
    return new URL(address).host || address;
  } catch {
    return address;
  }
}

function watch(days) {
  return days.length === 0
    ? null
    : h("div", {}, h("h3", {}, t("rules.watch")), h("ul", { lang: "en" }, days.map((one) => h("li", {}, day(one.date), ` ${one.text}`))));
}
