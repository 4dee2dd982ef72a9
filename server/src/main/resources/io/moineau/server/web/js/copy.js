// The clipboard; where the page is not "secure" (plain HTTP on a network) by the old way.
import { announce } from "./announce.js";
import { t } from "./i18n.js";

export async function copyText(text, button) {
  const done = (await byClipboard(text)) || bySelection(text);
  announce(t(done ? "copied" : "notCopied"));
  if (done && button) {
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  }
}

async function byClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function bySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "off-screen";
  const focused = document.activeElement;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return done;
}
