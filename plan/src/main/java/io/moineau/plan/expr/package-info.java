/** The language of a rule's conditions: small, typed and total. */
@NullMarked
package io.moineau.plan.expr;

import org.jspecify.annotations.NullMarked;
