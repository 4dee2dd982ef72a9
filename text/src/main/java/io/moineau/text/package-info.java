@NullMarked
package io.moineau.text;

import org.jspecify.annotations.NullMarked;
