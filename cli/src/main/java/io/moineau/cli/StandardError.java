package io.moineau.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;

/**
 * The process's real standard error.
 *
 * <p>java prints a warning about incubating modules before any code of ours runs, and no flag stops
 * it. The launcher therefore starts java with descriptor 2 led through a filter that drops that
 * line, and the real one kept as descriptor 3. What the JVM itself may still say goes through the
 * filter; what we say goes straight, so that it is there when the process ends and a progress bar
 * is not held up.
 */
final class StandardError {
  private StandardError() {}

  /** Descriptor 3 where the launcher says so, else 2. */
  static FileDescriptor descriptor() {
    if (!System.getProperty("moineau.stderr", "").equals("3")) {
      return FileDescriptor.err;
    }
    try {
      // A path such as /dev/fd/3 would open a file anew: truncated, or at another position.
      Constructor<FileDescriptor> maker = FileDescriptor.class.getDeclaredConstructor(int.class);
      maker.setAccessible(true);
      FileDescriptor descriptor = maker.newInstance(3);
      System.setErr(
          new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8));
      return descriptor;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return FileDescriptor.err; // the filter passes every other line on
    }
  }
}
