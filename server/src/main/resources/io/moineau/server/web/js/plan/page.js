// The frame of the pages of the plan: the bar, the heading, and which page it is.
import { announceIn } from "../announce.js";
import { dialog } from "../dialogs.js";
import { $, h, iconButton, translateAll } from "../dom.js";
import * as icons from "../icons.js";
import { extend, onLanguage, t } from "../i18n.js";
import en from "../lang/en-plan.js";
import fr from "../lang/fr-plan.js";
import { lookButtons } from "../look.js";
import { mark } from "../mark.js";
import { toastsIn } from "../toast.js";
import { begin } from "./ask.js";
import { PAGES } from "./pages.js";
import { problemNote } from "./problem.js";

extend({ en, fr });

const name = location.pathname.slice(1);
const host = h("div", { id: "page" });
let help;

build();
start();

function build() {
  const live = h("div", { id: "live", class: "off-screen", "aria-live": "polite" });
  const toasts = h("div", { id: "toasts" });
  announceIn(live);
  toastsIn(toasts);
  const here = (one) => (one === name ? "page" : false);
  document.body.classList.add("plan");
  document.body.append(
    h("a", { class: "skip", href: "#main", t: "skip.content" }),
    h(
      "header",
      { class: "top" },
      h("a", { class: "home", href: "/", tLabel: "page.home" }, mark(28), h("span", { "aria-hidden": "true" }, "Moineau")),
      h(
        "nav",
        { class: "pages", tLabel: "pages" },
        h("a", { href: "/", t: "page.chat" }),
        Object.keys(PAGES).map((one) => h("a", { href: `/${one}`, "aria-current": here(one), t: `page.${one}` })),
      ),
      h("div", { class: "look" }, lookButtons(), iconButton(icons.HELP, "help", showHelp, { id: "help" })),
    ),
    h(
      "main",
      { id: "main", tabindex: "-1" },
      h("h1", { t: `${name}.title` }),
      h("p", { class: "lead", t: `${name}.lead` }),
      host,
    ),
    toasts,
    live,
  );
  showTitle();
  onLanguage(() => {
    translateAll(document.body);
    showTitle();
  });
  window.addEventListener("keydown", onKey);
}

function showTitle() {
  document.title = `${t(`page.${name}`)} · Moineau`;
}

async function start() {
  try {
    await begin();
    const { page } = await PAGES[name]();
    translateAll(document.body); // the page may have brought texts of its own
    if (page.legal) {
      $("#main").append(h("p", { id: "legal", class: "note", t: "legal" }));
    }
    await page.open(host, new URLSearchParams(location.search));
  } catch (problem) {
    host.replaceChildren(problemNote(problem, () => location.reload()));
  }
  document.documentElement.dataset.ready = "true";
}

const KEYS = [
  ["/", "help.filter"],
  ["Tab", "help.tab"],
  ["Enter", "help.enter"],
  ["Esc", "help.esc"],
  ["?", "help.help"],
];

function showHelp() {
  help ??= dialog(
    "help-dialog",
    "help",
    h(
      "dl",
      { class: "shortcuts" },
      KEYS.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", { t: what }))),
    ),
    h("h3", { t: "privacy" }),
    h("p", { t: "privacy.plan" }),
  );
  help.showModal();
}

function onKey(event) {
  const typing = event.target.closest?.("input, textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    $("[data-first]", host)?.focus();
  } else if (event.key === "?") {
    showHelp();
  }
}
