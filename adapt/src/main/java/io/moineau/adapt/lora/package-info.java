/** Low-rank changes to the weights of a model that stays as it is: forward and gradients. */
@org.jspecify.annotations.NullMarked
package io.moineau.adapt.lora;
