/** Mixed-integer linear programmes: what to choose, under which rows, solved by ojAlgo. */
@NullMarked
package io.moineau.plan.solve;

import org.jspecify.annotations.NullMarked;
