package io.moineau.cli;

/** The few colours that are used, or none. */
record Style(boolean colors) {
  private static final String RESET = "\u001b[0m";

  String bold(String text) {
    return wrap("\u001b[1m", text);
  }

  String dim(String text) {
    return wrap("\u001b[2m", text);
  }

  String accent(String text) {
    return wrap("\u001b[36m", text);
  }

  String warning(String text) {
    return wrap("\u001b[33m", text);
  }

  private String wrap(String code, String text) {
    return colors ? code + text + RESET : text;
  }
}
