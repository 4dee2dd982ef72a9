package io.moineau.cli;

import java.io.IOException;
import java.io.PrintStream;

/**
 * Where a chat's lines come from and its text goes to: a terminal with editing, or plain streams.
 */
interface ChatInput extends AutoCloseable {
  /** What came of asking for a message. */
  record Line(Kind kind, String text) {
    static final Line END = new Line(Kind.END, "");
    static final Line INTERRUPTED = new Line(Kind.INTERRUPTED, "");
    static final Line CLEARED = new Line(Kind.CLEARED, "");

    static Line of(String text) {
      return new Line(Kind.TEXT, text);
    }
  }

  /** Kinds of {@link Line}. */
  enum Kind {
    /** A message, perhaps of several lines. */
    TEXT,
    /** Ctrl-C on an empty line. */
    INTERRUPTED,
    /** Ctrl-C on a line with text, which is gone. */
    CLEARED,
    /** Ctrl-D, or the end of the input. */
    END
  }

  /** The next message. */
  Line read() throws IOException;

  /** Where to write. */
  PrintStream out();

  /** Calls {@code cancel} on Ctrl-C until {@link #endAnswer()}. */
  void beginAnswer(Runnable cancel);

  /** The prompt may be shown again. */
  void endAnswer();

  @Override
  void close() throws IOException;
}
