/** Who may use the server, and who hears what they used. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.access;
