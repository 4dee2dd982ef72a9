package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.FinishReason;
import io.moineau.GenerationRequest;
import io.moineau.Sampling;
import io.moineau.engine.sampling.SeededRandom;
import io.moineau.engine.sampling.SequenceBreakers;
import io.moineau.engine.speculation.Speculator;
import io.moineau.text.TokenConstraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Drafts change the number of steps and nothing else. */
@Timeout(60)
class SpeculationTest {
  private static final int VOCAB = 40;
  private static final int END = 39;
  private static final int BLOCK = 4;

  /**
   * Likes to repeat: the token that came after the last one before is made likely, by what is read
   * back from memory, so that drafts are often right and sometimes wrong.
   */
  private static final class RepeatingPass implements ForwardPass {
    private final int[] memory;
    private final double liking;
    private float[][] rows = new float[0][];
    private final boolean ownLayer;
    private final int[] ownMemory;
    private int[] states = new int[0]; // of the last forward: the token of each row
    private int[] statePositions = new int[0];
    private int[] stateSequences = new int[0];
    int numForwards;
    int numTokens;
    int mostOutputs;
    int numOwnDrafts;

    RepeatingPass(int numBlocks, double liking) {
      this(numBlocks, liking, false);
    }

    RepeatingPass(int numBlocks, double liking, boolean ownLayer) {
      this.ownLayer = ownLayer;
      ownMemory = new int[numBlocks * BLOCK];
      memory = new int[numBlocks * BLOCK];
      this.liking = liking;
    }

    @Override
    public int vocabularySize() {
      return VOCAB;
    }

    @Override
    public void forward(StepBatch batch) {
      numForwards++;
      numTokens += batch.size();
      for (int i = 0; i < batch.size(); i++) {
        memory[slot(batch, i, batch.positions()[i])] = batch.tokens()[i];
      }
      states = java.util.Arrays.copyOf(batch.tokens(), batch.size());
      statePositions = java.util.Arrays.copyOf(batch.positions(), batch.size());
      stateSequences = java.util.Arrays.copyOf(batch.sequences(), batch.size());
      rows = new float[batch.numOutputs()][];
      mostOutputs = Math.max(mostOutputs, rows.length);
      int row = 0;
      for (int i = 0; i < batch.size(); i++) {
        if (batch.output()[i]) {
          rows[row++] = logits(batch, i);
        }
      }
    }

    @Override
    public boolean drafts() {
      return ownLayer;
    }

    /**
     * Guesses what {@link #logits} likes, from tokens that it stored itself, and checks that each
     * stands right after the state that it is said to follow.
     */
    @Override
    public void draft(DraftBatch batch) {
      List<float[]> made = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        int position = batch.positions()[i];
        int[] table = batch.blockTables()[batch.sequences()[i]];
        int before = batch.before()[i];
        if (before >= 0) {
          assertThat(statePositions[before]).isEqualTo(position - 1);
          assertThat(stateSequences[before]).isEqualTo(batch.sequences()[i]);
          assertThat(states[before])
              .isEqualTo(memory[table[(position - 1) / BLOCK] * BLOCK + (position - 1) % BLOCK]);
        }
        ownMemory[table[position / BLOCK] * BLOCK + position % BLOCK] = batch.tokens()[i];
        if (batch.output()[i]) {
          numOwnDrafts++;
          float[] logits = new float[VOCAB];
          for (int at = 0; at < position; at++) {
            if (ownMemory[table[at / BLOCK] * BLOCK + at % BLOCK] == batch.tokens()[i]) {
              java.util.Arrays.fill(logits, 0);
              logits[ownMemory[table[(at + 1) / BLOCK] * BLOCK + (at + 1) % BLOCK]] = 1;
            }
          }
          made.add(logits);
        }
      }
      rows = made.toArray(float[][]::new);
    }

