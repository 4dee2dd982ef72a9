/** From logits to a token: one small class for each sampler, as llama.cpp has them. */
@NullMarked
package io.moineau.engine.sampling;

import org.jspecify.annotations.NullMarked;
