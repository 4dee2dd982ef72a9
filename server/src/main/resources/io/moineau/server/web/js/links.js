// Links that may be followed: to the web and to mail, never to a script.
import { h } from "./dom.js";

const PROTOCOLS = new Set(["http:", "https:", "mailto:"]);

/** The address of a link that may be followed, or null. */
export function safeAddress(href) {
  try {
    const url = new URL(href); // a relative one is none: it would lead into this server
    return PROTOCOLS.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link away from here, or the bare text where the address may not be followed. */
export function linkAway(href, text) {
  const address = safeAddress(href);
  return address ? h("a", { href: address, ...AWAY }, text) : text;
}

/** What every link away from here has. */
export const AWAY = { target: "_blank", rel: "noopener noreferrer nofollow" };
