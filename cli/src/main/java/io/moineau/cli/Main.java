package io.moineau.cli;

/**
 * The moineau command.
 *
 * <p>Starts little: only the subcommand that was asked for is built, and nothing of a model, a
 * tokenizer or the terminal is loaded before that command needs it.
 */
public final class Main {
  private Main() {}

  /** Runs the command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    Streams streams = Streams.ofProcess();
    int code = CommandLineRun.run(args, streams);
    try {
      streams.out().flush();
      streams.err().flush();
    } catch (Streams.ReaderGone | CliException e) {
      code = code == ExitCode.OK ? ExitCode.READER_GONE : code;
    }
    // Not a return: threads of a command that failed must not keep the process.
    System.exit(code);
  }
}
