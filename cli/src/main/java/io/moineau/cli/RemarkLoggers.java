package io.moineau.cli;

import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * What the engine warns of, as one plain line on standard error. Found by the JVM as a service; it
 * also keeps the logging library of the JDK, and its time, out of every start.
 */
public final class RemarkLoggers extends System.LoggerFinder {
  /** For the JVM's service loader. */
  public RemarkLoggers() {}

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new Remarks(name);
  }

  private record Remarks(String name) implements System.Logger {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      return name.startsWith("io.moineau")
          && level.getSeverity() >= Level.WARNING.getSeverity()
          && level != Level.OFF;
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable thrown) {
      if (isLoggable(level) && message != null) {
        System.err.println("moineau: " + SafeText.ofLine(message));
      }
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object... values) {
      if (isLoggable(level) && format != null) {
        String text =
            values == null || values.length == 0
                ? format
                : java.text.MessageFormat.format(format, values);
        System.err.println("moineau: " + SafeText.ofLine(text));
      }
    }
  }
}
