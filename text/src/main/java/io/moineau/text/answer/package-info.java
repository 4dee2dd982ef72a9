/** How model families write reasoning and tool calls, and how it is read from a stream. */
@org.jspecify.annotations.NullMarked
package io.moineau.text.answer;
