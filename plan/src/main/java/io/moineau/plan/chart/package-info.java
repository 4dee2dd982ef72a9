/** Charts as self-contained SVG, and reports as self-contained HTML. */
@NullMarked
package io.moineau.plan.chart;

import org.jspecify.annotations.NullMarked;
