// Requests to the server, and the problems that they may have.
import { key } from "./keys.js";
import { t } from "./i18n.js";

/** What went wrong, in words for the user, with what the server said of it. */
export class Problem extends Error {
  /** `status` 0: no answer at all. `wait`: seconds after which to ask again, or 0. */
  constructor(message, { status = 0, code = "", wait = 0 } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.wait = wait;
  }
}

/**
 * Sends a request and gives the response if it is a good one.
 *
 * @throws {Problem} otherwise; an `AbortError` if the signal ended it
 */
export async function send(path, { method = "GET", body, signal, keepalive } = {}) {
  const headers = {};
  if (key()) {
    headers.Authorization = `Bearer ${key()}`;
  }
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      signal,
      keepalive, // a request that outlasts the page
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
    });
  } catch (e) {
    if (e.name === "AbortError") {
      throw e;
    }
    throw new Problem(t("problem.gone"));
  }
  if (!response.ok) {
    throw await problemOf(response);
  }
  return response;
}

async function problemOf(response) {
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // Something between us and the server answered.
  }
  const message = typeof error === "string" ? error : error.message;
  return new Problem(message || t("problem.status", { status: String(response.status) }), {
    status: response.status,
    code: error.code ?? "",
    wait: waitOf(response.headers.get("Retry-After")),
  });
}

/** `Retry-After` in seconds, from a number or a date. */
export function waitOf(header, now = Date.now()) {
  if (!header) {
    return 0;
  }
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 0;
}

/** A JSON value, or undefined where the server has no such thing. */
export async function getJson(path, options) {
  try {
    return await (await send(path, options)).json();
  } catch (e) {
    if (e instanceof Problem && e.status === 404) {
      return undefined;
    }
    throw e;
  }
}

/** The data of the server-sent events of a response, parsed; ends at `[DONE]`. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      rest += value;
      let end;
      while ((end = rest.search(/\r?\n\r?\n/)) >= 0) {
        const block = rest.slice(0, end);
        rest = rest.slice(end).replace(/^\r?\n\r?\n/, "");
        const data = dataOf(block);
        if (data === "[DONE]") {
          return;
        }
        if (data) {
          yield JSON.parse(data);
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** The data lines of an event, without comments and other fields. */
export function dataOf(block) {
  return block
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""))
    .join("\n");
}
