// The conversations: a list, a search, and what can be done with each.
import { h, iconButton } from "./dom.js";
import * as icons from "./icons.js";
import { onLanguage, t } from "./i18n.js";
import { mark } from "./mark.js";
import { session } from "./session.js";
import { toast } from "./toast.js";
import { exportAll, importFile } from "./files.js";

const DAY = 86_400_000;
/** The pages beside the chat. */
const PAGES = ["chips", "rules", "audit", "plan"];
const MOST_SHOWN = 300;

export class Sidebar {
  element;
  onPicked = () => {};
  #list = h("ul", { id: "conversations" });
  #search = h("input", { id: "search", type: "search", tLabel: "search", tPlaceholder: "search", autocomplete: "off" });
  #file = h("input", { type: "file", accept: "application/json,.json", hidden: true });
  #renaming = null;

  constructor(footer) {
    this.element = h(
      "nav",
      { id: "sidebar", tLabel: "conversations" },
      h(
        "div",
        { class: "brand" },
        mark(30),
        h("h1", {}, "Moineau"),
        iconButton(icons.CLOSE, "closeList", () => this.onPicked(), { class: "close-list" }),
      ),
      h(
        "button",
        { type: "button", id: "new-chat", class: "new", on: { click: () => this.#create() } },
        h("span", { "aria-hidden": "true" }, "+"),
        h("span", { t: "newChat" }),
      ),
      this.#search,
      this.#list,
      h(
        "div",
        { class: "side-pages" },
        PAGES.map((name) => h("a", { href: `/${name}`, t: `page.${name}` })),
      ),
      h(
        "div",
        { class: "side-foot" },
        iconButton(icons.FILE_OUT, "exportAll", () => exportAll(session.conversations), { id: "export" }),
        iconButton(icons.FILE_IN, "importFile", () => this.#file.click(), { id: "import" }),
        this.#file,
        footer,
      ),
    );
    this.#search.addEventListener("input", () => this.#show());
    this.#search.addEventListener("keydown", (event) => this.#onSearchKey(event));
    this.#file.addEventListener("change", () => this.#import());
    session.addEventListener("list", () => this.#show());
    session.addEventListener("title", () => this.#show());
    session.addEventListener("running", () => this.#show());
    onLanguage(() => this.#show());
  }

  search() {
    this.#search.focus();
    this.#search.select();
  }

  #create() {
    session.create();
    this.onPicked(true);
  }

  #onSearchKey(event) {
    if (event.key === "Escape" && this.#search.value) {
      event.stopPropagation();
      this.#search.value = "";
      this.#show();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      this.#list.querySelector("button.open")?.focus();
    }
  }

  async #import() {
    const [file] = this.#file.files;
    this.#file.value = "";
    if (file) {
      try {
        const conversations = await importFile(file);
        const count = await session.merge(conversations);
        toast(t("imported", { count, n: count }));
      } catch {
        toast(t("notImported"));
      }
    }
  }

  #show() {
    if (this.#renaming) {
      return;
    }
    const words = this.#search.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const found = session.conversations.filter((one) => matches(one, words)).slice(0, MOST_SHOWN);
    const focused = document.activeElement?.closest?.("li[data-id]")?.dataset.id;
    const items = [];
    let group = "";
    for (const one of found) {
      const now = groupOf(one.updated);
      if (now !== group) {
        group = now;
        items.push(h("li", { class: "group" }, h("h2", { t: `group.${now}` })));
      }
      items.push(this.#item(one));
    }
    if (items.length === 0) {
      items.push(h("li", { class: "none" }, t(words.length > 0 ? "noneFound" : "none")));
    }
    this.#list.replaceChildren(...items);
    if (focused) {
      this.#list.querySelector(`li[data-id="${CSS.escape(focused)}"] .open`)?.focus();
    }
  }

  #item(one) {
    const title = one.title || t("untitled");
    const current = one.id === session.current.id;
    const item = h(
      "li",
      { data: { id: one.id }, class: session.running.has(one.id) ? "running" : "" },
      h(
        "button",
        {
          type: "button",
          class: "open",
          "aria-current": current ? "true" : false,
          title,
          on: {
            click: () => {
              session.open(one.id);
              this.onPicked(true);
            },
            keydown: (event) => this.#onItemKey(event, one, item),
          },
        },
        h("span", { class: "conversation-title", dir: "auto" }, title),
      ),
      h(
        "span",
        { class: "item-actions" },
        iconButton(icons.EDIT, "rename", () => this.#rename(one, item), { class: "rename" }),
        iconButton(icons.DELETE, "delete", () => this.#delete(one), { class: "delete" }),
      ),
    );
    return item;
  }

  #onItemKey(event, one, item) {
    const all = [...this.#list.querySelectorAll("button.open")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = all[all.indexOf(event.currentTarget) + step];
      (next ?? (step < 0 ? this.#search : event.currentTarget)).focus();
    } else if (event.key === "F2") {
      this.#rename(one, item);
    } else if (event.key === "Delete") {
      this.#delete(one);
    }
  }

  #rename(one, item) {
    const input = h("input", { type: "text", tLabel: "title", maxlength: "200" });
    input.value = one.title;
    this.#renaming = one.id;
    const end = (keep) => {
      if (this.#renaming === one.id) {
        this.#renaming = null;
        if (keep) {
          session.rename(one.id, input.value);
        }
        this.#show();
        this.#list.querySelector(`li[data-id="${CSS.escape(one.id)}"] .open`)?.focus();
      }
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") {
        end(event.key === "Enter");
      }
    });
    input.addEventListener("blur", () => end(true));
    item.replaceChildren(input);
    input.focus();
    input.select();
  }

  #delete(one) {
    const removed = session.remove(one.id);
    toast(t("deleted"), { label: t("undo"), action: removed.restore, otherwise: removed.forget });
  }
}

function matches(conversation, words) {
  if (words.length === 0) {
    return true;
  }
  const text = [conversation.title, ...Object.values(conversation.nodes).map((node) => node.content)]
    .join("\n")
    .toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

function groupOf(updated) {
  const today = new Date().setHours(0, 0, 0, 0);
  if (updated >= today) {
    return "today";
  }
  return updated >= today - 6 * DAY ? "week" : "older";
}
