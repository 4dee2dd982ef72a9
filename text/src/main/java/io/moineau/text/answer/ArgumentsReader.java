package io.moineau.text.answer;

/** Turns what a model writes as arguments into the text of a JSON object, as it comes. */
interface ArgumentsReader {
  /**
   * Reads as far as it can.
   *
   * @param cut whether the text, where it has ended, was cut off and is not to be completed
   * @return whether the arguments are at their end
   */
  boolean read(Input in, PartSink sink, boolean cut);

  /** Arguments that are known as a whole. */
  static ArgumentsReader of(String json) {
    return (in, sink, cut) -> {
      sink.arguments(json);
      return true;
    };
  }
}
