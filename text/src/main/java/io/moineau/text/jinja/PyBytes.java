package io.moineau.text.jinja;

/** Python bytes, which only {@code encode} makes; {@code untrusted} if its text was. */
record PyBytes(byte[] bytes, boolean untrusted) {}
