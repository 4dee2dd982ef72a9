/**
 * The public face of Moineau: open a model, chat, complete, stream, count tokens.
 *
 * <p>Small and stable. What a program needs beyond it (sequences, the scheduler, samplers) is in
 * {@code io.moineau.engine}.
 */
@NullMarked
package io.moineau;

import org.jspecify.annotations.NullMarked;
