package io.moineau.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jline.keymap.KeyMap;
import org.jline.reader.Candidate;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.OSUtils;

/**
 * A terminal: line editing, history across sessions, completion of commands, several lines by
 * Alt-Enter, paste, backslash or {@code """}.
 */
final class TerminalChatInput implements ChatInput {
  private final Terminal terminal;
  private final LineReader reader;
  private final DefaultHistory history = new DefaultHistory();
  private final Style style;
  private final PrintStream out;

  TerminalChatInput(Style style, boolean keepHistory) throws IOException {
    this.style = style;
    this.terminal =
        TerminalBuilder.builder()
            .system(true)
            .encoding(StandardCharsets.UTF_8)
            // stty starts faster than java.lang.foreign links its first calls
            .providers(OSUtils.IS_WINDOWS ? "ffm" : "exec,ffm")
            .graphemeCluster(false) // asking the terminal what it can would delay the prompt
            .nativeSignals(true)
            .signalHandler(Terminal.SignalHandler.SIG_IGN)
            .dumb(true)
            .build();
    this.reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .history(history)
            .parser(new MessageParser())
            .completer(ChatCommands::complete)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, style.dim("… "))
            .variable(LineReader.HISTORY_SIZE, 1000)
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.HISTORY_IGNORE_SPACE, true)
            .option(LineReader.Option.BRACKETED_PASTE, true)
            .option(LineReader.Option.INSERT_TAB, true)
            .build();
    if (keepHistory) {
      historyFile().ifPresent(file -> reader.setVariable(LineReader.HISTORY_FILE, file));
    }
    history.attach(reader);
    reader
        .getWidgets()
        .put(
            "moineau-new-line",
            () -> {
              reader.getBuffer().write("\n");
              return true;
            });
    for (String keys : new String[] {LineReader.MAIN, LineReader.EMACS, LineReader.VIINS}) {
      KeyMap<org.jline.reader.Binding> map = reader.getKeyMaps().get(keys);
      if (map != null) {
        map.bind(new Reference("moineau-new-line"), KeyMap.alt('\r'), KeyMap.alt('\n'));
      }
    }
    this.out = new PrintStream(new TerminalStream(terminal), false, StandardCharsets.UTF_8);
  }

  /** In the state folder of the user (XDG), made private; empty where it cannot be made. */
  private static Optional<Path> historyFile() {
    String state = System.getenv("XDG_STATE_HOME");
    Path folder =
        state == null || state.isBlank()
            ? Path.of(System.getProperty("user.home", "."), ".local", "state")
            : Path.of(state);
    Path file = folder.resolve("moineau").resolve("history");
    try {
      Files.createDirectories(folder.resolve("moineau"));
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
      if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(
            file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
      }
      return Files.isWritable(file) ? Optional.of(file) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public Line read() {
    out.flush();
    try {
      return Line.of(Multiline.message(reader.readLine(style.accent("> "))));
    } catch (UserInterruptException e) {
      return e.getPartialLine().isBlank() ? Line.INTERRUPTED : Line.CLEARED;
    } catch (EndOfFileException e) {
      return Line.END;
    }
  }

  @Override
  public PrintStream out() {
    return out;
  }

  @Override
  public void beginAnswer(Runnable cancel) {
    terminal.handle(Terminal.Signal.INT, signal -> cancel.run());
  }

  @Override
  public void endAnswer() {
    terminal.handle(Terminal.Signal.INT, Terminal.SignalHandler.SIG_IGN);
  }

  @Override
  public void close() throws IOException {
    out.flush();
    try {
      history.save();
    } catch (IOException e) {
      out.println("the history was not saved: " + SafeText.ofLine(String.valueOf(e.getMessage())));
      out.flush();
    }
    terminal.close();
  }

  /** Writes to the terminal through JLine, which knows where the cursor is. */
  private static final class TerminalStream extends OutputStream {
    private final OutputStream target;
    private final Terminal terminal;

    TerminalStream(Terminal terminal) {
      this.terminal = terminal;
      this.target = terminal.output();
    }

    @Override
    public void write(int b) throws IOException {
      target.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      target.write(bytes, offset, length);
    }

    @Override
    public void flush() {
      terminal.flush();
    }
  }

  /** A message is one word, whatever is in it, and may be of several lines. */
  static final class MessageParser implements Parser {
    private final DefaultParser words = new DefaultParser();

    MessageParser() {
      words.setEscapeChars(new char[0]);
      words.setQuoteChars(new char[0]);
    }

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
      if (context == ParseContext.ACCEPT_LINE && Multiline.isOpen(line)) {
        throw new EOFError(-1, -1, "the message goes on");
      }
      return words.parse(line, cursor, context);
    }

    @Override
    public boolean isEscapeChar(char ch) {
      return false;
    }
  }

  /** A word that may be completed, with its explanation. */
  static Candidate candidate(String word, String meaning) {
    return new Candidate(word, word, null, meaning.isEmpty() ? null : meaning, null, null, true);
  }

  static List<String> wordsBefore(ParsedLine line) {
    return line.words().subList(0, Math.min(line.wordIndex(), line.words().size()));
  }
}
