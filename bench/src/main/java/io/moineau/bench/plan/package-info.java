/** The planner's factors fitted to published measurements, and its errors. */
@org.jspecify.annotations.NullMarked
package io.moineau.bench.plan;
