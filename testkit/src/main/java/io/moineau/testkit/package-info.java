@NullMarked
package io.moineau.testkit;

import org.jspecify.annotations.NullMarked;
