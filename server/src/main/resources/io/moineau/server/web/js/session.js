// What is open and what runs. Views listen; nothing here knows of elements.
import { answer } from "./chat.js";
import { Problem } from "./api.js";
import { read, readJson, write, writeJson } from "./prefs.js";
import * as local from "./store.js";
import * as remote from "./sync.js";
import * as tree from "./tree.js";

const SAVE_EVERY = 2000;

class Session extends EventTarget {
  conversations = [];
  current = tree.newConversation(readJson("settings", {}));
  /** By conversation: {node, abort, state}; state is waiting, then writing. */
  running = new Map();
  /** By node: what went wrong with it. */
  problems = new Map();
  model = null;
  #tabs = typeof BroadcastChannel === "function" ? new BroadcastChannel("moineau") : null;

  async start() {
    this.conversations = await local.all();
    this.#tabs?.addEventListener("message", () => this.#reload());
    const last = this.conversations.find((one) => one.id === read("current"));
    if (last) {
      this.current = last;
    }
    this.#tell("list");
    this.#tell("conversation");
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Another tab has changed something. */
  async #reload() {
    const now = await local.all();
    this.conversations = now.map((one) => (this.running.has(one.id) ? this.#known(one.id) : one));
    const current = this.#known(this.current.id);
    if (current && !this.running.has(current.id)) {
      this.current = current;
      this.#tell("conversation");
    }
    this.#tell("list");
  }

  #known(id) {
    return this.conversations.find((one) => one.id === id);
  }

  async save(conversation) {
    if (!this.#known(conversation.id)) {
      this.conversations.unshift(conversation);
    }
    this.conversations.sort((a, b) => b.updated - a.updated);
    this.#tell("list");
    try {
      await local.put(conversation);
      this.#tabs?.postMessage("changed");
    } catch (e) {
      this.#tell("trouble", { key: "problem.notKept" });
    }
    if (!this.running.has(conversation.id)) {
      remote.put(conversation); // an answer in the making is sent when it is whole
    }
  }

  /** Adds conversations that came from elsewhere; newer ones replace older ones. */
  async merge(conversations) {
    let count = 0;
    for (const one of conversations) {
      const known = this.#known(one.id);
      if (!known || known.updated < one.updated) {
        this.conversations = [one, ...this.conversations.filter((old) => old.id !== one.id)];
        await local.put(one).catch(() => this.#tell("trouble", { key: "problem.notKept" }));
        count++;
      }
    }
    this.conversations.sort((a, b) => b.updated - a.updated);
    this.#tell("list");
    const current = this.#known(this.current.id);
    if (current && current !== this.current && !this.running.has(current.id)) {
      this.open(current.id);
    }
    return count;
  }

  open(id) {
    this.current = this.#known(id) ?? this.current;
    write("current", this.current.id);
    this.#tell("conversation");
    this.#tell("list");
  }

  create() {
    this.current = tree.newConversation(readJson("settings", {}));
    write("current", undefined);
    this.#tell("conversation", { fresh: true });
    this.#tell("list");
  }

  rename(id, title) {
    const one = this.#known(id);
    if (one) {
      one.named = title.trim() !== "";
      one.title = title.trim().slice(0, 200);
      tree.touch(one);
      this.save(one);
      this.#tell("title");
    }
  }

  /** Takes a conversation away; `restore` undoes it, `forget` makes it last. */
  remove(id) {
    const one = this.#known(id);
    if (!one) {
      return { restore() {}, forget() {} };
    }
    this.stop(id);
    this.conversations = this.conversations.filter((other) => other.id !== id);
    local.remove(id).then(() => this.#tabs?.postMessage("changed"));
    if (this.current.id === id) {
      this.create();
    } else {
      this.#tell("list");
    }
    return {
      restore: () => this.save(one).then(() => this.open(id)),
      forget: () => remote.remove(id),
    };
  }

  /** Changes a setting of this conversation, which new ones begin with. */
  set(name, value) {
    if (value === "" || value === undefined) {
      delete this.current.settings[name];
    } else {
      this.current.settings[name] = value;
    }
    writeJson("settings", this.current.settings);
    if (this.#known(this.current.id)) {
      this.save(this.current);
    }
    this.#tell("settings");
  }

  resetSettings() {
    this.current.settings = {};
    this.set("", "");
  }

  get path() {
    return tree.path(this.current);
  }

  get job() {
    return this.running.get(this.current.id);
  }

  ask(text) {
    const last = this.path.at(-1);
    this.#askBelow(last?.id ?? "", text);
  }

  #askBelow(parent, text) {
    const node = tree.add(this.current, parent, { role: "user", content: text });
    write("current", this.current.id);
    return this.#generate(node.id);
  }

  /** Asks again with another text; what was said before stays as a version. */
  edit(node, text) {
    this.stop();
    this.#askBelow(node.parent, text);
  }

  /** Another answer to the same message. */
  regenerate(node) {
    this.stop();
    return this.#generate(node.parent);
  }

  /** After a problem: nothing was said, so that answer is replaced. */
  retry(node) {
    this.stop();
    if (!node.content && !node.reasoning && !node.calls) {
      delete this.current.nodes[node.id];
    }
    this.problems.delete(node.id);
    return this.#generate(node.parent);
  }

  /** What a tool gave, by hand; the answer goes on when every call has its result. */
  giveResult(node, results) {
    let parent = node.id;
    node.calls.forEach((call, i) => {
      parent = tree.add(this.current, parent, { role: "tool", content: results[i], call: call.id }).id;
    });
    return this.#generate(parent);
  }

  step(node, by) {
    tree.step(this.current, node, by);
    this.save(this.current);
    this.#tell("conversation", { keepScroll: true });
  }

  stop(id = this.current.id) {
    this.running.get(id)?.abort.abort();
  }

  async #generate(below) {
    const conversation = this.current;
    const node = tree.add(conversation, below, { role: "assistant", content: "" });
    const job = { node, abort: new AbortController(), state: "sent", since: Date.now() };
    this.running.set(conversation.id, job);
    this.save(conversation);
    this.#tell("conversation", { follow: true });
    this.#tell("running");
    let saved = Date.now();
    try {
      await answer(conversation, below, node, {
        experts: this.model?.experts > 0,
        signal: job.abort.signal,
        changed: (kind) => {
          const state = kind === "accepted" ? "waiting" : "writing";
          if (job.state !== state && job.state !== "writing") {
            job.state = state;
            this.#tell("running");
          }
          this.#tell("node", { conversation, node, kind });
          if (Date.now() - saved > SAVE_EVERY) {
            saved = Date.now();
            local.put(conversation).catch(() => {}); // told when it ends
          }
        },
      });
    } catch (e) {
      this.#ended(node, e);
    } finally {
      if (this.running.get(conversation.id) === job) {
        this.running.delete(conversation.id);
      }
      if (conversation.nodes[node.id]) {
        tree.touch(conversation);
      }
      if (this.#known(conversation.id)) {
        this.save(conversation);
      }
      this.#tell("node", { conversation, node, kind: "end" });
      this.#tell("running");
    }
  }

  #ended(node, failure) {
    if (failure.name === "AbortError") {
      node.finish = "stopped";
      return;
    }
    const problem = failure instanceof Problem ? failure : new Problem(String(failure));
    this.problems.set(node.id, problem);
    this.#tell("problem", { problem, node });
  }
}

export const session = new Session();
