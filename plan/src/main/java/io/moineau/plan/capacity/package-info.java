/** What a model needs, and how fast chips run it. */
@org.jspecify.annotations.NullMarked
package io.moineau.plan.capacity;
