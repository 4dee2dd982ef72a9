@NullMarked
package io.moineau.engine;

import org.jspecify.annotations.NullMarked;
