// Pictures that the server draws: SVG as text, which becomes elements through DOMPurify alone.
import purify from "../../lib/purify.js";
import { h } from "../dom.js";

const ALLOWED = {
  USE_PROFILES: { svg: true },
  ADD_ATTR: ["role", "aria-labelledby", "aria-describedby"],
  FORBID_TAGS: ["style", "script", "a", "image", "use", "foreignObject", "animate", "set"],
  FORBID_ATTR: ["style", "href", "xlink:href", "src"],
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

/** A figure around a picture; what is wider than the screen can be scrolled, by keys too. */
export function picture(svg, caption) {
  const fragment = purify.sanitize(String(svg ?? ""), ALLOWED);
  return h(
    "figure",
    { class: "picture" },
    h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption }, fragment),
    h("figcaption", {}, caption),
  );
}
