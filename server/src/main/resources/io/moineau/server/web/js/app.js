// Puts the page together.
import { announceIn } from "./announce.js";
import { retry as retryActivity, watch } from "./activity.js";
import { getJson, Problem } from "./api.js";
import { Composer } from "./composer.js";
import { askForKey, showHelp, tellKept } from "./dialogs.js";
import { $, h, iconButton, translateAll } from "./dom.js";
import { Health } from "./health.js";
import * as icons from "./icons.js";
import { onLanguage, t } from "./i18n.js";
import { key } from "./keys.js";
import { lookButtons } from "./look.js";
import { Panel } from "./panel.js";
import { read, write } from "./prefs.js";
import { session } from "./session.js";
import { Sidebar } from "./sidebar.js";
import * as store from "./store.js";
import * as sync from "./sync.js";
import { Thread } from "./thread.js";
import { toast, toastsIn } from "./toast.js";

const NARROW = matchMedia("(max-width: 1080px)");
const VERY_NARROW = matchMedia("(max-width: 720px)");

const health = new Health();
const composer = new Composer();
const thread = new Thread((text) => composer.set(text));
const panel = new Panel();
const sidebar = new Sidebar([
  ...lookButtons(() => panel.activity.recolour()),
  iconButton(icons.HELP, "help", showHelp, { id: "help" }),
]);
const title = h("h2", { id: "conversation-heading", dir: "auto" });
const modelName = h("button", { type: "button", id: "model-name", hidden: true, on: { click: () => panel.show("model") } });
const panelButton = iconButton(icons.PANEL, "panelToggle", () => panel.toggle(), { id: "panel-toggle" });
const listButton = iconButton(icons.MENU, "listToggle", () => showList(), { id: "list-toggle" });

build();
start();

function build() {
  const live = h("div", { id: "live", class: "off-screen", "aria-live": "polite" });
  const toasts = h("div", { id: "toasts" });
  announceIn(live);
  toastsIn(toasts);
  const main = h(
    "main",
    { id: "main" },
    h("header", { class: "bar" }, listButton, title, modelName, panelButton),
    health.element,
    thread.element,
    composer.element,
  );
  document.body.append(
    h("a", { class: "skip", href: "#prompt", t: "skip" }),
    h("div", { id: "app" }, sidebar.element, main, panel.element),
    h("div", { id: "shade", on: { click: closeAll } }),
    toasts,
    live,
  );
  sidebar.onPicked = (focus) => {
    document.body.classList.remove("list-open");
    showCovered();
    if (focus) {
      composer.focus();
    }
  };
  panel.onToggle = (open) => {
    document.body.classList.toggle("panel-open", open);
    panelButton.setAttribute("aria-expanded", String(open));
    write("panel", open ? "open" : "closed");
    showCovered();
    if (NARROW.matches) {
      (open ? $("#panel [role=tab][tabindex='0']") : panelButton).focus();
    }
  };
  NARROW.addEventListener("change", showCovered);
  VERY_NARROW.addEventListener("change", showCovered);
  panel.model.onChangeKey = () => needKey(false).then(afterKey);
  composer.onSend = () => thread.follow();
  health.onBack = () => load();
  window.addEventListener("keydown", onKey);
  for (const name of ["conversation", "title", "list"]) {
    session.addEventListener(name, showTitle);
  }
  session.addEventListener("problem", ({ detail }) => onProblem(detail));
  session.addEventListener("trouble", ({ detail }) => toast(t(detail.key)));
  session.addEventListener("running", watchQueue);
  session.addEventListener("running", () => {
    if (session.running.size === 0 && panel.isOpen) {
      panel.model.refreshUsage();
    }
  });
  onLanguage(() => {
    translateAll(document.body);
    showTitle();
    thread.refresh();
  });
}

async function start() {
  await session.start();
  if (!NARROW.matches && read("panel") !== "closed") {
    panel.toggle(true);
  }
  if (!VERY_NARROW.matches) {
    composer.focus();
  }
  await load();
  document.documentElement.dataset.ready = "true";
}

