/**
 * A model in the process of a Spring Boot application, by {@code spring.ai.moineau}'s properties.
 */
@NullMarked
package io.moineau.springai.autoconfigure;

import org.jspecify.annotations.NullMarked;
