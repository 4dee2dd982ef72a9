/**
 * Spring AI's models over {@link io.moineau.Moineau}, in this process: no server, no network.
 *
 * <p>What a model here cannot do is refused by its name; nothing that was asked for is left out in
 * silence. Errors are Moineau's own, as Spring AI lets each provider's through.
 */
@NullMarked
package io.moineau.springai;

import org.jspecify.annotations.NullMarked;
