package io.moineau.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * <a href="https://github.com/mukel/llama3.java">llama3.java</a>, whose single source file the user
 * names. It has no mode for measuring, so each repetition is a run of its own, that includes the
 * JIT's warming up, and the speed is what it prints itself.
 */
final class Llama3JavaContestant implements Contestant {
  static final String NAME = "llama3.java";

  private static final Pattern SPEEDS =
      Pattern.compile("prompt: ([0-9.]+) tokens/s \\(\\d+\\) generation: ([0-9.]+) tokens/s");

  private static final int LEAST_VOCABULARY = 128_256;
  private static final int LONGEST_SECONDS = 600;
  private static final int POLL_MILLIS = 50;

  private final Optional<Path> source;
  private final Path classes;
  private final int threads;

  /**
   * The program.
   *
   * @param source Llama3.java; empty if the user named none
   * @param cache where compiled classes go
   */
  Llama3JavaContestant(Optional<Path> source, Path cache, int threads) {
    this.source = source;
    this.classes = cache.resolve("llama3.java");
    this.threads = threads;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> whyNot(ModelFile file) {
    if (!file.architecture().equals("llama")) {
      return Optional.of("cannot read the file: it runs llama, not " + file.architecture());
    }
    if (file.vocabularySize() < LEAST_VOCABULARY) {
      return Optional.of(
          "cannot read the file: it takes tokens from 128000 on for special ones, and the file has "
              + file.vocabularySize());
    }
    return source.isEmpty() ? Optional.of("not named: --llama3-java FILE") : Optional.empty();
  }

  @Override
  public Session start(ModelFile file, int context) {
    compile();
    return new Runs(file);
  }

  private void compile() {
    String from = source.orElseThrow().toAbsolutePath().toString();
    try {
      Files.createDirectories(classes);
      String javac = Path.of(System.getProperty("java.home"), "bin", "javac").toString();
      String release = Integer.toString(Runtime.version().feature());
      int code =
          Commands.run(
              classes,
              List.of(
                  javac,
                  "-nowarn",
                  "--enable-preview",
                  "--release",
                  release,
                  "--add-modules",
                  "jdk.incubator.vector",
                  "-d",
                  classes.toString(),
                  from));
      if (code != 0) {
        throw failed("javac " + from + " ended with " + code);
      }
    } catch (IOException e) {
      throw failed(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("interrupted");
    }
  }

  private static PeerException failed(String where) {
    return new PeerException(
        "peer-failed",
        "a program that is compared failed",
        NAME + ": " + where,
        "the file Llama3.java of github.com/mukel/llama3.java, for JDK 25",
        "see what it wrote, or leave it out with --peers");
  }

  /**
   * The speed in what it printed.
   *
   * @param prompt of the prompt, or else of the generation
   */
  static Optional<Double> speed(String output, boolean prompt) {
    Matcher matcher = SPEEDS.matcher(output);
    return matcher.find()
        ? Optional.of(Double.parseDouble(matcher.group(prompt ? 1 : 2)))
        : Optional.empty();
  }

  private static String firstError(String printed) {
    return printed
        .lines()
        .filter(line -> line.contains("Exception") || line.contains("Error"))
        .findFirst()
        .orElse("printed no speeds");
  }

  private final class Runs implements Session {
    private final ModelFile file;
    private ProcessFigures last = new ProcessFigures(0, 0, 0, 0);

    Runs(ModelFile file) {
      this.file = file;
    }

    @Override
    public boolean can(Work work) {
      return work.kind() != Work.Kind.STREAMS;
    }

    @Override
    public boolean warmsUp() {
      return false;
    }

    @Override
    public Map<String, String> facts() {
      return Map.of("setting", "each repetition a run of its own, warming up included");
    }

    @Override
    public Optional<ProcessFigures> figures() {
      return last.residentBytes() == 0 ? Optional.empty() : Optional.of(last);
    }

    @Override
    public Repetition measure(Work work) {
      boolean prompt = work.kind() == Work.Kind.PROMPT;
      // Each digit and each space is a token, in Llama 3's vocabulary as in made ones.
      int digits = prompt ? Math.max(1, work.size() / 2) : 1;
      String text = "1 ".repeat(digits);
      int tokens = prompt ? work.size() + 64 : work.size() + 32;
      List<String> command =
          new ArrayList<>(
              List.of(
                  Commands.java(),
                  "--enable-preview",
                  "--add-modules",
                  "jdk.incubator.vector",
                  "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
                  "-Djava.util.concurrent.ForkJoinPool.common.parallelism=" + (threads - 1),
                  "-cp",
                  classes.toString(),
                  "com.llama4j.Llama3",
                  "--model",
                  file.path().toString(),
                  "--instruct",
                  "--prompt",
                  text,
                  "-n",
                  Integer.toString(tokens),
                  "--temperature",
                  "0"));
      try {
        Path output = Files.createTempFile("llama3java", ".txt");
        try {
          CpuMeter meter = CpuMeter.ofChildren();
          String printed = run(command, output);
          return new Repetition(
              speed(printed, prompt).orElseThrow(() -> failed(firstError(printed))),
              meter.others());
        } finally {
          Files.deleteIfExists(output);
        }
      } catch (IOException e) {
        throw failed(e.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw failed("interrupted");
      }
    }

    private String run(List<String> command, Path output) throws IOException, InterruptedException {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
      try {
        while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
          ProcessFigures now = ProcessFigures.of(process.pid());
          if (now.peakBytes() > 0) {
            last = now;
          }
          if (System.nanoTime() > end) {
            throw failed("took more than " + LONGEST_SECONDS + " s");
          }
        }
      } finally {
        process.destroyForcibly();
      }
      return Files.readString(output, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
      // No process stays.
    }
  }
}
