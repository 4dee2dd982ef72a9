// One message: its text, what belongs to it, and what can be done with it.
import { announce, Sentences } from "./announce.js";
import { colour } from "./code.js";
import { copyText } from "./copy.js";
import { h, iconButton } from "./dom.js";
import * as icons from "./icons.js";
import { currentLanguage, number, t } from "./i18n.js";
import { renderAll } from "./markdown.js";
import { setFormulas } from "./math.js";
import { mostUsed } from "./most-used.js";
import { ProblemNote } from "./problem-note.js";
import { session } from "./session.js";
import { reasoningBlock, resultForm, toolCallBlock } from "./tools.js";
import { versions } from "./tree.js";
import { Writer } from "./writer.js";
import { waitingText } from "./waiting.js";

export class Message {
  node;
  element;
  #body = h("div", { class: "body prose" });
  #parts = h("div", { class: "parts" }); // reasoning before the text
  #calls = h("div", { class: "calls" });
  #state = h("p", { class: "state" });
  #foot = h("div", { class: "foot" });
  #problem = null;
  #writer = null;
  #sentences = new Sentences();
  #reasoning = null;
  #editing = false;
  #footState = "";

  constructor(node) {
    this.node = node;
    const heading = h("h2", { class: "off-screen", t: `role.${node.role}` });
    this.element = h(
      "article",
      { class: "message", data: { role: node.role, id: node.id } },
      heading,
      this.#parts,
      this.#body,
      this.#calls,
      this.#state,
      this.#foot,
    );
    if (this.#isRunning()) {
      this.#writer = new Writer(this.#body);
      this.#writer.write(node.content);
    } else {
      this.#whole();
    }
    this.#showParts();
  }

