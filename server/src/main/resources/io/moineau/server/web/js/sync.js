// Conversations on the server, where it keeps them: every change is sent, newer ones are fetched.
import { getJson, send } from "./api.js";
import { cleaned } from "./tree.js";

const PATH = "/moineau/conversations";
const DELAY = 1500;

let on = false;
let report = () => {};
const waiting = new Map();

export function enabled() {
  return on;
}

/** Begins, if the server keeps conversations; `failed` hears of what could not be kept. */
export function enable(value, failed) {
  on = value;
  report = failed;
}

/** Sends a conversation soon; several changes in a row are sent once. */
export function put(conversation) {
  if (!on || Object.keys(conversation.nodes).length === 0) {
    return;
  }
  clearTimeout(waiting.get(conversation.id)?.timer);
  const timer = setTimeout(() => sendNow(conversation), DELAY);
  waiting.set(conversation.id, { timer, conversation });
}

function sendNow(conversation, keepalive = false) {
  waiting.delete(conversation.id);
  send(`${PATH}/${encodeURIComponent(conversation.id)}`, {
    method: "PUT",
    body: {
      title: conversation.title,
      updated: conversation.updated,
      conversation,
    },
    keepalive,
  }).catch(report);
}

// What waits is sent before the page goes.
addEventListener("pagehide", () => {
  for (const { timer, conversation } of [...waiting.values()]) {
    clearTimeout(timer);
    sendNow(conversation, true);
  }
});

export function remove(id) {
  clearTimeout(waiting.get(id)?.timer);
  waiting.delete(id);
  if (on) {
    send(`${PATH}/${encodeURIComponent(id)}`, { method: "DELETE", keepalive: true }).catch((problem) => {
      if (problem.status !== 404) {
        report(problem);
      }
    });
  }
}

/** Those that the server has newer than `known` (times by id). */
export async function fetchNewer(known) {
  if (!on) {
    return [];
  }
  const found = [];
  const list = (await getJson(PATH))?.conversations ?? [];
  for (const entry of list) {
    const updated = typeof entry.updated === "number" ? entry.updated : Date.parse(entry.updated);
    if (!(known.get(entry.id) >= updated)) {
      const whole = await getJson(`${PATH}/${encodeURIComponent(entry.id)}`);
      const conversation = cleaned(whole?.conversation);
      if (conversation) {
        found.push({ ...conversation, id: entry.id });
      }
    }
  }
  return found;
}
