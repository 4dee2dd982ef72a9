// Elements without markup: nothing here makes HTML of a text.
import { t } from "./i18n.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an element. Properties: `on` (listeners by event), `data` (data attributes), `t`, `tLabel`,
 * `tPlaceholder` (keys of texts, which follow the language), anything else is an attribute; true
 * stands for an empty one, false and null for none.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else if (name === "t" || name === "tLabel" || name === "tPlaceholder") {
      element.dataset[name] = value;
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  translate(element);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function translate(element) {
  const { t: text, tLabel: label, tPlaceholder: placeholder } = element.dataset;
  if (text) {
    element.textContent = t(text);
  }
  if (label) {
    element.setAttribute("aria-label", t(label));
    if (element.tagName === "BUTTON" || element.tagName === "A") {
      element.title = t(label);
    }
  }
  if (placeholder) {
    element.placeholder = t(placeholder);
  }
}

/** Writes the texts of all elements below anew, after the language has changed. */
export function translateAll(root) {
  root.querySelectorAll("[data-t], [data-t-label], [data-t-placeholder]").forEach(translate);
}

/** A drawing of one or several paths on a field of 24 by 24. */
export function icon(paths, size = 18) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of [
    ["viewBox", "0 0 24 24"],
    ["width", size],
    ["height", size],
    ["class", "icon"],
    ["aria-hidden", "true"],
  ]) {
    svg.setAttribute(name, value);
  }
  for (const d of [paths].flat()) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** A button with a drawing and a label for those who do not see it. */
export function iconButton(paths, label, listener, more = {}) {
  const { class: kind, ...rest } = more;
  return h(
    "button",
    {
      type: "button",
      class: `icon-button ${kind ?? ""}`.trim(),
      tLabel: label,
      on: { click: listener },
      ...rest,
    },
    icon(paths),
  );
}

export const $ = (selector, root = document) => root.querySelector(selector);
