// What the model is doing, as the server tells it several times a second while someone looks.
import { events, Problem, send } from "./api.js";

const AGAIN_AFTER = [1000, 2000, 5000, 10_000];

let last = null;
let stop = null;
let wanted = false;
const watchers = new Set();

/** The last event, while the stream is on. */
export function latest() {
  return last;
}

/** Calls back for each event; the first of a connection has `first` set. Gives a way to end it. */
export function watch(listener) {
  watchers.add(listener);
  if (wanted) {
    stop?.abort(); // so that the new one sees a first event too
  }
  update();
  return () => {
    watchers.delete(listener);
    update();
  };
}

function update() {
  const now = watchers.size > 0 && !document.hidden;
  if (now && !wanted) {
    wanted = true;
    run();
  } else if (!now && wanted) {
    wanted = false;
    last = null;
    stop?.abort();
  }
}

document.addEventListener("visibilitychange", update);

async function run() {
  let failures = 0;
  while (wanted) {
    stop = new AbortController();
    try {
      const response = await send("/moineau/activity", { signal: stop.signal });
      let first = true;
      for await (const event of events(response)) {
        failures = 0;
        last = event;
        watchers.forEach((listener) => listener(event, first));
        first = false;
      }
    } catch (e) {
      if (e instanceof Problem && [401, 403, 404].includes(e.status)) {
        wanted = false; // a key, or another server, may change that: `retry` asks again
      }
    }
    last = null;
    if (wanted && !stop.signal.aborted) {
      const pause = AGAIN_AFTER[Math.min(failures++, AGAIN_AFTER.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** After something has changed that may let the stream begin. */
export function retry() {
  update();
}
