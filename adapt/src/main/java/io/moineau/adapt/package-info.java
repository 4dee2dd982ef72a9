/** Training small mixture-of-experts models from nothing, on CPUs. */
@org.jspecify.annotations.NullMarked
package io.moineau.adapt;
