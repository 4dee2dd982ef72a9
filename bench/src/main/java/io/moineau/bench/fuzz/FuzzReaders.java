package io.moineau.bench.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * Fuzzes every reader: {@code ./fuzz [COUNT [SEED [SECONDS [FROM]]]]}.
 *
 * <p>Coverage-guided fuzzing would find more per mutant but brings an agent and a native library;
 * mutation at the fields of known layouts needs neither and runs in a minute of a build.
 */
public final class FuzzReaders {
  private FuzzReaders() {}

  /** Exits with 0 if every mutant was read or refused by name, 1 if not, 2 for bad arguments. */
  public static void main(String[] args) throws InterruptedException {
    long[] numbers = {100_000, 1, 1_200, 0};
    try {
      for (int i = 0; i < args.length; i++) {
        numbers[i] = Long.parseLong(args[i]);
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      System.err.println("fuzz: ./fuzz [COUNT [SEED [SECONDS [FROM]]]], all whole numbers");
      System.exit(2);
      return;
    }
    long to = numbers[3] + numbers[0];
    FuzzRun run = new FuzzRun(targets(), numbers[1], System.out);
    FuzzRun.Outcome outcome = run.run(numbers[3], to, numbers[2]);
    if (outcome.next() < to && outcome.failed() == 0) {
      System.out.println(
          "fuzz: time is over; continue with ./fuzz "
              + (to - outcome.next())
              + " "
              + numbers[1]
              + " "
              + numbers[2]
              + " "
              + outcome.next());
    }
    System.out.println(
        outcome.refused()
            + " mutants were refused, by "
            + outcome.codes().size()
            + " errors: "
            + outcome.codes());
    System.out.println("fuzz: " + outcome.passed() + " passed, " + outcome.failed() + " failed");
    System.exit(outcome.failed() == 0 ? 0 : 1);
  }

  static List<FuzzTarget> targets() {
    List<FuzzTarget> targets = new ArrayList<>();
    targets.add(new GgufTarget());
    targets.add(TokenizerSamples.gguf());
    targets.add(TokenizerSamples.json());
    targets.add(TokenizerSamples.sentencePiece());
    targets.add(new ModelTarget());
    targets.add(new TemplateTarget());
    targets.add(new JsonTarget());
    targets.add(new SafetensorsTarget());
    return targets;
  }
}
