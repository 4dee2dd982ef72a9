/** What structured output costs. */
@org.jspecify.annotations.NullMarked
package io.moineau.bench.grammar;
