/**
 * Model files: {@link io.moineau.format.GgufFile} reads and its writer makes GGUF.
 *
 * <p>Everything that a file says is taken as hostile until it was checked against the bytes that
 * are there. What other formats have too, named tensors over mapped bytes, is {@link
 * io.moineau.tensor.TensorView} and the opening of a file, so that a reader of safetensors can
 * stand beside this one without either knowing the other.
 */
@NullMarked
package io.moineau.format;

import org.jspecify.annotations.NullMarked;
