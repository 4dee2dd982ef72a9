package io.moineau.text.jinja;

/** Python's {@code None}; Java's null means that there is no value at all. */
enum None {
  NONE
}