/** What the server tells of itself. */
async function load() {
  let settings = {};
  try {
    settings = (await getJson("/moineau/settings")) ?? {};
    if (settings.keys && !key()) {
      await needKey(false);
    }
    session.model = (await getJson("/moineau/model")) ?? (await plainModel());
  } catch (e) {
    await onLoadProblem(e);
    return;
  }
  const name = session.model?.name || settings.model || "";
  modelName.textContent = name;
  modelName.hidden = !name;
  thread.served(name, session.model?.demonstration === true);
  panel.model.card(session.model, settings);
  panel.activity.card(session.model);
  retryActivity();
  await showKept(settings);
}

/** The model as the API of OpenAI tells it, from a server without our own endpoints. */
async function plainModel() {
  const first = (await getJson("/v1/models"))?.data?.[0];
  return first
    ? { name: first.display_name || first.id, context: first.max_model_len, parameters: first.meta?.n_params, file_bytes: first.meta?.size }
    : null;
}

async function onLoadProblem(problem) {
  if (!(problem instanceof Problem)) {
    throw problem;
  }
  if (problem.status === 401) {
    if (await needKey(Boolean(key()))) {
      await load();
    }
  } else if (problem.status === 0 || problem.status === 503) {
    health.gone();
  } else {
    toast(problem.message);
  }
}

async function showKept(settings) {
  const lasts = await store.lasts();
  tellKept(settings.conversations ? "keptThere" : lasts ? "keptHere" : "keptNowhere");
  sync.enable(settings.conversations === true, (problem) => toast(t("problem.notSynced", { why: problem.message })));
  const known = new Map(session.conversations.map((one) => [one.id, one.updated]));
  try {
    await session.merge(await sync.fetchNewer(known));
  } catch (problem) {
    toast(t("problem.notSynced", { why: problem.message }));
  }
}

async function onProblem({ problem, node }) {
  if (problem.status === 0) {
    health.gone();
  }
  if (problem.status === 401 && (await needKey(Boolean(key())))) {
    session.retry(node);
    load();
  }
}

/** Asks for a key; then the field to write in has the focus, given in a task of its own. */
async function needKey(refused) {
  const given = await askForKey(refused);
  setTimeout(() => {
    if (!document.querySelector("dialog[open]")) {
      document.activeElement?.blur();
      composer.focus();
    }
  });
  return given;
}

function afterKey(given) {
  if (given) {
    load();
    panel.model.refreshUsage();
  }
}

let unwatch = null;

/** While an answer waits, the place in the queue is told. */
function watchQueue() {
  const waits = [...session.running.values()].some((job) => job.state !== "writing");
  if (waits) {
    unwatch ??= watch(() => thread.refresh());
  } else {
    unwatch?.();
    unwatch = null;
  }
}

function showTitle() {
  const name = session.current.title;
  title.textContent = name;
  title.hidden = !name;
  document.title = name ? `${name} · Moineau` : "Moineau";
}

function showList() {
  if (VERY_NARROW.matches) {
    document.body.classList.add("list-open");
    showCovered();
    $("#new-chat").focus();
  } else {
    document.body.classList.toggle("list-closed");
  }
}

/** What is behind a drawer cannot be reached, by any means. */
function showCovered() {
  const list = VERY_NARROW.matches && document.body.classList.contains("list-open");
  const side = NARROW.matches && panel.isOpen;
  $("#main").inert = list || side;
  panel.element.inert = list;
  sidebar.element.inert = side && !list;
}

function closeAll() {
  document.body.classList.remove("list-open");
  showCovered();
  if (NARROW.matches) {
    panel.toggle(false);
  }
}

function onKey(event) {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const control = event.ctrlKey || event.metaKey;
  if (document.querySelector("dialog[open]")) {
    return;
  }
  if (control && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    document.body.classList.remove("list-closed");
    document.body.classList.toggle("list-open", VERY_NARROW.matches);
    showCovered();
    sidebar.search();
  } else if (control && event.shiftKey && event.key.toLowerCase() === "o") {
    event.preventDefault();
    session.create();
    composer.focus();
  } else if (control && event.key === ".") {
    event.preventDefault();
    panel.toggle();
  } else if (event.key === "Escape") {
    onEscape();
  } else if (!typing && !control && event.key === "/") {
    event.preventDefault();
    composer.focus();
  } else if (!typing && !control && event.key === "?") {
    showHelp();
  }
}

function onEscape() {
  if (session.job) {
    session.stop();
  } else if (document.body.classList.contains("list-open") || (NARROW.matches && panel.isOpen)) {
    closeAll();
    composer.focus();
  }
}
