/** Very many configurations: enumerated by number, computed in parallel, reduced to the best. */
@org.jspecify.annotations.NullMarked
package io.moineau.plan.sweep;
