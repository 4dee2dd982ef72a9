@NullMarked
package io.moineau.tensor;

import org.jspecify.annotations.NullMarked;
