// The theme and the language: two buttons that every page has.
import { h, iconButton } from "./dom.js";
import * as icons from "./icons.js";
import { choose, currentLanguage, languages, onLanguage, t } from "./i18n.js";
import { write } from "./prefs.js";

const THEMES = ["system", "light", "dark"];

/** Both buttons; `onTheme` is called when another theme was chosen. */
export function lookButtons(onTheme = () => {}) {
  const theme = iconButton(icons.THEME, "theme", nextTheme, { id: "theme" });
  const language = h("button", {
    type: "button",
    id: "language",
    class: "icon-button",
    on: { click: () => choose(nextLanguage()) },
  });

  function nextTheme() {
    const root = document.documentElement;
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "system") + 1) % THEMES.length];
    if (next === "system") {
      delete root.dataset.theme;
      write("theme", undefined);
    } else {
      root.dataset.theme = next;
      write("theme", next);
    }
    show();
    onTheme();
  }

  function show() {
    const next = nextLanguage();
    language.textContent = next.toUpperCase();
    language.lang = next;
    language.setAttribute("aria-label", `${language.textContent}, ${t(`language.${next}`)}`);
    language.title = t(`language.${next}`);
    const now = document.documentElement.dataset.theme ?? "system";
    theme.title = t("themeNow", { theme: t(`theme.${now}`) });
    theme.setAttribute("aria-label", theme.title);
  }

  onLanguage(() => queueMicrotask(show)); // after the page has put its own texts anew
  show();
  return [theme, language];
}

function nextLanguage() {
  return languages[(languages.indexOf(currentLanguage()) + 1) % languages.length];
}
