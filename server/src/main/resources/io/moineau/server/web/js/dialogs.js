// Dialogs: the key, and help.
import { h, iconButton } from "./dom.js";
import * as icons from "./icons.js";
import { t } from "./i18n.js";
import { forgetKey, key, setKey } from "./keys.js";

/** A dialog at the end of the page; its heading is the text of a key. */
export function dialog(id, label, ...children) {
  const element = h("dialog", { id, "aria-labelledby": `${id}-title` },
    h("div", { class: "dialog-head" },
      h("h2", { id: `${id}-title`, t: label }),
      iconButton(icons.CLOSE, "close", () => element.close())),
    children);
  element.addEventListener("click", (event) => {
    if (event.target === element) {
      element.close(); // beside it
    }
  });
  document.body.append(element);
  return element;
}

let keyDialog;
let waiting = null;

/** Asks for a key; gives whether one was given. */
export function askForKey(refused) {
  if (waiting) {
    return waiting.promise;
  }
  keyDialog ??= makeKeyDialog();
  keyDialog.show(refused);
  waiting = Promise.withResolvers ? Promise.withResolvers() : resolvers();
  return waiting.promise;
}

function resolvers() {
  const all = {};
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }));
  return all;
}

function makeKeyDialog() {
  const input = h("input", { id: "key", type: "password", autocomplete: "off", spellcheck: "false" });
  const remember = h("input", { id: "remember-key", type: "checkbox" });
  const problem = h("p", { class: "field-problem", role: "alert" });
  let given = false;
  const take = () => {
    const value = input.value.trim();
    if (/^[\x21-\x7e]+$/.test(value)) {
      setKey(value, remember.checked);
      given = true;
      element.close();
    } else {
      problem.textContent = t(value ? "keyOdd" : "keyEmpty");
      input.focus();
    }
  };
  const forget = h("button", {
    type: "button",
    class: "quiet",
    t: "forgetKey",
    on: {
      click: () => {
        forgetKey();
        given = true;
        element.close();
      },
    },
  });
  const element = dialog(
    "key-dialog",
    "keyTitle",
    h("p", { t: "keyText" }),
    h("label", { for: "key", t: "key" }),
    input,
    problem,
    h("label", { class: "check" }, remember, h("span", { t: "rememberKey" })),
    h(
      "div",
      { class: "dialog-buttons" },
      forget,
      h("button", { type: "button", id: "key-ok", class: "primary", t: "keyOk", on: { click: take } }),
    ),
  );
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault(); // else the field that gets the focus back gets the newline too
      take();
    }
  });
  element.addEventListener("close", () => {
    input.value = "";
    const { resolve } = waiting;
    waiting = null;
    resolve(given);
  });
  return {
    show(refused) {
      given = false;
      forget.hidden = !key();
      problem.textContent = refused ? t("keyRefused") : "";
      element.showModal();
      input.focus();
    },
  };
}

let help;

const KEYS = [
  ["Enter", "help.send"],
  ["Shift Enter", "help.line"],
  ["Esc", "help.stop"],
  ["/", "help.focus"],
  ["Ctrl K", "help.search"],
  ["Ctrl Shift O", "help.new"],
  ["Ctrl .", "help.panel"],
  ["F2", "help.rename"],
  ["?", "help.help"],
];

export function showHelp() {
  help ??= dialog(
    "help-dialog",
    "help",
    h(
      "dl",
      { class: "shortcuts" },
      KEYS.map(([keys, what]) =>
        h("div", {}, h("dt", {}, keys.split(" ").map((one) => h("kbd", {}, one))), h("dd", { t: what })),
      ),
    ),
    h("h3", { t: "privacy" }),
    h("p", { t: "privacyText" }),
    h("p", { class: "note", id: "kept-where", t: "keptHere" }),
  );
  help.querySelector("#kept-where").dataset.t = keptText;
  help.querySelector("#kept-where").textContent = t(keptText);
  help.showModal();
}

let keptText = "keptHere";

/** Where conversations are kept: the key of a text. */
export function tellKept(text) {
  keptText = text;
}
