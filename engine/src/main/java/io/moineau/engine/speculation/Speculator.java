package io.moineau.engine.speculation;

import io.moineau.engine.sampling.TokenList;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Decides how many drafted tokens a step checks: as many as give most tokens per second, by what
 * steps of each size took lately and by how often the drafts of a sequence were right; none while
 * that is none. What it decides changes the speed and never a token.
 */
public final class Speculator {
  /** Most drafted tokens of one step, all sequences together. */
  public static final int MOST_PER_STEP = 16;

  private static final double LEAST_GAIN = 1.02;

  /** After so many steps without drafts, one is tried that would pay if steps were cheap. */
  private static final int STEPS_UNTIL_TRIED = 128;

  /** After so many steps with drafts, one without shows what they are measured against. */
  private static final int STEPS_UNTIL_PLAIN = 48;

  private static final double CHEAP_PER_TOKEN = 0.04;

  /** A model's own drafts are given so many tries. */
  private static final int FEWEST_JUDGED = 32;

  private static final double NEW_SHARE = 0.2;

  private final StepCosts plainCosts = new StepCosts();
  private final StepCosts draftCosts = new StepCosts(); // of steps whose tokens get bits as alone
  private final int always;
  private final boolean ngrams;
  private int steps; // since drafts were last begun or left off
  private boolean drafting;
  private boolean trying;
  private int planned; // drafted tokens in the step that is being put together
  private double expected; // tokens that the step will give
  private boolean open;
  private int sequences;
  private double ownNanos; // what the model's own drafts took lately; 0: not measured
  private final LongAdder numDrafted = new LongAdder();
  private final LongAdder numAccepted = new LongAdder();

  private Speculator(int always, boolean ngrams) {
    this.always = always;
    this.ngrams = ngrams;
  }

  /** Drafts while they pay, by n-grams if {@code ngrams} is set, and by the model if it can. */
  public static Speculator whilePaying(boolean ngrams) {
    return new Speculator(0, ngrams);
  }

  /** Drafts {@code n} tokens in every step, for tests. */
  public static Speculator always(int n, boolean ngrams) {
    return new Speculator(n, ngrams);
  }

  /** The drafts of a new sequence that ends at {@code mostTokens} at the latest. */
  public Drafter drafter(TokenList tokens, int mostTokens) {
    return new Drafter(tokens, mostTokens, ngrams);
  }

  /**
   * Begins a step.
   *
   * @param sequences that are decoding
   * @param onlyDecodes whether nothing else is computed, so that there is capacity to spare
   */
  public void begin(int sequences, boolean onlyDecodes) {
    this.sequences = sequences;
    planned = 0;
    expected = sequences;
    open = onlyDecodes && sequences > 0;
    if (!open || always > 0) {
      return;
    }
    trying = !drafting && steps >= STEPS_UNTIL_TRIED;
    if (drafting && steps >= STEPS_UNTIL_PLAIN) {
      open = false;
    }
  }

  /**
   * Plans a draft of a sequence that decodes.
   *
   * @param tokensOfStep tokens that the step has without it, those of sequences to come included
   * @param room tokens that the step can still take
   * @return how many drafted tokens to check, also in {@link Drafter#planned}
   */
  public int plan(@Nullable Drafter drafter, int tokensOfStep, int room) {
    if (drafter == null) {
      return 0;
    }
    if (always == 0 && drafter.ownGoesOn() && !ownPays(drafter)) {
      drafter.giveUpOwn();
    }
    int made = drafter.make();
    if (!open || made == 0) {
      return 0;
    }
    int most = Math.min(made, Math.min(room, MOST_PER_STEP - planned));
    int n = always > 0 ? Math.min(always, most) : best(drafter, tokensOfStep, most);
    if (n > 0) {
      drafter.plan(n);
      planned += n;
      expected += drafter.kept(n);
    }
    return n;
  }

  private int best(Drafter drafter, int tokens, int most) {
    double before = planned == 0 ? plainCosts.expected(tokens) : draftCosts.expected(tokens);
    if (before == 0) {
      return 0; // nothing was measured yet
    }
    double rate = expected / before * LEAST_GAIN;
    int best = 0;
    for (int n = 1; n <= most; n++) {
      double with = (expected + drafter.kept(n)) / cost(tokens, n);
      if (with > rate) {
        rate = with;
        best = n;
      }
    }
    return best;
  }

  private double cost(int tokens, int drafted) {
    return trying
        ? plainCosts.expected(tokens) * (1 + CHEAP_PER_TOKEN * drafted)
        : draftCosts.expected(tokens + drafted);
  }

  /**
   * Whether the model's own drafts would pay in every step, what they cost included: for a sequence
   * for which they do not, they end.
   */
  private boolean ownPays(Drafter drafter) {
    double plain = plainCosts.expected(sequences);
    double checked = draftCosts.expected(2 * sequences) + ownNanos;
    double gain = 1 + drafter.ownRight(FEWEST_JUDGED);
    return plain == 0 || ownNanos == 0 || gain * plain >= checked;
  }

  /** Notes what the model's own drafts after a step took. */
  public void ownDraftsTook(long nanos, boolean onlyDecodes) {
    if (onlyDecodes) {
      ownNanos = ownNanos == 0 ? nanos : ownNanos + NEW_SHARE * (nanos - ownNanos);
    }
  }

  /**
   * Notes what a step took.
   *
   * @param tokens in it
   * @param onlyDecodes whether it had only sequences that decode, and drafts
   */
  public void computed(int tokens, boolean onlyDecodes, long nanos) {
    if (!onlyDecodes) {
      return;
    }
    if (planned > 0) {
      draftCosts.measured(tokens, nanos);
    } else {
      plainCosts.measured(tokens, nanos);
      if (tokens == 1 || !draftCosts.knows(tokens)) {
        draftCosts.measured(tokens, nanos); // the same for one token, a first guess for several
      }
    }
    if (planned > 0 != drafting) {
      drafting = planned > 0;
      steps = 0;
    }
    steps++;
  }

  /** Counts the drafts of a sequence that ended. */
  public void ended(Drafter drafter) {
    numDrafted.add(drafter.numDrafted());
    numAccepted.add(drafter.numAccepted());
  }

  /** Tokens drafted and computed for sequences that ended; for any thread. */
  public long numDrafted() {
    return numDrafted.sum();
  }

  /** Those of them that were chosen; for any thread. */
  public long numAccepted() {
    return numAccepted.sum();
  }
}
