@NullMarked
package io.moineau.cli;

import org.jspecify.annotations.NullMarked;
