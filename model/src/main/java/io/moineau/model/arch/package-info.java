/** One file per architecture: what is special about it, its hyper-parameters, tensors and pass. */
@NullMarked
package io.moineau.model.arch;

import org.jspecify.annotations.NullMarked;
