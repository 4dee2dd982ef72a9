package io.moineau.server.web;

import java.util.List;

/** The page's own files, but {@code index.html}; a test compares them with the folder. */
final class WebFileNames {
  static final List<String> OWN =
      List.of(
          "css/base.css",
          "css/layout.css",
          "css/message.css",
          "css/panel.css",
          "icon.svg",
          "js/activity-tab.js",
          "js/activity.js",
          "js/announce.js",
          "js/api.js",
          "js/app.js",
          "js/chat.js",
          "js/code.js",
          "js/composer.js",
          "js/copy.js",
          "js/dialogs.js",
          "js/dom.js",
          "js/files.js",
          "js/health.js",
          "js/heat.js",
          "js/i18n.js",
          "js/icons.js",
          "js/keys.js",
          "js/lang/en.js",
          "js/lang/fr.js",
          "js/map.js",
          "js/mark.js",
          "js/markdown.js",
          "js/marks.js",
          "js/math.js",
          "js/message.js",
          "js/model-tab.js",
          "js/most-used.js",
          "js/panel.js",
          "js/patch.js",
          "js/prefs.js",
          "js/problem-note.js",
          "js/session.js",
          "js/settings-tab.js",
          "js/sidebar.js",
          "js/store.js",
          "js/sync.js",
          "js/theme.js",
          "js/thread.js",
          "js/toast.js",
          "js/tools.js",
          "js/tree.js",
          "js/waiting.js",
          "js/writer.js");

  private WebFileNames() {}
}
