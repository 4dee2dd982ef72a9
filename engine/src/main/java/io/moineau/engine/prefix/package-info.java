/** Blocks of keys and values in files, for beginnings that outlive the process. */
@NullMarked
package io.moineau.engine.prefix;

import org.jspecify.annotations.NullMarked;
