/** Which chips of a fleet serve which models, under what is promised, owned, paid and allowed. */
@NullMarked
package io.moineau.plan.placement;

import org.jspecify.annotations.NullMarked;
