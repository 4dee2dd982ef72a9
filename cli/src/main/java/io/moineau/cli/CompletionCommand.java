package io.moineau.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a script that completes moineau's words in a shell. */
@Command(
    name = "completion",
    header = "Print a completion script for your shell.",
    description = {"", "Prints to standard output; nothing is installed.", ""},
    footer = {
      "",
      "Examples:",
      "  source <(moineau completion bash)                    # this bash session",
      "  moineau completion bash > ~/.local/share/bash-completion/completions/moineau",
      "  autoload -U bashcompinit && bashcompinit && source <(moineau completion zsh)",
      "  moineau completion fish > ~/.config/fish/completions/moineau.fish"
    })
final class CompletionCommand extends Job {
  enum Shell {
    BASH,
    ZSH,
    FISH
  }

  @Parameters(
      paramLabel = "SHELL",
      defaultValue = "bash",
      description = "bash, zsh or fish (${DEFAULT-VALUE}).")
  private Shell shell = Shell.BASH;

  CompletionCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    CommandLine root = spec().root().commandLine();
    streams().out().print(shell == Shell.FISH ? fish(root) : AutoComplete.bash("moineau", root));
    return ExitCode.OK;
  }

  private static String fish(CommandLine root) {
    StringBuilder script =
        new StringBuilder("# fish completion for moineau\ncomplete -c moineau -e\n");
    root.getSubcommands()
        .forEach((name, line) -> {
          var model = line.getCommandSpec();
          if (model.usageMessage().hidden()) {
            return;
          }
          String[] header = model.usageMessage().header();
          script
              .append("complete -c moineau -n __fish_use_subcommand -f -a ")
              .append(name)
              .append(" -d ")
              .append(quoted(header.length > 0 ? header[0] : name))
              .append('\n');
          for (var option : model.options()) {
            script
                .append("complete -c moineau -n '__fish_seen_subcommand_from ")
                .append(name)
                .append('\'');
            for (String word : option.names()) {
              script.append(
                  word.startsWith("--") ? " -l " + word.substring(2) : " -s " + word.substring(1));
            }
            if (option.arity().max() > 0) {
              script.append(" -r");
            }
            String[] text = option.description();
            if (text.length > 0) {
              script.append(" -d ").append(quoted(text[0]));
            }
            script.append('\n');
          }
        });
    return script.toString();
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
