/** How many configurations the planner computes in a second. */
@org.jspecify.annotations.NullMarked
package io.moineau.bench.planspeed;
