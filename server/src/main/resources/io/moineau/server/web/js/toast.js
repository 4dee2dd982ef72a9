// A line at the bottom that goes by itself, with at most one thing to do.
import { announce } from "./announce.js";
import { h } from "./dom.js";

const STAYS = 8000;

let host;
let end = () => {};

export function toastsIn(element) {
  host = element;
  addEventListener("pagehide", () => end()); // what was deleted stays deleted
}

/** Shows a text; `action` if the button was pressed, else `otherwise` when it goes. */
export function toast(text, { label, action = () => {}, otherwise = () => {} } = {}) {
  end();
  announce(text);
  let done = false;
  const finish = (what) => {
    if (!done) {
      done = true;
      clearTimeout(timer);
      line.remove();
      what();
    }
  };
  const line = h("div", { class: "toast" }, h("span", {}, text));
  if (label) {
    line.append(h("button", { type: "button", class: "undo", on: { click: () => finish(action) } }, label));
  }
  const timer = setTimeout(() => finish(otherwise), STAYS);
  end = () => finish(otherwise);
  host.replaceChildren(line);
}
