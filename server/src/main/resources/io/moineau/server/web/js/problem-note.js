// A problem of an answer: what it was, how long to wait, and a button to try again.
import { h } from "./dom.js";
import { currentLanguage, t } from "./i18n.js";

/** Longer waits are not counted down second by second, and nothing is sent at their end. */
const LONGEST_WAIT = 120;

export class ProblemNote {
  problem;
  element;
  #countdown = h("span", { class: "countdown" });
  #end;
  #timer;

  constructor(problem, retry) {
    this.problem = problem;
    this.language = currentLanguage();
    this.element = h(
      "div",
      { class: "problem", role: "alert" },
      h("p", {}, sentence(problem)),
      h(
        "div",
        { class: "problem-row" },
        h("button", { type: "button", class: "retry", t: "retry", on: { click: () => this.#again(retry) } }),
        this.#countdown,
      ),
    );
    if (problem.wait > 0 && problem.status === 429 && problem.wait <= LONGEST_WAIT) {
      this.#end = Date.now() + problem.wait * 1000;
      this.#countdown.setAttribute("aria-hidden", "true"); // the sentence has said it
      this.#timer = setInterval(() => this.#tick(retry), 250);
      this.#tick(retry);
    } else if (problem.wait > LONGEST_WAIT) {
      const at = new Intl.DateTimeFormat(document.documentElement.lang, {
        weekday: problem.wait > 43200 ? "long" : undefined,
        hour: "2-digit",
        minute: "2-digit",
      }).format(Date.now() + problem.wait * 1000);
      this.#countdown.textContent = t("againAt", { at });
    }
  }

  #tick(retry) {
    if (!this.element.isConnected && this.#end - Date.now() < this.problem.wait * 1000 - 1000) {
      clearInterval(this.#timer); // another conversation is shown
      return;
    }
    const left = Math.ceil((this.#end - Date.now()) / 1000);
    if (left <= 0) {
      this.#again(retry);
    } else {
      this.#countdown.textContent = t("againIn", { count: left, n: left });
    }
  }

  #again(retry) {
    clearInterval(this.#timer);
    retry();
  }
}

function sentence(problem) {
  const known = {
    engine_busy: "problem.busy",
    rate_exceeded: "problem.rate",
    budget_spent: "problem.budget",
    budget_reserved: "problem.reserved",
    budget_too_small: "problem.budgetSmall",
    too_many_failures: "problem.failures",
    keys_unavailable: "problem.keysAway",
    key_expired: "problem.expired",
    key_revoked: "problem.revoked",
    context_length_exceeded: "problem.tooLong",
  };
  if (problem.code in known) {
    return t(known[problem.code]);
  }
  if (problem.status === 401) {
    return t("problem.key");
  }
  return problem.message;
}
