/** How long placements take. */
@NullMarked
package io.moineau.bench.placement;

import org.jspecify.annotations.NullMarked;
