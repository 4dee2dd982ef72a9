/** How blocks of quantised weights stand for floats, and how floats become such blocks. */
@NullMarked
package io.moineau.kernels.quant;

import org.jspecify.annotations.NullMarked;
