package io.moineau.engine;

import io.moineau.engine.sampling.SamplerChain;
import io.moineau.engine.speculation.Drafter;
import io.moineau.engine.speculation.Speculator;

/**
 * Drafts by the model's own layer for the token after next, one token for each sequence, made after
 * each step.
 *
 * <p>That layer keeps keys and values too: those of a token stand at its position and follow from
 * the token and from the state before it, so that they depend on nothing that comes later and a
 * block may be shared as ever. Where a sequence begins, or goes on from what was cached, the state
 * before is not known and counts as nothing; a draft may be worse for it, never the answer.
 */
final class OwnDrafts {
  private final ForwardPass model;
  private final Scheduler scheduler;
  private final Speculator speculator;
  private final DraftBatch batch;
  private final float[] logits;

  OwnDrafts(
      ForwardPass model,
      Scheduler scheduler,
      Speculator speculator,
      int maxTokens,
      float[] logits) {
    this.model = model;
    this.scheduler = scheduler;
    this.speculator = speculator;
    this.batch = new DraftBatch(maxTokens);
    this.logits = logits;
  }

  /** Drafts for the sequences of a step whose tokens were sampled. */
  void draft(StepBatch step) {
    long start = System.nanoTime();
    boolean few = scheduler.numRunning() <= Speculator.MOST_PER_STEP;
    batch.clear();
    batch.blockTables = step.blockTables;
    int row = 0; // of the step
    for (int i = 0; i < step.numSequences; i++) {
      Sequence sequence = step.scheduled[i];
      Drafter drafter = sequence.drafter;
      int first = step.positions[row];
      if (sequence.status == Sequence.Status.RUNNING && drafter != null && drafter.ownGoesOn()) {
        if (few) {
          add(sequence, i, row, first);
        } else {
          drafter.giveUpOwn();
        }
      }
      row += step.counts[i] + step.drafted[i];
    }
    run();
    speculator.ownDraftsTook(System.nanoTime() - start, step.onlyDecodes());
  }

  private void add(Sequence sequence, int table, int row, int first) {
    int last = Math.min(sequence.numComputed, sequence.tokens.size() - 1);
    last = Math.min(last, scheduler.roomFor(sequence) - 1);
    boolean wanted = last == sequence.tokens.size() - 1 && !sequence.drafter().isAtEnd();
    for (int position = sequence.numDraftKv; position <= last; position++) {
      if (batch.isFull()) {
        run();
      }
      int before = position - 1 < first ? -1 : row + position - 1 - first;
      batch.add(sequence, position, table, before, wanted && position == last);
    }
    sequence.numDraftKv = Math.max(sequence.numDraftKv, last + 1);
  }

  private void run() {
    if (batch.size == 0) {
      return;
    }
    model.draft(batch);
    int row = 0;
    for (int i = 0; i < batch.size; i++) {
      Sequence owner = batch.owners[i];
      if (batch.output[i] && owner != null) {
        model.copyLogits(row++, logits);
        owner.drafter().ownDraft(SamplerChain.argmax(logits));
      }
    }
    batch.clear();
  }
}
