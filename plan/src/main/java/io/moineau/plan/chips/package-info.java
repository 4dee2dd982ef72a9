/** The catalogue of chips: figures with their sources, dates and quality. */
@NullMarked
package io.moineau.plan.chips;

import org.jspecify.annotations.NullMarked;
