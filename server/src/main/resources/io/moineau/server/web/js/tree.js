// A conversation is a tree: editing or asking again adds a sibling, and nothing is lost.

let counter = 0;

/** A name that no other node, conversation or tab has. */
export function newId() {
  const random = crypto.getRandomValues(new Uint32Array(2));
  counter++;
  return `${Date.now().toString(36)}${random[0].toString(36)}${random[1].toString(36)}${counter.toString(36)}`;
}

export function newConversation(settings = {}) {
  const now = Date.now();
  return {
    id: newId(),
    title: "",
    named: false, // whether the title is the user's own
    created: now,
    updated: now,
    settings,
    nodes: {},
    chosen: {}, // the child to show for each parent; "" is the parent of the first messages
  };
}

/** Adds a message below another one ("" for the first) and shows it. */
export function add(conversation, parent, message) {
  const node = { id: newId(), parent, at: Date.now(), ...message };
  conversation.nodes[node.id] = node;
  conversation.chosen[parent] = node.id;
  touch(conversation);
  return node;
}

export function touch(conversation) {
  conversation.updated = Date.now();
  if (!conversation.named) {
    conversation.title = titleOf(conversation);
  }
}

/** The children of a node in the order in which they were made. */
export function children(conversation, parent) {
  return Object.values(conversation.nodes).filter((node) => node.parent === parent);
}

/** A node and its siblings. */
export function versions(conversation, node) {
  return children(conversation, node.parent);
}

/** Shows the sibling that many places further on. */
export function step(conversation, node, by) {
  const all = versions(conversation, node);
  const wanted = all[all.findIndex((one) => one.id === node.id) + by];
  if (wanted) {
    conversation.chosen[node.parent] = wanted.id;
  }
}

/** The messages that are shown, from the first to the last. */
export function path(conversation) {
  const shown = [];
  let parent = "";
  for (;;) {
    const below = children(conversation, parent);
    if (below.length === 0) {
      return shown;
    }
    const next = below.find((one) => one.id === conversation.chosen[parent]) ?? below.at(-1);
    shown.push(next);
    parent = next.id;
  }
}

/** The messages from the first to a node. */
export function pathTo(conversation, id) {
  const up = [];
  for (let node = conversation.nodes[id]; node; node = conversation.nodes[node.parent]) {
    up.push(node);
  }
  return up.reverse();
}

function titleOf(conversation) {
  const first = path(conversation).find((node) => node.role === "user");
  const line = (first?.content ?? "").trim().split("\n", 1)[0];
  return line.length > 80 ? `${line.slice(0, 79).trimEnd()}…` : line;
}

/** What the API is sent: roles and texts, with the calls of tools and their results. */
export function messagesFor(conversation, id) {
  const messages = [];
  const system = conversation.settings.system?.trim();
  if (system) {
    messages.push({ role: "system", content: system });
  }
  for (const node of pathTo(conversation, id)) {
    const message = { role: node.role, content: node.content };
    if (node.role === "assistant") {
      if (node.calls?.length) {
        message.tool_calls = node.calls.map((call) => ({
          id: call.id,
          type: "function",
          function: { name: call.name, arguments: call.arguments || "{}" },
        }));
      } else if (!node.content) {
        continue; // nothing was said before it was stopped
      }
    }
    if (node.role === "tool") {
      message.tool_call_id = node.call;
    }
    messages.push(message);
  }
  return messages;
}

const ROLES = new Set(["user", "assistant", "tool"]);

/** A conversation from a file or a server, with nothing in it that is not of its form; or null. */
export function cleaned(value) {
  if (typeof value !== "object" || value === null || typeof value.nodes !== "object") {
    return null;
  }
  const conversation = newConversation(cleanSettings(value.settings));
  conversation.id = text(value.id).slice(0, 100) || conversation.id;
  conversation.named = value.named === true;
  conversation.created = positive(value.created, conversation.created);
  conversation.updated = positive(value.updated, conversation.updated);
  conversation.title = text(value.title).slice(0, 200);
  for (const node of Object.values(value.nodes ?? {})) {
    const clean = cleanNode(node);
    if (clean) {
      conversation.nodes[clean.id] = clean;
    }
  }
  for (const [parent, child] of Object.entries(value.chosen ?? {})) {
    if (typeof child === "string" && conversation.nodes[child]?.parent === parent) {
      conversation.chosen[parent] = child;
    }
  }
  removeUnreachable(conversation);
  return conversation;
}

function cleanNode(node) {
  if (typeof node !== "object" || node === null || !ROLES.has(node.role) || !text(node.id)) {
    return null;
  }
  const clean = {
    id: node.id,
    parent: text(node.parent),
    at: positive(node.at, Date.now()),
    role: node.role,
    content: text(node.content),
  };
  for (const name of ["reasoning", "finish", "call"]) {
    if (text(node[name])) {
      clean[name] = node[name];
    }
  }
  if (Array.isArray(node.calls)) {
    clean.calls = node.calls.map((call) => ({
      id: text(call?.id),
      name: text(call?.name),
      arguments: text(call?.arguments),
    }));
  }
  if (typeof node.usage === "object" && node.usage !== null) {
    clean.usage = { tokens: positive(node.usage.tokens, 0), rate: positive(node.usage.rate, 0) };
  }
  if (Array.isArray(node.experts)) {
    clean.experts = node.experts.slice(0, 64).map((one) => ({
      layer: positive(one?.layer, 0),
      expert: positive(one?.expert, 0),
      tokens: positive(one?.tokens, 0),
    }));
  }
  return clean;
}

function cleanSettings(settings) {
  const clean = {};
  for (const [name, value] of Object.entries(settings ?? {})) {
    if (typeof value === "string" && /^\w{1,40}$/.test(name)) {
      clean[name] = value;
    }
  }
  return clean;
}

/** Nodes whose parents lead in a circle or nowhere would make paths that do not end. */
function removeUnreachable(conversation) {
  const reached = new Set([""]);
  const below = new Map();
  for (const node of Object.values(conversation.nodes)) {
    below.set(node.parent, [...(below.get(node.parent) ?? []), node]);
  }
  const waiting = [""];
  while (waiting.length > 0) {
    for (const node of below.get(waiting.pop()) ?? []) {
      if (!reached.has(node.id)) {
        reached.add(node.id);
        waiting.push(node.id);
      }
    }
  }
  for (const id of Object.keys(conversation.nodes)) {
    if (!reached.has(id)) {
      delete conversation.nodes[id];
    }
  }
}

const text = (value) => (typeof value === "string" ? value : "");
const positive = (value, otherwise) => (Number.isFinite(value) && value >= 0 ? value : otherwise);
