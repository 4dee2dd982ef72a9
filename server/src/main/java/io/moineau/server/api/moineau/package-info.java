<<<<<<< HEAD
/** Moineau's own endpoints: one file for each. */
=======
/** Moineau's own endpoints, which its page uses. */
>>>>>>> d1d6cbd (Keys with budgets, rates and models: who may use the server, and what they used)
@org.jspecify.annotations.NullMarked
package io.moineau.server.api.moineau;
