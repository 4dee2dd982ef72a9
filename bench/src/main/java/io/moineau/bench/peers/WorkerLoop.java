package io.moineau.bench.peers;

import io.moineau.error.MoineauException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a child process does: it loads a model, says so, and then measures what its parent names,
 * line by line. Answers begin with {@link #MARK}, so that what a library prints disturbs nobody.
 */
final class WorkerLoop {
  static final String MARK = "@moineau-bench ";

  /** Tokens of the prompt after which the first token is there. */
  static final int FIRST_PROMPT = 32;

  /** A model that is loaded and measured. */
  interface Loaded extends AutoCloseable {
    /** Nanoseconds of a work. */
    long nanos(Work work);

    /** What the parent should know: load_ns, first_ns, setting and the like. */
    Map<String, String> facts();

    @Override
    void close();
  }

  /** Loads the model. */
  @FunctionalInterface
  interface Loader {
    Loaded load();
  }

  private WorkerLoop() {}

  /** Serves the parent until it closes the pipe; gives the exit code. */
  static int run(Loader loader) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Loaded loaded = loader.load()) {
      StringBuilder ready = new StringBuilder("ready");
      new TreeMap<>(loaded.facts())
          .forEach((key, value) -> ready.append('\t').append(key).append('=').append(value));
      out.println(MARK + ready);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        long nanos = loaded.nanos(Work.fromName(line).orElseThrow());
        out.println(MARK + "ns\t" + nanos);
      }
      return 0;
    } catch (MoineauException | IOException | OutOfMemoryError e) {
      out.println(MARK + "error\t" + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
      return 1;
    }
  }
}
