package io.moineau.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every subcommand has: its streams, {@code --help}, and errors of usage. */
abstract class Job implements Callable<Integer> {
  private final Streams streams;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  Job(Streams streams) {
    this.streams = streams;
  }

  @Override
  public final Integer call() throws Exception {
    int code = execute();
    streams.out().flush();
    return code;
  }

  /** Does the work and returns the exit code. */
  abstract int execute() throws Exception;

  final Streams streams() {
    return streams;
  }

  final CommandSpec spec() {
    return spec;
  }

  /** Prints a line to standard output. */
  final void print(String line) {
    streams.out().print(line);
    streams.out().print('\n');
  }

  /** Prints a remark to standard error. */
  final void remark(String line) {
    streams.out().flush();
    streams.err().print(line);
    streams.err().print('\n');
    streams.err().flush();
  }

  /** An error of usage: exit code 2. */
  final ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
