/** Rewrites a model file in other weight types. */
@NullMarked
package io.moineau.model.quantize;

import org.jspecify.annotations.NullMarked;