    private float[] logits(StepBatch batch, int i) {
      int end = batch.positions()[i];
      int last = memory[slot(batch, i, end)];
      long hash = 1;
      int liked = -1;
      for (int position = 0; position <= end; position++) {
        int token = memory[slot(batch, i, position)];
        hash = SeededRandom.mix(hash * 31 + token + 1);
        if (position < end && token == last) {
          liked = memory[slot(batch, i, position + 1)];
        }
      }
      SeededRandom random = new SeededRandom(hash);
      float[] logits = new float[VOCAB];
      for (int t = 0; t < VOCAB; t++) {
        logits[t] = (float) (random.nextDouble() * 4);
      }
      if (liked >= 0) {
        logits[liked] += (float) liking;
      }
      return logits;
    }

    private static int slot(StepBatch batch, int token, int position) {
      int[] table = batch.blockTables()[batch.sequences()[token]];
      return table[position / BLOCK] * BLOCK + position % BLOCK;
    }

    @Override
    public void copyLogits(int row, float[] target) {
      System.arraycopy(rows[row], 0, target, 0, target.length);
    }
  }

  /** Allows tokens of one parity after each token, and the end after some. */
  private static final class ParityConstraint implements TokenConstraint {
    private int last;
    private int count;

    ParityConstraint(int last, int count) {
      this.last = last;
      this.count = count;
    }

    private boolean allows(int token) {
      return token == END ? canEnd() : (token / 3 + last) % 2 == 0;
    }

    @Override
    public void allowed(long[] mask) {
      mask[0] = 0;
      for (int t = 0; t < VOCAB; t++) {
        mask[0] |= allows(t) ? 1L << t : 0;
      }
    }

    @Override
    public void accept(int token) {
      if (!allows(token)) {
        throw new IllegalStateException("token " + token + " after " + last);
      }
      last = token;
      count++;
    }

    @Override
    public boolean canEnd() {
      return count > 20 && last % 5 == 0;
    }

    @Override
    public TokenConstraint copy() {
      return new ParityConstraint(last, count);
    }
  }

  private record Outcome(
      List<Integer> tokens, List<Float> logprobs, FinishReason reason, int stoppedAt) {}

  /** Takes what comes, and says at a pair of tokens that the answer is complete. */
  private static final class StoppingSink implements TokenSink {
    final CollectingSink inner = new CollectingSink();
    final int stopAfter;

    StoppingSink(int stopAfter) {
      this.stopAfter = stopAfter;
    }

    @Override
    public boolean token(int token, boolean ends, TokenRanking logprobs) {
      assertThat(inner.reason).as("no token after the end").isNull();
      inner.token(token, ends, logprobs);
      return inner.tokens.size() > 10 && token == stopAfter;
    }

    @Override
    public void finished(FinishReason reason) {
      inner.finished(reason);
    }

    @Override
    public void failed(RuntimeException error) {
      inner.failed(error);
    }
  }

  private record Setting(String name, Sampling sampling, boolean constrained, int stopAfter) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Setting> settings() {
    Sampling base = Sampling.defaults().withMaxTokens(60).withIgnoreEos(true);
    return Stream.of(
        new Setting("greedy", Sampling.greedy().withMaxTokens(60), false, -1),
        new Setting("seeded", base, false, -1),
        new Setting("ends", base.withIgnoreEos(false).withTemperature(1.3), false, -1),
        new Setting("stop string", base.withTemperature(0.5), false, 7),
        new Setting("stop token", base.withStopTokens(List.of(3, 11)), false, -1),
        new Setting("logprobs", base.withLogprobs(4), false, -1),
        new Setting(
            "penalties",
            base.withRepeatPenalty(1.2).withFrequencyPenalty(0.3).withPresencePenalty(0.1),
            false,
            -1),
        new Setting(
            "dry and xtc",
            base.withDry(Sampling.Dry.of(0.6)).withXtc(new Sampling.Xtc(0.4, 0.1)),
            false,
            -1),
        new Setting("mirostat 1", base.withMirostat(new Sampling.Mirostat(1, 2, 0.2)), false, -1),
        new Setting("mirostat 2", base.withMirostat(new Sampling.Mirostat(2, 2, 0.2)), false, -1),
        new Setting("typical", base.withTypicalP(0.8).withTemperature(0.7), false, -1),
        new Setting("constrained", base.withIgnoreEos(false), true, -1),
        new Setting("constrained greedy", Sampling.greedy().withMaxTokens(60), true, -1));
  }

  private static List<Outcome> run(
      Engine engine, List<int[]> prompts, Setting setting, boolean together) {
    List<StoppingSink> sinks = new ArrayList<>();
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      StoppingSink sink = new StoppingSink(setting.stopAfter());
      sinks.add(sink);
      GenerationRequest request = GenerationRequest.of(prompts.get(i), setting.sampling());
      if (setting.constrained()) {
        request = request.withConstraint(new ParityConstraint(i, 0));
      }
      engine.submit(request, 100 + i, SequenceBreakers.none(), sink);
      if (!together) {
        drain(engine);
      }
    }
    drain(engine);
    for (StoppingSink sink : sinks) {
      assertThat(sink.inner.error).isNull();
      assertThat(sink.inner.endings).isEqualTo(1);
      List<Float> logprobs =
          sink.inner.rankings.stream()
              .filter(r -> r != TokenRanking.NONE)
              .map(TokenRanking::logprob)
              .toList();
      outcomes.add(
          new Outcome(sink.inner.tokens, logprobs, sink.inner.reason, sink.inner.tokens.size()));
    }
    assertThat(engine.blocks().usesInAll()).isZero();
    assertThat(engine.blocks().numFree()).isEqualTo(engine.blocks().numBlocks());
    return outcomes;
  }

  private static void drain(Engine engine) {
    int steps = 0;
    while (engine.step()) {
      assertThat(++steps).as("steps").isLessThan(20_000);
    }
  }

  private static Engine engine(RepeatingPass pass, EngineLimits limits, int drafts) {
    return new Engine(
        pass,
        limits,
        new int[] {END},
        drafts == 0 ? null : Speculator.always(drafts, !pass.ownLayer));
  }

  private static List<int[]> prompts(long seed) {
    Random random = new Random(seed);
    List<int[]> prompts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      prompts.add(random.ints(3 + random.nextInt(30), 0, 12).toArray());
    }
    prompts.add(prompts.getFirst()); // the same again: its blocks are shared
    return prompts;
  }

  @ParameterizedTest
  @MethodSource("settings")
  void step_drafts_giveTheSameAsWithout(Setting setting) {
    long seed = 20_261_121;
    int accepted = 0;
    for (double liking : new double[] {2, 6}) {
      List<int[]> prompts = prompts(seed);
      EngineLimits roomy = new EngineLimits(96, BLOCK, 200, 64, 6);
      RepeatingPass plainPass = new RepeatingPass(200, liking);
      List<Outcome> plain = run(engine(plainPass, roomy, 0), prompts, setting, false);
      for (int drafts : new int[] {1, 4, 15}) {
        for (boolean together : new boolean[] {false, true}) {
          RepeatingPass pass = new RepeatingPass(200, liking);
          Engine engine = engine(pass, roomy, drafts);
          assertThat(run(engine, prompts, setting, together))
              .as("drafts %d together %s liking %s", drafts, together, liking)
              .isEqualTo(plain);
          accepted += engine.numAccepted();
          if (!together) {
            assertThat(plainPass.numForwards - pass.numForwards)
                .as("each kept draft saves a step, but one that ends an answer")
                .isBetween((int) engine.numAccepted() - prompts.size(), (int) engine.numAccepted());
          }
          assertThat(pass.mostOutputs).isLessThanOrEqualTo(6 + Speculator.MOST_PER_STEP);
        }
      }
      for (boolean together : new boolean[] {false, true}) {
        RepeatingPass pass = new RepeatingPass(200, liking, true);
        Engine engine = engine(pass, roomy, 1);
        assertThat(run(engine, prompts, setting, together))
            .as("own drafts together %s liking %s", together, liking)
            .isEqualTo(plain);
        accepted += engine.numAccepted();
        assertThat(pass.numOwnDrafts).isPositive();
        RepeatingPass tightPass = new RepeatingPass(40, liking, true);
        EngineLimits tight = new EngineLimits(96, BLOCK, 40, 9, 4);
        assertThat(run(engine(tightPass, tight, 1), prompts, setting, together)).isEqualTo(plain);
      }
      // Few blocks, few tokens per step: drafts get what is left over, and sequences are preempted.
      RepeatingPass pass = new RepeatingPass(40, liking);
      EngineLimits tight = new EngineLimits(96, BLOCK, 40, 9, 4);
      assertThat(run(engine(pass, tight, 6), prompts, setting, true)).isEqualTo(plain);
    }
    assertThat(accepted).as("drafts that were right").isPositive();
  }

  @Test
  void step_nextTurnAfterDrafts_findsWhatWasKeptAndNothingElse() {
    Random random = new Random(3);
    Setting greedy =
        new Setting("greedy", Sampling.greedy().withMaxTokens(30).withIgnoreEos(true), false, -1);
    EngineLimits limits = new EngineLimits(512, BLOCK, 160, 64, 1);
    Engine drafting = engine(new RepeatingPass(160, 5), limits, 7);
    for (int round = 0; round < 40; round++) {
      int[] prompt = random.ints(5 + random.nextInt(20), 0, 10).toArray();
      for (int turn = 0; turn < 4; turn++) {
        Engine fresh = engine(new RepeatingPass(160, 5), limits, 0);
        List<int[]> one = List.of(prompt);
        Outcome expected = run(fresh, one, greedy, false).getFirst();
        assertThat(run(drafting, one, greedy, false).getFirst())
            .as("round %d turn %d", round, turn)
            .isEqualTo(expected);
        int[] more = random.ints(3, 0, 10).toArray();
        int[] answer = expected.tokens().stream().mapToInt(Integer::intValue).toArray();
        int[] next = java.util.Arrays.copyOf(prompt, prompt.length + answer.length + more.length);
        System.arraycopy(answer, 0, next, prompt.length, answer.length);
        System.arraycopy(more, 0, next, prompt.length + answer.length, more.length);
        prompt = next;
      }
    }
    assertThat(drafting.numAccepted()).isPositive();
    assertThat(drafting.numDrafted()).isGreaterThan(drafting.numAccepted());
  }

  @Test
  void step_contextEndsInsideADraft_finishesWithLength() {
    EngineLimits limits = new EngineLimits(32, BLOCK, 8, 64, 1);
    Setting greedy =
        new Setting("greedy", Sampling.greedy().withMaxTokens(-1).withIgnoreEos(true), false, -1);
    List<int[]> prompt = List.of(new int[] {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2});
    List<Outcome> plain = run(engine(new RepeatingPass(8, 50), limits, 0), prompt, greedy, false);
    Engine engine = engine(new RepeatingPass(8, 50), limits, 15);
    assertThat(run(engine, prompt, greedy, false)).isEqualTo(plain);
    assertThat(plain.getFirst().tokens()).hasSize(21);
    assertThat(engine.numAccepted()).isGreaterThan(15);
  }

  @Test
  void cancel_whileDrafting_freesAllBlocks() {
    EngineLimits limits = new EngineLimits(256, BLOCK, 64, 64, 1);
    Engine engine = engine(new RepeatingPass(64, 50), limits, 15);
    CollectingSink sink = new CollectingSink();
    Sequence sequence =
        engine.submit(
            GenerationRequest.of(new int[] {1, 2, 1, 2, 1}, Sampling.greedy().withIgnoreEos(true)),
            1,
            SequenceBreakers.none(),
            sink);
    for (int i = 0; i < 4; i++) {
      engine.step();
    }
    assertThat(sequence.acceptedTokens()).isPositive();
    sequence.cancel();
    engine.step();
    assertThat(engine.blocks().numFree()).isEqualTo(64);
    assertThat(sink.reason).isEqualTo(FinishReason.CANCELLED);
  }
}
