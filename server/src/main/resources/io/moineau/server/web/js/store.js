// Conversations in this browser: IndexedDB, or memory where that is forbidden.
import { cleaned } from "./tree.js";

const NAME = "moineau";
const TABLE = "conversations";

let opening;
const memory = new Map();

function open() {
  opening ??= new Promise((resolve) => {
    let request;
    try {
      request = indexedDB.open(NAME, 1);
    } catch {
      resolve(null);
      return;
    }
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
    request.onblocked = () => resolve(null);
  });
  return opening;
}

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function table(mode) {
  const database = await open();
  return database?.transaction(TABLE, mode).objectStore(TABLE) ?? null;
}

/** Whether conversations outlast this page. */
export async function lasts() {
  return (await open()) !== null;
}

/** All conversations, the newest first. */
export async function all() {
  const objects = await table("readonly");
  const values = objects ? await promised(objects.getAll()) : [...memory.values()];
  return values
    .map(cleaned)
    .filter((one) => one !== null)
    .sort((a, b) => b.updated - a.updated);
}

export async function put(conversation) {
  const copy = JSON.parse(JSON.stringify(conversation));
  const objects = await table("readwrite");
  if (objects) {
    await promised(objects.put(copy));
  } else {
    memory.set(copy.id, copy);
  }
}

export async function remove(id) {
  const objects = await table("readwrite");
  if (objects) {
    await promised(objects.delete(id));
  } else {
    memory.delete(id);
  }
}
