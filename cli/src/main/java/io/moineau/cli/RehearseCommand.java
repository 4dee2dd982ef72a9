package io.moineau.cli;

import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.Sampling;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jline.reader.LineReaderBuilder;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;

/**
 * Does once what a start does, so that the JVM can write down the classes that it needs (the
 * launcher runs this when it makes the AOT cache).
 */
@Command(name = "rehearse", hidden = true, header = "Used by the launcher.")
final class RehearseCommand extends Job {
  RehearseCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    ByteArrayOutputStream nowhere = new ByteArrayOutputStream();
    Streams quiet =
        Streams.of(
            new ByteArrayInputStream("Hello\n/stats\n".getBytes(StandardCharsets.UTF_8)),
            nowhere,
            nowhere);
    CommandLineRun.run(new String[] {"--help"}, quiet);
    CommandLineRun.run(new String[] {"--version"}, quiet);
    CommandLineRun.run(new String[] {"chat", "-n", "4"}, quiet);
    CommandLineRun.run(new String[] {"run", "-n", "4", "--json", "Hello"}, quiet);
    terminal();
    try (Moineau moineau = Moineau.openDefault(ModelOptions.defaults())) {
      moineau.complete("Hello", Sampling.greedy().withMaxTokens(8));
    }
    return ExitCode.OK;
  }

  /** Builds the line editor over a terminal that is none, and reads one line. */
  private static void terminal() throws IOException {
    ByteArrayInputStream keys =
        new ByteArrayInputStream("hello\r".getBytes(StandardCharsets.UTF_8));
    try (Terminal terminal =
        TerminalBuilder.builder()
            .system(false)
            .type("xterm-256color")
            .encoding(StandardCharsets.UTF_8)
            .streams(keys, new ByteArrayOutputStream())
            .build()) {
      LineReaderBuilder.builder()
          .terminal(terminal)
          .parser(new TerminalChatInput.MessageParser())
          .build()
          .readLine("> ");
    }
  }
}
