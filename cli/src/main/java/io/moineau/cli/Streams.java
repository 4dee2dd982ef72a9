package io.moineau.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What a command reads and writes: the process's own streams, or a test's.
 *
 * @param in standard input
 * @param out standard output: what was asked for, and nothing else
 * @param err standard error: errors, progress, remarks
 * @param inTerminal whether {@code in} is a terminal
 * @param outTerminal whether {@code out} is a terminal
 * @param errTerminal whether {@code err} is a terminal
 * @param real whether these are the process's own
 */
record Streams(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean inTerminal,
    boolean outTerminal,
    boolean errTerminal,
    boolean real) {

  /** Thrown when nobody reads our output any more, as in {@code moineau ... | head}. */
  static final class ReaderGone extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReaderGone() {
      super("nobody reads the output any more", null, false, false);
    }
  }

  /** The process's own, always in UTF-8. */
  static Streams ofProcess() {
    // The launcher tells which of 0, 1 and 2 are terminals, which the shell knows for nothing.
    String terminals = System.getProperty("moineau.terminals", "");
    if (terminals.isEmpty()) {
      var console = System.console();
      terminals = console != null && console.isTerminal() ? "012" : "-";
    }
    return new Streams(
        System.in,
        print(new FileOutputStream(FileDescriptor.out), false),
        print(new FileOutputStream(StandardError.descriptor()), true),
        terminals.contains("0"),
        terminals.contains("1"),
        terminals.contains("2"),
        true);
  }

  /** A test's: no terminals. */
  static Streams of(InputStream in, OutputStream out, OutputStream err) {
    return new Streams(in, print(out, false), print(err, true), false, false, false, false);
  }

  private static PrintStream print(OutputStream target, boolean autoFlush) {
    return new PrintStream(new Told(target), autoFlush, StandardCharsets.UTF_8);
  }

  /** Whether colours may be sent to standard output. */
  boolean colors() {
    return outTerminal && colorsWanted();
  }

  /** Whether the user and the terminal want colours (no-color.org). */
  static boolean colorsWanted() {
    String noColor = System.getenv("NO_COLOR");
    String term = System.getenv("TERM");
    return (noColor == null || noColor.isEmpty()) && !"dumb".equals(term);
  }

  /** The raw standard input of the process. */
  static InputStream processInput() {
    return new FileInputStream(FileDescriptor.in);
  }

  /** Says by an exception that a write failed; a PrintStream alone only remembers it. */
  private static final class Told extends OutputStream {
    private final OutputStream target;
    private final byte[] buffer = new byte[8192];
    private int filled;

    Told(OutputStream target) {
      this.target = target;
    }

    @Override
    public synchronized void write(int b) {
      if (filled == buffer.length) {
        drain();
      }
      buffer[filled++] = (byte) b;
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      if (length > buffer.length - filled) {
        drain();
      }
      if (length > buffer.length) {
        send(bytes, offset, length);
      } else {
        System.arraycopy(bytes, offset, buffer, filled, length);
        filled += length;
      }
    }

    @Override
    public synchronized void flush() {
      drain();
      try {
        target.flush();
      } catch (IOException e) {
        throw failed(e);
      }
    }

    private void drain() {
      int length = filled;
      filled = 0;
      if (length > 0) {
        send(buffer, 0, length);
      }
    }

    private void send(byte[] bytes, int offset, int length) {
      try {
        target.write(bytes, offset, length);
      } catch (IOException e) {
        throw failed(e);
      }
    }

    private static RuntimeException failed(IOException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains("Broken pipe") || message.contains("pipe is being closed")) {
        return new ReaderGone();
      }
      return new CliException(
          "output-failed", "the output cannot be written", message, "", "free some space");
    }
  }
}
