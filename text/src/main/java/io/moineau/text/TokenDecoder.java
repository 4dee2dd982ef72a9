package io.moineau.text;

/** Turns tokens into text as they come; a character is never split. For one text and one thread. */
public interface TokenDecoder {
  /** Takes a token; gives the text that is complete by now, often empty. */
  String push(int id);

  /** The rest; bytes that are no character come as U+FFFD. */
  String flush();
}
