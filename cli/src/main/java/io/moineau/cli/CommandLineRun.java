package io.moineau.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Reads a command line, runs its command, and turns whatever goes wrong into a short message and an
 * exit code.
 */
final class CommandLineRun {
  private CommandLineRun() {}

  /** Runs {@code args} and returns the exit code of {@link ExitCode}. */
  static int run(String[] args, Streams streams) {
    try {
      int code = commandLine(args, streams).execute(args);
      streams.out().flush();
      return code;
    } catch (Streams.ReaderGone e) {
      return ExitCode.READER_GONE;
    } catch (CliException e) {
      ErrorPrinter.print(e, "moineau", false, streams.err());
      return ExitCode.ERROR;
    }
  }

  /**
   * The command line that {@code args} needs: the root with the one subcommand that is named, or
   * with all of them where help, completion or an unknown name is asked for.
   */
  static CommandLine commandLine(String[] args, Streams streams) {
    String first = args.length > 0 ? args[0] : "";
    RootCommand root = new RootCommand(streams);
    CommandLine line = new CommandLine(root);
    if (Commands.names().contains(first) && !first.equals(Commands.COMPLETION)) {
      line.addSubcommand(first, Commands.create(first, streams));
    } else {
      for (String name : Commands.names()) {
        line.addSubcommand(name, Commands.create(name, streams));
      }
    }
    configure(line, args, streams);
    return line;
  }

  private static void configure(CommandLine line, String[] args, Streams streams) {
    boolean json = List.of(args).contains("--json");
    line.setOut(new java.io.PrintWriter(streams.out(), true));
    line.setErr(new java.io.PrintWriter(streams.err(), true));
    line.setColorScheme(CommandLine.Help.defaultColorScheme(ansi(streams)));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAbbreviatedOptionsAllowed(false);
    line.setUsageHelpWidth(100); // finding the real width would start a program
    line.setUsageHelpLongOptionsMaxWidth(26);
    // Text after the options may begin with a dash once it has begun: a prompt is no option.
    line.setUnmatchedOptionsArePositionalParams(false);
    tidy(line);
    line.setExecutionStrategy(CommandLineRun::execute);
    line.setParameterExceptionHandler((e, ignored) -> usage(e, json, streams));
    line.setExecutionExceptionHandler(
        (e, command, ignored) -> failed(e, command.getCommandSpec(), json, streams));
  }

  private static void tidy(CommandLine line) {
    for (CommandLine part : line.getSubcommands().values()) {
      part.getCommandSpec().usageMessage().abbreviateSynopsis(true).sortOptions(false);
      tidy(part);
    }
  }

  /** As picocli does, but for help that nobody reads to its end. */
  private static int execute(CommandLine.ParseResult parsed) {
    try {
      return new CommandLine.RunLast().execute(parsed);
    } catch (Streams.ReaderGone e) {
      return ExitCode.READER_GONE;
    }
  }

  private static CommandLine.Help.Ansi ansi(Streams streams) {
    return streams.colors() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF;
  }

  private static int usage(ParameterException e, boolean json, Streams streams) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    String message = e.getMessage() == null ? "wrong usage" : e.getMessage();
    String suggestion = "";
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> close = unmatched.getSuggestions();
      if (!close.isEmpty() && close.size() <= 4) {
        suggestion = "did you mean " + String.join(" or ", close) + "? ";
      }
    }
    String where = "";
    int cut = message.indexOf('\n');
    if (cut > 0) {
      message = message.substring(0, cut);
    }
    ErrorPrinter.print(
        new CliException(
            "usage",
            lowerFirst(message),
            where,
            "",
            suggestion + "see: " + spec.qualifiedName() + " --help"),
        spec.qualifiedName(),
        json,
        streams.err());
    return ExitCode.USAGE;
  }

  private static String lowerFirst(String text) {
    return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }

  private static int failed(Throwable e, CommandSpec spec, boolean json, Streams streams)
      throws RuntimeException {
    if (e instanceof Streams.ReaderGone) {
      return ExitCode.READER_GONE;
    }
    if (e instanceof InterruptedJob) {
      return ExitCode.INTERRUPTED;
    }
    if (!(e instanceof CliException known && known.code().equals("output-failed"))) {
      streams.out().flush();
    }
    ErrorPrinter.print(e, spec.qualifiedName(), json, streams.err());
    return ExitCode.ERROR;
  }

  /** Thrown by a command that Ctrl-C ended. */
  static final class InterruptedJob extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InterruptedJob() {
      super("interrupted", null, false, false);
    }
  }
}
