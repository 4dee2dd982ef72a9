/**
 * Moineau beside llama.cpp, llama3.java and Jlama on the same files, and what makes these files.
 */
@org.jspecify.annotations.NullMarked
package io.moineau.bench.peers;
