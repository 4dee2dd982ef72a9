/** Dated rules on chips, as data, and what they say of one delivery on one day. */
@NullMarked
package io.moineau.plan.rules;

import org.jspecify.annotations.NullMarked;
