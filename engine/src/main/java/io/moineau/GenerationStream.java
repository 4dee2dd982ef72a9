package io.moineau;

import io.moineau.engine.Engine;
import io.moineau.engine.EngineException;
import io.moineau.engine.Sequence;
import io.moineau.engine.StopStrings;
import io.moineau.engine.TokenRanking;
import io.moineau.engine.TokenSink;
import io.moineau.text.TokenDecoder;
import io.moineau.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Where the engine's thread leaves tokens and a reader picks up text. The engine never waits here;
 * what was not read yet is one piece.
 */
final class GenerationStream implements Generation, TokenSink {
  private final Engine engine;
  private final Tokenizer tokenizer;
  private final TokenDecoder decoder;
  private final IntPredicate shown;
  private final StopStrings stops;
  private final long seed;
  private final int promptTokens;
  private final long submittedAt = System.nanoTime();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final StringBuilder whole = new StringBuilder();
  private final List<Integer> tokens = new ArrayList<>();
  private final List<TokenLogprobs> logprobs = new ArrayList<>();
  private int taken; // characters of whole that were read
  private @Nullable Sequence sequence;
  private @Nullable FinishReason reason;
  private @Nullable RuntimeException error;
  private boolean cancelled;
  private long startedAt;
  private long firstAt;
  private long lastAt;

  /**
   * A stream with nothing in it yet.
   *
   * @param shown which special tokens are written out in the text; others are left out
   */
  GenerationStream(
      Engine engine,
      Tokenizer tokenizer,
      GenerationRequest request,
      IntPredicate shown,
      long seed) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.decoder = tokenizer.decoder(false);
    this.shown = shown;
    this.stops = new StopStrings(request.sampling().stop());
    this.seed = seed;
    int[] prompt = request.prompt();
    this.promptTokens = prompt.length;
    // A tokenizer that drops the space before a first word keeps it before a later one.
    if (request.continues()
        && prompt.length > 0
        && !tokenizer.isSpecial(prompt[prompt.length - 1])) {
      decoder.push(prompt[prompt.length - 1]);
    }
  }

  void attach(Sequence submitted) {
    lock.lock();
    try {
      sequence = submitted;
      if (cancelled) {
        submitted.cancel();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void started() {
    lock.lock();
    try {
      startedAt = System.nanoTime();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean token(int token, boolean ends, TokenRanking ranking) {
    lock.lock();
    try {
      lastAt = System.nanoTime();
      if (tokens.isEmpty()) {
        firstAt = lastAt;
      }
      tokens.add(token);
      if (ranking != TokenRanking.NONE) {
        logprobs.add(named(token, ranking));
      }
      if (!ends && (!tokenizer.isSpecial(token) || shown.test(token))) {
        whole.append(stops.push(decoder.push(token)));
      }
      changed.signalAll();
      return stops.isMet();
    } finally {
      lock.unlock();
    }
  }

  private TokenLogprobs named(int token, TokenRanking ranking) {
    List<TokenLogprob> top = new ArrayList<>(ranking.topTokens().length);
    for (int i = 0; i < ranking.topTokens().length; i++) {
      int id = ranking.topTokens()[i];
      top.add(new TokenLogprob(id, text(id), ranking.topLogprobs()[i]));
    }
    return new TokenLogprobs(new TokenLogprob(token, text(token), ranking.logprob()), top);
  }

  private String text(int token) {
    return new String(tokenizer.bytes(token), StandardCharsets.UTF_8);
  }

  @Override
  public void finished(FinishReason why) {
    lock.lock();
    try {
      whole.append(stops.push(decoder.flush())).append(stops.flush());
      reason = why;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void failed(RuntimeException failure) {
    lock.lock();
    try {
      error = failure;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isOver() {
    return reason != null || error != null;
  }

  @Override
  public boolean hasNext() {
    lock.lock();
    try {
      while (taken == whole.length() && !isOver()) {
        await();
      }
      if (taken < whole.length()) {
        return true;
      }
    } finally {
      lock.unlock();
    }
    if (error != null) {
      throw error;
    }
    return false;
  }

  private void await() {
    try {
      changed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cancel();
      throw new EngineException(
          "interrupted",
          "the wait for an answer was interrupted",
          "thread " + Thread.currentThread().getName(),
          "",
          "the answer was cancelled; ask again");
    }
  }

  @Override
  public String next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the answer has ended");
    }
    lock.lock();
    try {
      String piece = whole.substring(taken);
      taken = whole.length();
      return piece;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel() {
    lock.lock();
    try {
      cancelled = true;
      if (sequence != null) {
        sequence.cancel();
      }
    } finally {
      lock.unlock();
    }
    engine.wake();
  }

  @Override
  public Answer answer() {
    lock.lock();
    try {
      while (!isOver()) {
        await();
      }
    } finally {
      lock.unlock();
    }
    if (error != null) {
      throw error;
    }
    return makeAnswer();
  }

  private Answer makeAnswer() {
    lock.lock();
    try {
      FinishReason why = reason == null ? FinishReason.CANCELLED : reason;
      int cached = sequence == null ? 0 : sequence.cachedTokens();
      boolean began = startedAt != 0;
      boolean generated = !tokens.isEmpty();
      long started = began ? startedAt : submittedAt;
      return new Answer(
          whole.toString(),
          why,
          new Usage(promptTokens, cached, tokens.size()),
          new Timings(
              started - submittedAt,
              generated ? firstAt - started : 0,
              generated ? lastAt - firstAt : 0,
              generated ? promptTokens - cached : 0,
              Math.max(0, tokens.size() - 1),
              sequence == null ? 0 : sequence.draftedTokens(),
              sequence == null ? 0 : sequence.acceptedTokens()),
          seed,
          tokens,
          logprobs,
          sequence == null ? List.of() : sequence.expertsUsed());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<TokenLogprobs> logprobsFrom(int first) {
    lock.lock();
    try {
      return List.copyOf(logprobs.subList(Math.min(first, logprobs.size()), logprobs.size()));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long seed() {
    return seed;
  }

  /** Whether the engine could not make the answer. */
  boolean hasFailed() {
    lock.lock();
    try {
      return error != null;
    } finally {
      lock.unlock();
    }
  }

  /** Tokens up to now. */
  Usage usage() {
    lock.lock();
    try {
      int cached = sequence == null ? 0 : sequence.cachedTokens();
      return new Usage(promptTokens, cached, tokens.size());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String stopString() {
    lock.lock();
    try {
      return stops.met();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int tokensSoFar() {
    lock.lock();
    try {
      return tokens.size();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!isOver()) {
        cancel();
        while (!isOver()) {
          changed.awaitUninterruptibly();
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
