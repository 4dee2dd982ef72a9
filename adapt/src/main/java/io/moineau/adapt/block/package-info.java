/** The blocks of a model, each with its forward pass and the gradients of it. */
@org.jspecify.annotations.NullMarked
package io.moineau.adapt.block;
