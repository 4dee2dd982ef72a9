/** What the server knows of chips and rules: read when somebody asks. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.plan;
