/** YAML files read against a schema, with errors that name file and line. */
@NullMarked
package io.moineau.plan.yaml;

import org.jspecify.annotations.NullMarked;
