/** The page that people open in a browser: its files, and how they are served. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.web;
