package io.moineau.cli;

import io.moineau.Message;
import io.moineau.Moineau;
import io.moineau.ResponseFormat;
import io.moineau.Sampling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The terminal chat. */
@Command(
    name = "chat",
    header = "Talk with a model in the terminal.",
    description = {
      "",
      "Lines are edited as in a shell; the history is kept. Alt-Enter, a backslash at the end of a"
          + " line",
      "or \"\"\" around it make a message of several lines. Ctrl-C stops the answer; Ctrl-D"
          + " leaves.",
      "/help in the chat lists its commands. Through a pipe, each line is a message.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau chat model.gguf",
      "  moineau chat model.gguf --system \"Answer in one sentence.\" --temp 0.3",
      "  moineau chat model.gguf -c 16384 --kv-type q8_0 --load yesterday.json",
      "  printf 'Hello\\n/stats\\n' | moineau chat model.gguf"
    })
final class ChatCommand extends Job {
  @Parameters(paramLabel = "MODEL", arity = "0..1", description = "GGUF file, unless -m names it.")
  private List<String> words = List.of();

  @Mixin private ModelArguments model = new ModelArguments();
  @Mixin private SamplingArguments sampling = new SamplingArguments();
  @Mixin private FormatArguments format = new FormatArguments();

  @Option(
      names = {"--system", "-sys"},
      paramLabel = "TEXT",
      description = "Instructions for the model.")
  private @Nullable String system;

  @Option(names = "--load", paramLabel = "FILE", description = "Go on with a saved chat.")
  private @Nullable Path load;

  @Option(names = "--no-history", description = "Neither read nor write the history of lines.")
  private boolean noHistory;

  ChatCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    List<String> rest = model.takeModel(words);
    if (!rest.isEmpty()) {
      model.takeNamed(rest.getFirst());
    }
    Sampling chosen = sampling.sampling(this);
    ResponseFormat form = format.format(this);
    List<Message> loaded = load == null ? List.of() : ChatFile.load(load);
    Streams streams = streams();
    boolean editing =
        streams.real()
            && streams.inTerminal()
            && streams.outTerminal()
            && !"dumb".equals(System.getenv("TERM"));
    Style style = new Style(streams.colors());
    FutureTask<ChatInput> opening =
        new FutureTask<>(
            () -> editing ? new TerminalChatInput(style, !noHistory) : new PlainChatInput(streams));
    // The line editor and the model are made ready side by side.
    Thread.ofPlatform().daemon().name("moineau-terminal").start(opening);
    Moineau moineau = open(opening);
    try (ChatInput input = input(opening);
        ChatSession session = new ChatSession(moineau, model.options(this), chosen, input, style)) {
      loaded.forEach(session.conversation()::add);
      session.format(form);
      if (system != null) {
        session.conversation().system(system);
      }
      session.greet();
      session.run();
    }
    return ExitCode.OK;
  }

  private Moineau open(FutureTask<ChatInput> opening) throws IOException {
    try {
      return model.open(this);
    } catch (IOException | RuntimeException | Error e) {
      input(opening).close(); // the terminal as it was, before the error is printed
      throw e;
    }
  }

  private static ChatInput input(FutureTask<ChatInput> opening) throws IOException {
    try {
      return opening.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandLineRun.InterruptedJob();
    } catch (ExecutionException e) {
      throw new IOException("the terminal cannot be used: " + e.getCause(), e);
    }
  }
}
