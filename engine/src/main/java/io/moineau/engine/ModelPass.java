package io.moineau.engine;

import io.moineau.ExpertActivity;
import io.moineau.ExpertUsageListener;
import io.moineau.kernels.PagedKv;
import io.moineau.model.Batch;
import io.moineau.model.LanguageModel;
import io.moineau.model.ModelConfig;
import io.moineau.model.Workspace;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A language model with its keys, values and scratch memory, as the engine drives it. */
public final class ModelPass implements ForwardPass, AutoCloseable {
  private final LanguageModel model;
  private final PagedKv kv;
  private final Workspace workspace;
  private final Batch batch;
  private final int vocabularySize;
  private final boolean invariant;
  private @Nullable FloatMatrix logits;
  private final ExpertRecorder experts;

  /** Takes over what it is given, and closes it. */
  public ModelPass(LanguageModel model, PagedKv kv, Workspace workspace) {
    this(model, kv, workspace, false);
  }

  /**
   * The same.
   *
   * @param invariant whether each token gets the bits that it would get alone, in every step
   */
  public ModelPass(LanguageModel model, PagedKv kv, Workspace workspace, boolean invariant) {
    this.invariant = invariant;
    this.model = model;
    this.kv = kv;
    this.workspace = workspace;
    this.batch = new Batch(workspace.maxTokens());
    this.vocabularySize = model.config().vocabSize();
    Optional<ModelConfig.MoeConfig> moe = model.config().moe();
    this.experts =
        new ExpertRecorder(
            model.moeLayers(),
            moe.map(ModelConfig.MoeConfig::nRoutedExperts).orElse(0),
            moe.map(ModelConfig.MoeConfig::numExpertsPerTok).orElse(0));
  }

  /** Sets who is told which experts are chosen, or takes that away; from any thread. */
  public void onExperts(Optional<ExpertUsageListener> newListener) {
    experts.listener(newListener.orElse(null));
  }

  /** Which experts were chosen up to now, for any thread; empty for a model without experts. */
  public Optional<ExpertActivity> activity() {
    return experts.activity();
  }

  @Override
  public ExpertTally newTally() {
    return experts.newTally();
  }

  @Override
  public void addExperts(ExpertTally tally, int row) {
    experts.addTo(tally, row);
  }

  @Override
  public void drive(Runnable work) {
    model.kernels().runPinned(work);
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public int hiddenSize() {
    return model.config().hiddenSize();
  }

  @Override
  public void copyHidden(int index, float[] target) {
    workspace.copyFinalHidden(index, target);
  }

  @Override
  public long blockBytes() {
    return kv.blockBytes();
  }

  @Override
  public void readBlock(int block, MemorySegment target) {
    kv.readBlock(block, target);
  }

  @Override
  public void writeBlock(int block, MemorySegment source) {
    kv.writeBlock(block, source);
  }

  private void fill(BatchTokens step) {
    int n = step.size();
    batch.size = n;
    System.arraycopy(step.tokens(), 0, batch.tokens, 0, n);
    System.arraycopy(step.positions(), 0, batch.positions, 0, n);
    System.arraycopy(step.sequences(), 0, batch.sequences, 0, n);
    System.arraycopy(step.output(), 0, batch.output, 0, n);
    batch.blockTables = step.blockTables();
  }

  @Override
  public void forward(StepBatch step) {
    fill(step);
    System.arraycopy(step.hidden(), 0, batch.hidden, 0, batch.size);
    batch.alone = invariant || step.hasDrafts();
    if (step.wantsExperts()) {
      experts.begin(step.output(), step.numOutputs());
    } else {
      experts.begin();
    }
    logits = model.forward(batch, kv, workspace, experts, null);
  }

  @Override
  public long weightBytesRead() {
    return workspace.traffic().weightBytes();
  }

  @Override
  public long kvBytesRead() {
    return workspace.traffic().kvBytes();
  }

  @Override
  public boolean drafts() {
    return model.drafts();
  }

  @Override
  public void draft(DraftBatch step) {
    fill(step);
    Arrays.fill(batch.hidden, 0, batch.size, false);
    batch.alone = false;
    logits = model.draft(batch, step.before(), kv, workspace);
  }

  @Override
  public void copyLogits(int row, float[] target) {
    FloatMatrix from = logits;
    if (from == null) {
      throw new IllegalStateException("no forward yet");
    }
    MemorySegment.copy(
        from.data(), ValueLayout.JAVA_FLOAT, from.offset(row, 0), target, 0, vocabularySize);
  }

  @Override
  public void close() {
    workspace.close();
    kv.close();
  }
}
