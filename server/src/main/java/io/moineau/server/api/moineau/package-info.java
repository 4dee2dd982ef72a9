/** Moineau's own endpoints: one file for each. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.api.moineau;
