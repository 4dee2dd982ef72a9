/** Learning a vocabulary from text. */
@org.jspecify.annotations.NullMarked
package io.moineau.adapt.vocabulary;
