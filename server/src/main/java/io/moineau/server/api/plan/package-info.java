/** Chips, rules, audits and plans over HTTP: one file for each endpoint. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.api.plan;
