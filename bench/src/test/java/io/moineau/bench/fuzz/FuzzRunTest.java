package io.moineau.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.text.TextException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FuzzRunTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @Test
  void run_allReaders_giveResultsOrNamedErrors() throws InterruptedException {
    FuzzRun.Outcome outcome = run(FuzzReaders.targets(), 3_000);
    assertThat(outcome.failed()).as(printed.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(outcome.passed()).isEqualTo(3_000);
    // Mutants that are all refused, or all read, would show nothing.
    assertThat(outcome.refused()).isBetween(500L, 2_800L);
    assertThat(outcome.codes()).hasSizeGreaterThan(12);
  }

  @Test
  void run_soundSamples_areReadWithoutError() {
    for (FuzzTarget target : FuzzReaders.targets()) {
      for (FuzzTarget.Sample sample : target.samples()) {
        target.read(sample.bytes());
      }
    }
  }

  /** Each of 50 mutants, and the sound sample before them. */
  @Test
  void run_readerWithFaults_countsEach() throws InterruptedException {
    assertThat(
            failures(input -> {
              throw new IndexOutOfBoundsException("x");
            }))
        .isEqualTo(51);
    assertThat(
            failures(input -> {
              throw new StackOverflowError();
            }))
        .isEqualTo(51);
    assertThat(
            failures(input -> {
              throw new TextException("some-code", "what", "", "", "");
            }))
        .isEqualTo(1);
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("IndexOutOfBounds", "mutant 3");
  }

  @Test
  void run_readerThatAllocatesTooMuch_isCaught() throws InterruptedException {
    byte[][] held = new byte[1][];
    assertThat(failures(input -> held[0] = new byte[64 << 20])).isEqualTo(50);
    assertThat(held[0]).hasSize(64 << 20);
  }

  @Test
  void mutant_ofANumber_isTheSameAgain() {
    FuzzRun run = new FuzzRun(List.of(new GgufTarget()), 5, System.out);
    Set<Integer> different = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      assertThat(run.mutant(i)).isEqualTo(run.mutant(i));
      different.add(java.util.Arrays.hashCode(run.mutant(i)));
    }
    assertThat(different).hasSizeGreaterThan(90);
  }

  private long failures(Consumer<byte[]> reader) throws InterruptedException {
    FuzzTarget target =
        new FuzzTarget() {
          @Override
          public String name() {
            return "faulty";
          }

          @Override
          public List<Sample> samples() {
            return List.of(new Sample(new byte[100], List.of()));
          }

          @Override
          public void read(byte[] input) {
            reader.accept(input);
          }
        };
    return run(List.of(target), 50).failed();
  }

  private FuzzRun.Outcome run(List<FuzzTarget> targets, long count) throws InterruptedException {
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return new FuzzRun(targets, 1, out).run(0, count, 300);
  }
}
