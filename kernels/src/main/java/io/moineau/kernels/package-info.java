@NullMarked
package io.moineau.kernels;

import org.jspecify.annotations.NullMarked;