  #isRunning() {
    return [...session.running.values()].some((job) => job.node === this.node);
  }

  #whole() {
    if (this.node.role === "assistant") {
      this.#body.replaceChildren(renderAll(this.node.content));
      setFormulas(this.#body);
      this.#body.querySelectorAll("figure.code").forEach((figure) => colour(figure, true));
    } else {
      this.#body.textContent = this.node.content; // as it was typed
    }
  }

  #showParts() {
    if (this.node.reasoning) {
      if (!this.#reasoning) {
        this.#reasoning = reasoningBlock();
        this.#parts.append(this.#reasoning.element);
      }
      this.#reasoning.show(this.node.reasoning, this.#isRunning() && !this.node.content);
    }
    (this.node.calls ?? []).forEach((call, i) => {
      const there = this.#calls.children[i];
      if (there) {
        there.update(call);
      } else {
        this.#calls.append(toolCallBlock(call));
      }
    });
  }

  /** A part has come. */
  changed(kind) {
    if (kind === "content") {
      this.#writer?.write(this.node.content);
      announce(this.#sentences.take(this.node.content));
    }
    if (kind === "reasoning" || kind === "call" || kind === "content") {
      this.#showParts();
    }
    if (kind === "end") {
      this.#writer?.finish(this.node.content);
      this.#writer = null;
      announce(this.#sentences.end(this.node.content));
      this.#showParts();
    }
  }

  refresh(isLast) {
    const running = this.#isRunning();
    this.element.classList.toggle("running", running);
    this.element.setAttribute("aria-busy", String(running));
    this.#state.textContent = running ? waitingText(session.job, this.node) : this.#endText();
    this.#state.hidden = this.#state.textContent === "";
    this.#showProblem();
    this.#showFoot(isLast, running);
  }

  /** Made anew only if something in it differs: focus, open folds and typed texts stay. */
  #showFoot(isLast, running) {
    const { node } = this;
    const all = versions(session.current, node);
    const state = JSON.stringify([
      currentLanguage(),
      this.#editing,
      running,
      Boolean(isLast && node.calls?.length),
      session.problems.has(node.id),
      all.length,
      all.indexOf(node),
      node.content !== "",
      node.usage?.tokens,
      node.experts?.length,
    ]);
    if (state === this.#footState) {
      return;
    }
    this.#footState = state;
    this.#foot.replaceChildren(...(this.#editing || running ? [] : this.#actions()));
    if (isLast && !running && node.calls?.length && !this.#editing) {
      this.#foot.append(resultForm(node));
    }
  }

  #endText() {
    if (this.node.role !== "assistant" || session.problems.has(this.node.id)) {
      return "";
    }
    const { finish, content } = this.node;
    const known = { length: "end.length", stopped: "end.stopped", content_filter: "" };
    if (!finish) {
      return t("end.cut");
    }
    return finish in known ? t(known[finish]) : content || this.node.calls || this.node.reasoning ? "" : t("end.nothing");
  }

  #showProblem() {
    const problem = session.problems.get(this.node.id);
    const language = currentLanguage();
    if (problem && (this.#problem?.problem !== problem || this.#problem.language !== language)) {
      this.#problem?.element.remove();
      this.#problem = new ProblemNote(problem, () => session.retry(this.node));
      this.#state.after(this.#problem.element);
    } else if (!problem) {
      this.#problem?.element.remove();
      this.#problem = null;
    }
  }

  #actions() {
    const { node } = this;
    const buttons = [this.#versions()];
    if (node.content) {
      buttons.push(
        iconButton(icons.COPY, "copy", (e) => copyText(node.content, e.currentTarget), { class: "copy" }),
      );
    }
    if (node.role === "user") {
      buttons.push(iconButton(icons.EDIT, "edit", () => this.edit(), { class: "edit" }));
    }
    if (node.role === "assistant" && !session.problems.has(node.id)) {
      buttons.push(
        iconButton(icons.REPEAT, "regenerate", () => session.regenerate(node), { class: "regenerate" }),
        this.#figures(),
      );
    }
    const row = h("div", { class: "actions" }, buttons);
    return [row, ...(node.experts?.length ? [mostUsed(node)] : [])];
  }

  #figures() {
    const { usage } = this.node;
    if (!usage?.tokens) {
      return null;
    }
    const parts = [t("tokens", { count: usage.tokens, n: usage.tokens })];
    if (usage.rate > 0) {
      parts.push(t("perSecond", { n: number(usage.rate, usage.rate < 10 ? 1 : 0) }));
    }
    return h("span", { class: "figures" }, parts.join(" · "));
  }

  #versions() {
    const all = versions(session.current, this.node);
    if (all.length < 2) {
      return null;
    }
    const at = all.indexOf(this.node);
    const step = (by) => {
      session.step(this.node, by);
      document.querySelector(".versions button:not([disabled])")?.focus();
    };
    return h(
      "span",
      { class: "versions", role: "group", tLabel: "versions" },
      iconButton(icons.PREVIOUS, "previous", () => step(-1), { class: "previous", disabled: at === 0 }),
      h("span", { class: "count" }, t("versionOf", { at: at + 1, all: all.length })),
      iconButton(icons.NEXT, "next", () => step(1), { class: "next", disabled: at === all.length - 1 }),
    );
  }

  /** Lets the user change what was asked; the answer to it is asked for again. */
  edit() {
    this.#editing = true;
    const area = h("textarea", { rows: "3", tLabel: "editMessage" });
    area.value = this.node.content;
    const close = () => {
      this.#editing = false;
      this.#whole();
      this.refresh(false);
      this.#foot.querySelector(".edit")?.focus();
    };
    const save = () => {
      const text = area.value.trim();
      this.#editing = false;
      this.#whole();
      if (text && text !== this.node.content) {
        session.edit(this.node, text);
      } else {
        close();
      }
    };
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        close();
      } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        save();
      }
    });
    this.#body.replaceChildren(
      area,
      h(
        "div",
        { class: "edit-buttons" },
        h("button", { type: "button", class: "quiet", t: "cancel", on: { click: close } }),
        h("button", { type: "button", class: "primary save-edit", t: "askAgain", on: { click: save } }),
      ),
    );
    this.#foot.replaceChildren();
    this.#footState = "";
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  }
}
