/** Drafts of tokens, and whether they pay. */
@org.jspecify.annotations.NullMarked
package io.moineau.engine.speculation;
