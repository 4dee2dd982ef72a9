/** What every part of planning shares: its errors. */
@NullMarked
package io.moineau.plan;

import org.jspecify.annotations.NullMarked;
