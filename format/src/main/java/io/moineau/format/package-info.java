@NullMarked
package io.moineau.format;

import org.jspecify.annotations.NullMarked;
