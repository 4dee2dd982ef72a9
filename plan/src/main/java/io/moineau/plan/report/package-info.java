/** Estimates as people read them: charts, and a report in one file. */
@org.jspecify.annotations.NullMarked
package io.moineau.plan.report;
