package io.moineau.engine;

import io.moineau.EngineStats;
import io.moineau.FinishReason;
import io.moineau.GenerationRequest;
import io.moineau.Pooling;
import io.moineau.PrefixCacheOptions;
import io.moineau.Sampling;
import io.moineau.ServingOptions;
import io.moineau.Speculation;
import io.moineau.engine.prefix.PrefixStore;
import io.moineau.engine.sampling.SamplerChain;
import io.moineau.engine.sampling.SequenceBreakers;
import io.moineau.engine.sampling.TokenList;
import io.moineau.engine.speculation.Drafter;
import io.moineau.engine.speculation.Speculator;
import java.security.SecureRandom;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs many sequences on one model, step by step: schedule, compute, sample.
 *
 * <p>One thread computes: either the engine's own, after {@link #start()}, or the caller's, who
 * then calls {@link #step()} until it says that nothing is left. {@link #submit} and {@link
 * Sequence#cancel()} are for any thread. In a step without logprobs and without a finished block,
 * nothing is allocated.
 */
public final class Engine implements AutoCloseable {

  private final ForwardPass model;
  private final EngineLimits limits;
  private final int[] ends;
  private final BlockManager blocks;
  private final Scheduler scheduler;
  private final StepPacer pacer;
  private final @Nullable StoredBlocks stored;
  private final AdmissionGate gate;
  private final EngineCounters counters = new EngineCounters();
  private final AtomicLong nextNumber = new AtomicLong();
  private final ServingOptions serving;
  private final StepBatch batch;
  private final @Nullable Speculator speculator;
  private final @Nullable OwnDrafts ownDrafts;
  private final TokenChooser chooser;
  private final Queue<Sequence> submitted = new ConcurrentLinkedQueue<>();
  private final ModelJobs jobs = new ModelJobs();
  private @Nullable Thread thread;
  private volatile boolean closing;
  private volatile @Nullable RuntimeException broken; // what ended the thread against its will

  /**
   * An engine that runs nothing yet and drafts nothing.
   *
   * @param ends tokens that end a turn
   */
  public Engine(ForwardPass model, EngineLimits limits, int[] ends) {
    this(model, limits, ends, ServingOptions.defaults());
  }

  /** The same with drafts. */
  public Engine(ForwardPass model, EngineLimits limits, int[] ends, Speculation speculation) {
    this(model, limits, ends, speculation, ServingOptions.defaults(), null);
  }

  /** The same with other manners under load, and no drafts. */
  public Engine(ForwardPass model, EngineLimits limits, int[] ends, ServingOptions serving) {
    this(model, limits, ends, Speculation.NONE, serving, null);
  }

  /**
   * The same with all that there is.
   *
   * @param store keeps blocks in files; closed with the engine
   */
  public Engine(
      ForwardPass model,
      EngineLimits limits,
      int[] ends,
      Speculation speculation,
      ServingOptions serving,
      @Nullable PrefixStore store) {
    this(
        model,
        limits,
        ends,
        speculation == Speculation.NONE
            ? null
            : Speculator.whilePaying(speculation != Speculation.MTP),
        serving,
        store);
  }

  Engine(ForwardPass model, EngineLimits limits, int[] ends, @Nullable Speculator speculator) {
    this(model, limits, ends, speculator, ServingOptions.defaults(), null);
  }

  Engine(
      ForwardPass model,
      EngineLimits limits,
      int[] ends,
      @Nullable Speculator speculator,
      ServingOptions serving,
      @Nullable PrefixStore store) {
    this.model = model;
    this.limits = limits;
    this.ends = ends.clone();
    this.speculator = speculator;
    this.serving = serving;
    long root = store == null ? new SecureRandom().nextLong() : store.rootHash();
    this.blocks = new BlockManager(limits.numBlocks(), limits.blockTokens(), mostCached(), root);
    this.stored = store == null ? null : new StoredBlocks(blocks, model, store);
    if (store != null) {
      store.onReady(this::wake);
    }
    this.pacer = new StepPacer(limits.chunkTokens(), serving.stepStretch());
    this.scheduler =
        new Scheduler(
            blocks, limits.maxSequences(), limits.chunkTokens(), speculator, pacer, stored);
    this.gate = new AdmissionGate(limits.maxSequences(), serving.maxWaiting());
    this.batch = new StepBatch(limits.chunkTokens(), limits.maxSequences());
    this.chooser = new TokenChooser(model, this.ends);
    if (speculator != null && model.drafts()) {
      scheduler.lookAhead();
      ownDrafts =
          new OwnDrafts(model, scheduler, speculator, limits.chunkTokens(), chooser.logits());
    } else {
      ownDrafts = null;
    }
  }

  private int mostCached() {
    long bytes = serving.prefixCache().bytes();
    return bytes == PrefixCacheOptions.ALL_FREE_BLOCKS
        ? limits.numBlocks()
        : (int) Math.min(limits.numBlocks(), bytes / Math.max(1, model.blockBytes()));
  }

  /** What it does and has done; for any thread, at any time. */
  public EngineStats stats() {
    return counters.stats(scheduler.shares(), blocks, numDrafted(), numAccepted());
  }

  /** How large it is. */
  public EngineLimits limits() {
    return limits;
  }

  /** Starts the engine's own thread. */
  public synchronized void start() {
    if (thread == null) {
      thread =
          Thread.ofPlatform()
              .name("moineau-engine")
              .daemon(true)
              .unstarted(() -> model.drive(this::loop));
      thread.start();
    }
  }

  /**
   * Puts a request into the queue.
   *
   * @param seed of the random choices
   * @param breakers for DRY; {@link SequenceBreakers#none()} where it is off
   * @throws EngineException {@code prompt-empty}, {@code prompt-unknown-token}, {@code
   *     prompt-too-long}, {@code model-closed}, and those of {@link SamplerChain}
   * @throws EngineBusyException if as many requests wait as may
   */
  public Sequence submit(
      GenerationRequest request, long seed, SequenceBreakers breakers, TokenSink sink) {
    int[] prompt = request.prompt();
    Sampling sampling = request.sampling();
    checkPrompt(prompt, sampling);
    TokenList tokens = new TokenList(prompt);
    SamplerChain chain =
        new SamplerChain(sampling, seed, model.vocabularySize(), tokens, breakers, ends);
    Sequence sequence =
        new Sequence(
            tokens,
            sampling.maxTokens() < 0 ? Integer.MAX_VALUE : sampling.maxTokens(),
            sampling.logprobs(),
            chain,
            request.constraint().orElse(null),
            request.share(),
            request.allowance(),
            stopTokens(sampling),
            sink,
            nextNumber.getAndIncrement(),
            Math.ceilDiv(limits.contextLength(), limits.blockTokens()));
    if (speculator != null && sampling.maxTokens() != 0) {
      long most = (long) prompt.length + sequence.maxTokens;
      sequence.drafter = speculator.drafter(tokens, (int) Math.min(most, limits.contextLength()));
    }
    if (request.experts()) {
      sequence.experts = model.newTally();
    }
    enterQueue(sequence);
    wake();
    return sequence;
  }

  /**
   * Puts a text into the queue whose hidden states are wanted, not a continuation.
   *
   * @param share who asks
   * @throws EngineException as {@link #submit}
   */
  public Embedding embed(int[] prompt, Pooling pooling, String share) {
    PooledStates states = new PooledStates(pooling, prompt.length, model.hiddenSize());
    Sampling nothing = Sampling.greedy().withMaxTokens(0);
    GenerationRequest request = GenerationRequest.of(prompt, nothing).withShare(share);
    Sequence sequence = submit(request, 0, SequenceBreakers.none(), states);
    return new Embedding(sequence, states.vector());
  }

  /** A text on its way to its vector: to cancel it, and to wait for it. */
  public record Embedding(Sequence sequence, CompletableFuture<float[]> vector) {}

  private void enterQueue(Sequence sequence) {
    try {
      gate.enter();
    } catch (EngineBusyException e) {
      counters.refused.increment();
      throw e;
    }
    submitted.add(sequence);
    if (closing && submitted.remove(sequence)) {
      gate.turnBack();
      throw closedError();
    }
    counters.requests.increment();
  }

  private void checkPrompt(int[] prompt, Sampling sampling) {
    if (prompt.length == 0) {
      throw EngineErrors.emptyPrompt();
    }
    int room = sampling.maxTokens() == 0 ? 0 : 1;
    if (prompt.length + room > limits.contextLength()) {
      throw EngineErrors.tooLong(prompt.length, limits.contextLength());
    }
    checkTokens(prompt, model.vocabularySize());
  }

  /**
   * Checks that tokens exist.
   *
   * @throws EngineException {@code prompt-unknown-token} with the token and its position
   */
  public static void checkTokens(int[] tokens, int vocabularySize) {
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocabularySize) {
        throw EngineErrors.unknownToken(tokens[i], i, vocabularySize);
      }
    }
  }

  private int[] stopTokens(Sampling sampling) {
    int[] own = sampling.ignoreEos() ? new int[0] : ends;
    int[] all = java.util.Arrays.copyOf(own, own.length + sampling.stopTokens().size());
    for (int i = 0; i < sampling.stopTokens().size(); i++) {
      all[own.length + i] = sampling.stopTokens().get(i);
    }
    return all;
  }

  /**
   * Does one step.
   *
   * @return whether there was anything to do
   */
  public boolean step() {
    if (closing) {
      failAll();
      return false;
    }
    for (Sequence s = submitted.poll(); s != null; s = submitted.poll()) {
      scheduler.add(s);
    }
    jobs.run();
    counters.passed(model);
    if (stored != null) {
      stored.betweenSteps();
    }
    long start = System.nanoTime();
    dropCancelled(start);
    scheduler.schedule(batch);
    if (batch.size == 0) {
      counters.publish(scheduler, blocks);
      return false;
    }
    try {
      long forwardStart = speculator == null ? 0 : System.nanoTime();
      model.forward(batch);
      if (speculator != null) {
        speculator.computed(batch.size, batch.onlyDecodes(), System.nanoTime() - forwardStart);
      }
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      failBatch(e);
      counters.publish(scheduler, blocks);
      return true;
    }
    int computed = batch.size;
    boolean decodes = batch.onlyDecodes();
    int row = 0;
    int hiddenRow = 0;
    for (int i = 0; i < batch.numSequences; i++) {
      Sequence sequence = batch.scheduled[i];
      PooledStates pooled = sequence.pooled;
      if (pooled != null) {
        hiddenRow = pooled.add(model, sequence.numComputed, batch.counts[i], hiddenRow);
      }
      scheduler.advance(sequence, batch.counts[i]);
      if (sequence.numRemaining() == 0 && pooled != null) {
        finish(sequence, FinishReason.LENGTH);
      } else if (sequence.numRemaining() == 0) {
        nextTokens(sequence, row, batch.drafted[i]);
        row += 1 + batch.drafted[i];
      }
    }
    if (ownDrafts != null) {
      try {
        ownDrafts.draft(batch);
      } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
        failBatch(e);
      }
    }
    long nanos = System.nanoTime() - start;
    if (!batch.hasDrafts()) { // those steps are computed in another way
      pacer.record(computed, nanos);
    }
    counters.step(decodes, computed, nanos, model);
    counters.publish(scheduler, blocks);
    return true;
  }

  /**
   * Samples after a sequence's last token, and after each drafted token for as long as the draft is
   * what was sampled: each token is chosen as if it had been computed alone.
   */
  private void nextTokens(Sequence sequence, int row, int drafts) {
    for (int i = 0; i <= drafts; i++) {
      int before = sequence.tokens.size();
      next(sequence, row + i);
      Drafter drafter = sequence.drafter;
      if (drafter == null || sequence.tokens.size() == before) {
        return;
      }
      boolean drafted = drafter.accept(sequence.tokens.fromEnd(0));
      if (sequence.status == Sequence.Status.FINISHED) {
        return;
      }
      if (!drafted || i == drafts) {
        break;
      }
      scheduler.advance(sequence, 1);
    }
    if (drafts > 0) {
      scheduler.trim(sequence);
    }
  }

  private void dropCancelled(long now) {
    for (Sequence s = scheduler.findCancelled(); s != null; s = scheduler.findCancelled()) {
      finish(s, FinishReason.CANCELLED);
    }
    if (serving.queueTimeout().isZero()) {
      return;
    }
    long nanos = serving.queueTimeout().toNanos();
    for (Sequence s = scheduler.findOverdue(now, nanos);
        s != null;
        s = scheduler.findOverdue(now, nanos)) {
      EngineException late =
          EngineErrors.waitedTooLong(
              scheduler.numRunning(), scheduler.numWaiting(), serving.queueTimeout());
      fail(s, late);
    }
  }

  private void next(Sequence sequence, int row) {
    if (sequence.numGenerated() >= sequence.maxTokens) {
      finish(sequence, FinishReason.LENGTH); // nothing was asked for but to compute the prompt
      return;
    }
    try {
      int token = chooser.choose(sequence, row);
      if (token == TokenChooser.NONE) {
        finish(sequence, FinishReason.STOP);
        return;
      }
      if (sequence.experts != null) {
        model.addExperts(sequence.experts, row);
      }
      boolean ends = contains(sequence.stopTokens, token);
      boolean complete = sequence.sink.token(token, ends, chooser.ranking(sequence, token));
      sequence.tokens.add(token);
      counters.generatedTokens.increment();
      sequence.sampler.accept(token);
      if (sequence.constraint != null) {
        sequence.constraint.accept(token);
      }
      if (ends || complete) {
        finish(sequence, FinishReason.STOP);
      } else if (sequence.numGenerated() >= sequence.maxTokens
          || sequence.tokens.size() >= limits.contextLength()
          || !sequence.allowance.test(sequence.numGenerated())) {
        finish(sequence, FinishReason.LENGTH);
      }
    } catch (RuntimeException e) {
      fail(sequence, e);
    }
  }

  private static boolean contains(int[] tokens, int token) {
    for (int candidate : tokens) {
      if (candidate == token) {
        return true;
      }
    }
    return false;
  }

  private void finish(Sequence sequence, FinishReason reason) {
    end(sequence);
    (reason == FinishReason.CANCELLED ? counters.cancelled : counters.finished).increment();
    sequence.sink.finished(reason);
  }

  private void end(Sequence sequence) {
    scheduler.finish(sequence);
    if (speculator != null && sequence.drafter != null) {
      speculator.ended(sequence.drafter);
    }
    gate.leave(System.nanoTime());
  }

  private void fail(Sequence sequence, RuntimeException error) {
    end(sequence);
    counters.failed.increment();
    sequence.sink.failed(error);
  }

  private void failBatch(Throwable error) {
    RuntimeException shown =
        error instanceof RuntimeException runtime ? runtime : EngineErrors.stepFailed(error);
    int n = batch.numSequences;
    for (int i = 0; i < n; i++) {
      if (batch.scheduled[i].status != Sequence.Status.FINISHED) {
        fail(batch.scheduled[i], shown);
      }
    }
  }

  private void failAll() {
    for (Sequence s = submitted.poll(); s != null; s = submitted.poll()) {
      scheduler.add(s);
    }
    RuntimeException why = broken == null ? closedError() : broken;
    for (Sequence s = scheduler.findAny(); s != null; s = scheduler.findAny()) {
      fail(s, why);
    }
    jobs.fail(why);
  }

  /** The error of whoever uses a model after it was closed. */
  public static EngineException closedError() {
    return EngineErrors.closed();
  }

  /**
   * Runs work that has the model for itself, between two steps, and waits for it.
   *
   * @throws EngineException {@code model-closed}
   */
  public <T> T call(Callable<T> work) {
    ModelJobs.Job<T> job = jobs.add(work);
    if (closing && jobs.remove(job)) {
      throw closedError();
    }
    if (isStarted()) {
      wake();
    } else {
      step();
    }
    return job.await();
  }

  private synchronized boolean isStarted() {
    return thread != null;
  }

  /** Computes tokens of a sequence that is not scheduled, inside {@link #call}. */
  StepBatch run(int[] tokens, int at, int n, int position, int[] blockTable, boolean allOutputs) {
    batch.setSingle(tokens, at, n, position, blockTable, allOutputs);
    model.forward(batch);
    return batch;
  }

  BlockManager blocks() {
    return blocks;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  ForwardPass model() {
    return model;
  }

  int numRunning() {
    return scheduler.numRunning();
  }

  int numWaiting() {
    return scheduler.numWaiting();
  }

  /** Tokens drafted and computed for sequences that ended; for any thread. */
  long numDrafted() {
    return speculator == null ? 0 : speculator.numDrafted();
  }

  /** Those of them that were chosen; for any thread. */
  long numAccepted() {
    return speculator == null ? 0 : speculator.numAccepted();
  }

  boolean isClosing() {
    return closing;
  }

  /** Makes the engine look again at what there is to do, as after a cancellation. */
  public void wake() {
    Thread own;
    synchronized (this) {
      own = thread;
    }
    if (own != null) {
      LockSupport.unpark(own);
    }
  }

  private void loop() {
    try {
      while (!closing) {
        if (!step() && !closing && submitted.isEmpty() && jobs.isEmpty()) {
          LockSupport.park(this);
        }
      }
    } catch (RuntimeException | Error e) {
      broken = EngineErrors.broken(e);
      broken.addSuppressed(e);
    } finally {
      closing = true;
      failAll();
    }
  }

  /**
   * Ends every sequence with the error {@code model-closed} and stops the thread; the model itself
   * is its owner's to close. A second close does nothing.
   */
  @Override
  public void close() {
    closing = true;
    Thread own;
    synchronized (this) {
      own = thread;
    }
    LockSupport.unpark(own);
    boolean interrupted = false;
    while (own != null && own != Thread.currentThread() && own.isAlive()) {
      try {
        own.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    // What was submitted while the thread ended.
    failAll();
    if (stored != null && own != Thread.currentThread()) {
      stored.close();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
