package io.moineau.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Lines from a pipe or a dumb terminal. Several lines are one message if all but the last end with
 * a backslash, or if they stand between two {@code """}.
 */
final class PlainChatInput implements ChatInput {
  private static final int MOST_CHARS = 16 << 20;

  private final BufferedReader reader;
  private final PrintStream out;
  private final boolean prompts;

  PlainChatInput(Streams streams) {
    this.reader = new BufferedReader(new InputStreamReader(streams.in(), StandardCharsets.UTF_8));
    this.out = streams.out();
    this.prompts = streams.inTerminal() && streams.outTerminal();
  }

  @Override
  public Line read() throws IOException {
    StringBuilder text = new StringBuilder();
    if (prompts) {
      out.print("> ");
    }
    out.flush();
    while (true) {
      String line = line(text.length());
      if (line == null) {
        return text.isEmpty() ? Line.END : Line.of(Multiline.message(text.toString()));
      }
      text.append(line);
      if (!Multiline.isOpen(text.toString())) {
        return Line.of(Multiline.message(text.toString()));
      }
      text.append('\n');
    }
  }

  private @Nullable String line(int before) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = reader.read();
      if (c < 0) {
        return line.isEmpty() ? null : line.toString();
      }
      if (c == '\n') {
        return line.toString();
      }
      if (before + line.length() >= MOST_CHARS) {
        throw new CliException(
            "text-too-large", "a message is too long", "", "at most 16 million characters", "");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
  }

  @Override
  public PrintStream out() {
    return out;
  }

  @Override
  public void beginAnswer(Runnable cancel) {}

  @Override
  public void endAnswer() {}

  @Override
  public void close() {
    out.flush();
  }
}
