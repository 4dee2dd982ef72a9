@NullMarked
package io.moineau.error;

import org.jspecify.annotations.NullMarked;
