// Questions to the server. Where it asks for a key, so does the page, and the question is asked again.
import { getJson, Problem, send } from "../api.js";
import { askForKey } from "../dialogs.js";
import { key } from "../keys.js";

const ROOT = "/moineau/plan/";

/** Asks for a key where the server wants one and none is known. */
export async function begin() {
  const settings = (await getJson("/moineau/settings")) ?? {};
  if (settings.keys && !key()) {
    await askForKey(false);
  }
}

/**
 * The answer to a question: `path` below the plan's own, `query` (values may be lists; empty ones are
 * left out), `body` for a question that is sent as JSON.
 *
 * @throws {Problem} what the server said, or that it does not answer
 */
export async function ask(path, { query = {}, body, signal } = {}) {
  const words = pairs(query);
  const address = ROOT + path + (words.size > 0 ? `?${words}` : "");
  for (;;) {
    try {
      const response = await send(address, { method: body === undefined ? "GET" : "POST", body, signal });
      return await response.json();
    } catch (problem) {
      const keyless = problem instanceof Problem && problem.status === 401;
      if (!keyless || !(await askForKey(Boolean(key())))) {
        throw problem;
      }
    }
  }
}

/** The values that are there, as the words of a query. */
export function pairs(query) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) {
      if (one !== undefined && one !== null && one !== "") {
        words.append(name, one);
      }
    }
  }
  return words;
}

/** Makes the address of the page tell what it shows, so that it can be kept and passed on. */
export function tellAddress(query, { push = false } = {}) {
  const words = pairs(query);
  const address = location.pathname + (words.size > 0 ? `?${words}` : "");
  if (address !== location.pathname + location.search) {
    history[push ? "pushState" : "replaceState"](null, "", address);
  }
}
