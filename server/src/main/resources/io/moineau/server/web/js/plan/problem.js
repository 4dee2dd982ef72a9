// What went wrong, in the server's words, where it was asked.
import { h } from "../dom.js";
import { t } from "../i18n.js";

/** A note of a problem; with a button to try again where `retry` is given. */
export function problemNote(problem, retry) {
  const message = problem.status === 401 ? t("problem.key") : String(problem.message ?? problem);
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("p", {}, message),
    retry ? h("button", { type: "button", class: "retry", t: "retry", on: { click: retry } }) : null,
  );
}
