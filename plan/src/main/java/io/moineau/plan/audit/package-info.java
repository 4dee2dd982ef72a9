/** Shares of domestic chips in a fleet, under each meaning that the sources leave open. */
@NullMarked
package io.moineau.plan.audit;

import org.jspecify.annotations.NullMarked;
