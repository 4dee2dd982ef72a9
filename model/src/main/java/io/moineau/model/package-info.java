@NullMarked
package io.moineau.model;

import org.jspecify.annotations.NullMarked;
