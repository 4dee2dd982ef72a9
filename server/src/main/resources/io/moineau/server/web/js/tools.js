// What an answer holds beside its text: reasoning and calls of tools, folded.
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { renderAll } from "./markdown.js";
import { session } from "./session.js";

/** Reasoning: its text is set when it is unfolded, and then kept up to date. */
export function reasoningBlock() {
  const label = h("span", { t: "reasoning" });
  const body = h("div", { class: "thoughts prose" });
  const element = h("details", { class: "reasoning" }, h("summary", {}, label), body);
  let text = "";
  let writing = false;
  const fill = () => {
    if (element.open) {
      // While it grows its end is what matters, and plain text is quick.
      body.replaceChildren(writing ? h("div", { class: "as-written" }, text) : renderAll(text));
    }
  };
  element.addEventListener("toggle", fill);
  return {
    element,
    show(value, isWriting) {
      const changed = value !== text || writing !== isWriting;
      text = value;
      writing = isWriting;
      label.dataset.t = isWriting ? "reasoningNow" : "reasoning";
      label.textContent = t(label.dataset.t);
      element.classList.toggle("running", isWriting);
      if (changed) {
        fill();
      }
    },
  };
}

/** A call of a tool: its name, and its arguments when unfolded. */
export function toolCallBlock(call) {
  const name = h("code", {});
  const pre = h("pre", { tabindex: "0" });
  const element = h(
    "details",
    { class: "tool-call" },
    h("summary", {}, h("span", { t: "toolCall" }), " ", name),
    pre,
  );
  element.update = (now) => {
    name.textContent = now.name;
    pre.textContent = pretty(now.arguments);
  };
  element.update(call);
  return element;
}

function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // it is still coming
  }
}

/** Asks the user for what the tools give: nobody else runs them here. */
export function resultForm(node) {
  const areas = node.calls.map((call) =>
    h("textarea", { rows: "2", "aria-label": t("resultOf", { name: call.name }), placeholder: t("resultOf", { name: call.name }) }),
  );
  const give = () => session.giveResult(node, areas.map((area) => area.value));
  return h(
    "div",
    { class: "results" },
    areas,
    h("button", { type: "button", class: "primary", t: "giveResult", on: { click: give } }),
  );
}
