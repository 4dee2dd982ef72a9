package io.moineau.text.answer;

/** A piece of an answer, as it streams. */
public sealed interface AnswerPart {
  /** More of what the model thinks before it answers; never empty. */
  record Reasoning(String text) implements AnswerPart {}

  /** More of what it says; never empty. */
  record Content(String text) implements AnswerPart {}

  /**
   * A call of a function begins.
   *
   * @param index counts the calls of the answer, from 0
   */
  record ToolCallStart(int index, String id, String name) implements AnswerPart {}

  /** More of the JSON text of a call's arguments; never empty. */
  record ToolCallArguments(int index, String delta) implements AnswerPart {}
}
