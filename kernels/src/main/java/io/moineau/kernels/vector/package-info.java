@NullMarked
package io.moineau.kernels.vector;

import org.jspecify.annotations.NullMarked;
