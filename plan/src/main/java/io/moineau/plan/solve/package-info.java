/**
 * Mixed-integer linear programmes: what to choose, under which rows. Small ones are solved by
 * ojAlgo; those with hundreds of whole unknowns by a tree search over a dual simplex that keeps its
 * tableau from node to node (docs/design/plan.md has the figures).
 */
@NullMarked
package io.moineau.plan.solve;

import org.jspecify.annotations.NullMarked;
