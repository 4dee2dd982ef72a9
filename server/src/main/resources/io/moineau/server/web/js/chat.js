// One answer of the model: the request, and its stream as parts.
import { events, Problem, send } from "./api.js";
import { messagesFor } from "./tree.js";
import { t } from "./i18n.js";

/** The fields of the panel and how their texts become values of the API. */
export const FIELDS = [
  { name: "temperature", type: "number", min: 0, max: 5, step: 0.1, usual: "0.8" },
  { name: "top_p", type: "number", min: 0, max: 1, step: 0.01, usual: "0.95" },
  { name: "top_k", type: "integer", min: 0, max: 1000000, step: 1, usual: "40" },
  { name: "min_p", type: "number", min: 0, max: 1, step: 0.01, usual: "0.05" },
  { name: "repetition_penalty", type: "number", min: 0.01, max: 10, step: 0.05, usual: "1" },
  { name: "presence_penalty", type: "number", min: -2, max: 2, step: 0.1, usual: "0" },
  { name: "frequency_penalty", type: "number", min: -2, max: 2, step: 0.1, usual: "0" },
  { name: "max_tokens", type: "integer", min: 1, max: 10000000, step: 1, usual: "∞" },
  { name: "seed", type: "integer", min: 0, max: 9007199254740991, step: 1, usual: "—" },
];

export const EFFORTS = ["none", "low", "medium", "high"];

/** The fields of a request that the settings of a conversation ask for. */
export function samplingOf(settings) {
  const body = {};
  for (const { name, min, max, type } of FIELDS) {
    const text = (settings[name] ?? "").trim().replace(",", ".");
    const value = Number(text);
    if (text !== "" && Number.isFinite(value)) {
      const inRange = Math.min(max, Math.max(min, value));
      body[name] = type === "integer" ? Math.round(inRange) : inRange;
    }
  }
  if (EFFORTS.includes(settings.reasoning_effort)) {
    body.reasoning_effort = settings.reasoning_effort;
  }
  const stop = (settings.stop ?? "").split("\n").filter((line) => line !== "");
  if (stop.length > 0) {
    body.stop = stop;
  }
  const tools = toolsOf(settings);
  if (tools.length > 0) {
    body.tools = tools;
  }
  return body;
}

/**
 * The functions that the settings describe.
 *
 * @throws {Problem} if they are not the JSON of an array
 */
export function toolsOf(settings) {
  const text = settings.tools?.trim();
  if (!text) {
    return [];
  }
  try {
    const value = JSON.parse(text);
    if (Array.isArray(value)) {
      return value.map((one) => (one.type === "function" ? one : { type: "function", function: one }));
    }
  } catch {
    // Told below.
  }
  throw new Problem(t("problem.tools"), { status: 400, code: "tools" });
}

/**
 * Asks for an answer below a node, and fills `node` part by part.
 *
 * @param changed is called after each part with its kind
 * @throws {Problem} what the server said; `AbortError` if it was stopped
 */
export async function answer(conversation, below, node, { experts, signal, changed }) {
  const body = {
    messages: messagesFor(conversation, below),
    stream: true,
    stream_options: { include_usage: true },
    ...samplingOf(conversation.settings),
    ...(experts ? { moineau_experts: true } : {}),
  };
  const clock = new Clock();
  const response = await send("/v1/chat/completions", { method: "POST", body, signal });
  changed("accepted");
  let ended = false;
  try {
    for await (const chunk of events(response)) {
      if (chunk.error) {
        const error = chunk.error;
        throw new Problem(error.message ?? t("problem.cut"), { status: 500, code: error.code ?? "" });
      }
      ended = take(node, chunk, clock, changed) || ended;
    }
  } catch (e) {
    if (e instanceof Problem || e.name === "AbortError") {
      throw e;
    }
    throw new Problem(t("problem.cut")); // the connection broke
  }
  if (!ended) {
    throw new Problem(t("problem.cut"));
  }
}

/** Time from the first part of an answer to its last, for tokens per second. */
class Clock {
  first = 0;
  last = 0;

  tick() {
    this.last = performance.now();
    this.first ||= this.last;
  }

  rate(tokens) {
    const seconds = (this.last - this.first) / 1000;
    return tokens > 1 && seconds > 0.05 ? (tokens - 1) / seconds : 0;
  }
}

/** Adds a chunk to a node; gives whether the answer is complete. */
export function take(node, chunk, clock, changed) {
  const choice = chunk.choices?.[0];
  const delta = choice?.delta ?? {};
  if (delta.reasoning_content) {
    clock.tick();
    node.reasoning = (node.reasoning ?? "") + delta.reasoning_content;
    changed("reasoning");
  }
  if (delta.content) {
    clock.tick();
    node.content += delta.content;
    changed("content");
  }
  for (const call of delta.tool_calls ?? []) {
    clock.tick();
    node.calls ??= [];
    const one = (node.calls[call.index] ??= { id: "", name: "", arguments: "" });
    one.id ||= call.id ?? "";
    one.name += call.function?.name ?? "";
    one.arguments += call.function?.arguments ?? "";
    changed("call");
  }
  if (chunk.usage) {
    const tokens = chunk.usage.completion_tokens ?? 0;
    node.usage = {
      tokens,
      rate: clock.rate(tokens),
      prompt: chunk.usage.prompt_tokens ?? 0,
    };
    changed("usage");
  }
  const experts = (chunk.moineau ?? choice?.moineau)?.experts;
  if (Array.isArray(experts)) {
    node.experts = experts.slice(0, 64);
    changed("experts");
  }
  if (choice?.finish_reason) {
    node.finish = choice.finish_reason;
    return true;
  }
  return false;
}
