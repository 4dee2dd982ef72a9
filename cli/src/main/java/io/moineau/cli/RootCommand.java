package io.moineau.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code moineau} alone: help and version. */
@Command(
    name = "moineau",
    header = "Runs mixture-of-experts language models on CPUs.",
    description = {
      "",
      "Models are GGUF files. Without one, chat, run and serve use a small one that is built in: a"
          + " demonstration.",
      ""
    },
    footer = {
      "",
      "Try:",
      "  moineau chat model.gguf             talk to a model",
      "  moineau run model.gguf \"Hello\"      one prompt in, text out",
      "  moineau serve model.gguf            the same for programs, over HTTP",
      "  moineau inspect model.gguf          what is in a file and whether it fits",
      "  moineau doctor                      what this machine can do",
      "  moineau COMMAND --help              teaches each command, with examples",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
      "Environment: MOINEAU_KERNELS=scalar|vector|x86, MOINEAU_CPU=avx2|avx512|amx (instruction"
          + " sets at",
      "most), MOINEAU_PIN=on|off (threads held on their cpus; unset: where the team takes every"
          + " core,",
      "see doctor), MOINEAU_DEBUG=1 (stack traces), NO_COLOR."
    },
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = RootCommand.Version.class)
final class RootCommand implements Callable<Integer> {
  private final Streams streams;

  @Spec
  @SuppressWarnings("NullAway.Init")
  CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  RootCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(streams.out(), spec.commandLine().getColorScheme());
    return ExitCode.OK;
  }

  /** The version, and that of the JVM that runs it. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"moineau " + version() + " (Java " + Runtime.version() + ")"};
    }

    static String version() {
      String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "development" : version;
    }
  }
}
