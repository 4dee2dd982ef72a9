package io.moineau.cli;

/** How a command ends. */
final class ExitCode {
  /** All went well. */
  static final int OK = 0;

  /** The job could not be done. */
  static final int ERROR = 1;

  /** The command line was wrong. */
  static final int USAGE = 2;

  /** Ctrl-C, as a shell counts it: 128 + SIGINT. */
  static final int INTERRUPTED = 130;

  /** Nobody reads our output any more: 128 + SIGPIPE, as other programs of a pipeline end. */
  static final int READER_GONE = 141;

  private ExitCode() {}
}
