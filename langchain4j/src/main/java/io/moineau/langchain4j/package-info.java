/**
 * LangChain4j's models over {@link io.moineau.Moineau}, in this process: no server, no network.
 *
 * <p>What a model here cannot do is refused by its name; nothing that was asked for is left out in
 * silence.
 */
@NullMarked
package io.moineau.langchain4j;

import org.jspecify.annotations.NullMarked;
