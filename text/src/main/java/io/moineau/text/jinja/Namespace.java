package io.moineau.text.jinja;

/** What {@code namespace()} makes: the one object whose attributes a template may set. */
record Namespace(PyDict attributes) {}
