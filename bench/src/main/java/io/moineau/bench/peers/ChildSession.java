package io.moineau.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A child process that runs {@link WorkerLoop}, seen from its parent. */
final class ChildSession implements Contestant.Session {
  private static final int PATIENCE_SECONDS = 10;

  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final PrintStream requests;
  private final Map<String, String> facts = new HashMap<>();

  /**
   * Starts the process and waits until its model is loaded.
   *
   * @param environment variables that it has besides this process's own
   * @throws PeerException {@code peer-failed} if it ends before
   */
  ChildSession(String name, List<String> command, Map<String, String> environment) {
    this.name = name;
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    try {
      this.process = builder.start();
    } catch (IOException e) {
      throw failed(e.toString());
    }
    Thread.ofVirtual().start(this::forwardErrors);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.requests = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    try {
      String[] ready = answer("ready");
      for (int i = 1; i < ready.length; i++) {
        int at = ready[i].indexOf('=');
        facts.put(ready[i].substring(0, at), ready[i].substring(at + 1));
      }
    } catch (PeerException e) {
      close();
      throw e;
    }
  }

  /** Passes on what it writes to standard error, but for java's word on every incubating module. */
  private void forwardErrors() {
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("WARNING: Using incubator modules")) {
          System.err.println(line);
        }
      }
    } catch (IOException e) {
      // The process has ended.
    }
  }

  private PeerException failed(String where) {
    return new PeerException(
        "peer-failed",
        "a program that is compared failed",
        name + ": " + where,
        "",
        "see what it wrote above; leave it out with --peers");
  }

  /** The fields of the next answer, which must be of this kind. */
  private String[] answer(String kind) {
    try {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        if (line.startsWith(WorkerLoop.MARK)) {
          String[] fields = line.substring(WorkerLoop.MARK.length()).split("\t");
          if (fields[0].equals(kind)) {
            return fields;
          }
          throw failed(fields.length > 1 ? fields[1] : line);
        }
      }
      throw failed("ended with exit code " + process.waitFor());
    } catch (IOException e) {
      throw failed(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("interrupted");
    }
  }

  @Override
  public boolean can(Work work) {
    return true;
  }

  @Override
  public boolean warmsUp() {
    return true;
  }

  @Override
  public Contestant.Repetition measure(Work work) {
    CpuMeter meter = CpuMeter.ofProcess(process.pid());
    requests.println(work.name());
    long nanos = Long.parseLong(answer("ns")[1]);
    return new Contestant.Repetition(work.tokens() * 1e9 / Math.max(1, nanos), meter.others());
  }

  @Override
  public Map<String, String> facts() {
    return facts;
  }

  @Override
  public Optional<ProcessFigures> figures() {
    ProcessFigures figures = ProcessFigures.of(process.pid());
    return figures.residentBytes() == 0 ? Optional.empty() : Optional.of(figures);
  }

  @Override
  public void close() {
    requests.close();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      answers.close();
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
