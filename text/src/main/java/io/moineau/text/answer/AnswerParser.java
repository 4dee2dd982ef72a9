package io.moineau.text.answer;

import java.util.List;

/**
 * Reads reasoning, text and calls of tools out of an answer that comes in pieces, cut anywhere. It
 * holds back only what may still become a marker, and never fails: a call that is not one is text.
 *
 * <p>Used by one thread.
 */
public abstract sealed class AnswerParser permits MarkedParser, HarmonyParser {
  final Input in = new Input();
  final PartSink sink;
  boolean cut;

  AnswerParser(PartSink sink) {
    this.sink = sink;
  }

  /** More of the text; gives what is understood by now. */
  public final List<AnswerPart> push(String text) {
    in.append(text);
    while (step()) {}
    return sink.drain();
  }

  /** The answer is at its end; gives the rest. */
  public final List<AnswerPart> flush() {
    return flush(false);
  }

  /**
   * The answer is at its end; gives the rest.
   *
   * @param cutOff whether the model had not ended it: arguments that are not finished are then left
   *     so
   */
  public final List<AnswerPart> flush(boolean cutOff) {
    cut = cutOff;
    in.end();
    while (step()) {}
    finish();
    return sink.drain();
  }

  /** Whether the text is in the reasoning, as far as it was understood. */
  public abstract boolean isReasoning();

  /** Reads on; false if more text is needed. */
  abstract boolean step();

  /** Gives what is left. */
  abstract void finish();
}
