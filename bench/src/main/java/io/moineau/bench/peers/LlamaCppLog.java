package io.moineau.bench.peers;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What llama.cpp logs: errors, and in which buffers it put the weights. */
final class LlamaCppLog {
  private static final int ERROR = 4;
  private static final Pattern BUFFER =
      Pattern.compile("(\\S+) model buffer size = +([0-9.]+) MiB");

  private final Map<String, Double> buffers = new TreeMap<>();
  private String lastError = "";

  /** To be called as {@code ggml_log_callback}. */
  MethodHandle listener() {
    try {
      return MethodHandles.lookup()
          .bind(
              this,
              "log",
              MethodType.methodType(
                  void.class, int.class, MemorySegment.class, MemorySegment.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings({"unused", "UnusedMethod"}) // called from native code
  private void log(int level, MemorySegment text, MemorySegment user) {
    try {
      line(level, text.reinterpret(Long.MAX_VALUE).getString(0));
    } catch (RuntimeException e) {
      // What leaves an upcall ends the process; a line that cannot be read is none.
    }
  }

  synchronized void line(int level, String text) {
    Matcher matcher = BUFFER.matcher(text);
    if (matcher.find()) {
      buffers.merge(matcher.group(1), Double.parseDouble(matcher.group(2)), Double::sum);
    } else if (level == ERROR && !text.isBlank()) {
      lastError = text.strip();
    }
  }

  /** {@code ; CPU_Mapped 764 MiB, CPU_REPACK 446 MiB}. */
  synchronized String buffers() {
    StringBuilder text = new StringBuilder();
    buffers.forEach((name, size) ->
        text.append(text.isEmpty() ? "; " : ", ")
            .append(String.format(Locale.ROOT, "%s %.0f MiB", name, size)));
    return text.toString();
  }

  synchronized String lastError() {
    return lastError.isEmpty() ? "" : " (" + lastError + ")";
  }
}
