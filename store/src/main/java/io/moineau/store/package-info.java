@NullMarked
package io.moineau.store;

import org.jspecify.annotations.NullMarked;
