package io.moineau.server;

import io.moineau.Answer;
import io.moineau.ChatAnswer;
import io.moineau.ChatStream;
import io.moineau.FinishReason;
import io.moineau.Generation;
import io.moineau.Timings;
import io.moineau.TokenLogprobs;
import io.moineau.Usage;
import io.moineau.error.MoineauException;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.ClientGoneException;
import io.moineau.text.answer.AnswerPart;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The answers in the making, so that each can be cancelled by its client's end or the server's. */
final class RunningStreams {
  private static final Timings NO_TIME = new Timings(0, 0, 0, 0, 0);

  private final Set<Tracked> running = ConcurrentHashMap.newKeySet();
  private volatile boolean ended;

  /** Hears once what an answer took. */
  @FunctionalInterface
  interface End {
    /** The reason is empty where the engine failed. */
    void ended(Usage usage, Timings timings, Optional<FinishReason> reason);
  }

  /** Why an answer is cancelled. */
  private enum Why {
    NOTHING,
    CLIENT_GONE,
    SHUTDOWN
  }

  /** Cancels all; what reads them is told that the server ends. */
  void end() {
    ended = true;
    running.forEach(stream -> stream.cancelBecause(Why.SHUTDOWN));
  }

  /** How many there are. */
  int size() {
    return running.size();
  }

  TrackedChat track(ChatStream stream, End end) {
    TrackedChat tracked = new TrackedChat(stream, end);
    add(tracked);
    return tracked;
  }

  TrackedGeneration track(Generation generation, End end) {
    TrackedGeneration tracked = new TrackedGeneration(generation, end);
    add(tracked);
    return tracked;
  }

  TrackedWork track(Thread worker, End end) {
    TrackedWork tracked = new TrackedWork(worker, end);
    add(tracked);
    return tracked;
  }

  private void add(Tracked tracked) {
    running.add(tracked);
    if (ended) {
      tracked.cancelBecause(Why.SHUTDOWN);
    }
  }

  /** What both kinds have in common. */
  private abstract class Tracked {
    private final End end;
    private volatile Why why = Why.NOTHING;

    Tracked(End end) {
      this.end = end;
    }

    abstract void stop();

    final void cancelBecause(Why reason) {
      if (why == Why.NOTHING) {
        why = reason;
        stop();
      }
    }

    final void clientGone() {
      cancelBecause(Why.CLIENT_GONE);
    }

    final void check(FinishReason reason) {
      if (reason == FinishReason.CANCELLED) {
        switch (why) {
          case NOTHING -> {}
          case CLIENT_GONE -> throw new ClientGoneException();
          case SHUTDOWN -> throw ApiException.shuttingDown();
        }
      }
    }

    /** Tells what it took; the first time only. */
    final void left(Usage usage, Timings timings, Optional<FinishReason> reason) {
      if (running.remove(this)) {
        end.ended(usage, timings, reason);
      }
    }
  }

  /** A chat that can be cancelled from outside. */
  final class TrackedChat extends Tracked implements ChatStream {
    private final ChatStream stream;

    private TrackedChat(ChatStream stream, End end) {
      super(end);
      this.stream = stream;
    }

    @Override
    void stop() {
      stream.cancel();
    }

    @Override
    public boolean hasNext() {
      if (stream.hasNext()) {
        return true;
      }
      check(over().finishReason());
      return false;
    }

    @Override
    public AnswerPart next() {
      return stream.next();
    }

    @Override
    public void cancel() {
      stream.cancel();
    }

    @Override
    public ChatAnswer answer() {
      ChatAnswer answer = over();
      check(answer.finishReason());
      return answer;
    }

    /** Tells what it took before its client hears of the end. */
    private ChatAnswer over() {
      ChatAnswer answer = stream.answer();
      left(answer.usage(), answer.timings(), Optional.of(answer.finishReason()));
      return answer;
    }

    @Override
    public Usage usage() {
      return stream.usage();
    }

    @Override
    public List<TokenLogprobs> logprobsFrom(int first) {
      return stream.logprobsFrom(first);
    }

    @Override
    public long seed() {
      return stream.seed();
    }

    @Override
    public String stopString() {
      return stream.stopString();
    }

    @Override
    public void close() {
      stream.close();
      try {
        over();
      } catch (MoineauException failure) { // which the reader was told
        left(stream.usage(), NO_TIME, Optional.empty());
      }
    }
  }

  /** A generation that can be cancelled from outside. */
  final class TrackedGeneration extends Tracked implements Generation {
    private final Generation generation;

    private TrackedGeneration(Generation generation, End end) {
      super(end);
      this.generation = generation;
    }

    @Override
    void stop() {
      generation.cancel();
    }

    @Override
    public boolean hasNext() {
      if (generation.hasNext()) {
        return true;
      }
      check(over().finishReason());
      return false;
    }

    @Override
    public String next() {
      return generation.next();
    }

    @Override
    public void cancel() {
      generation.cancel();
    }

    @Override
    public Answer answer() {
      Answer answer = over();
      check(answer.finishReason());
      return answer;
    }

    /** Tells what it took before its client hears of the end. */
    private Answer over() {
      Answer answer = generation.answer();
      left(answer.usage(), answer.timings(), Optional.of(answer.finishReason()));
      return answer;
    }

    @Override
    public List<TokenLogprobs> logprobsFrom(int first) {
      return generation.logprobsFrom(first);
    }

    @Override
    public long seed() {
      return generation.seed();
    }

    @Override
    public String stopString() {
      return generation.stopString();
    }

    @Override
    public int tokensSoFar() {
      return generation.tokensSoFar();
    }

    @Override
    public void close() {
      generation.close();
      try {
        over();
      } catch (MoineauException failure) { // which the reader was told
        left(new Usage(0, 0, generation.tokensSoFar()), NO_TIME, Optional.empty());
      }
    }
  }

  /** Something that a thread waits for the engine to do; an interrupt ends the wait. */
  final class TrackedWork extends Tracked {
    private final Thread worker;
    private boolean over;

    private TrackedWork(Thread worker, End end) {
      super(end);
      this.worker = worker;
    }

    @Override
    synchronized void stop() {
      if (!over) {
        worker.interrupt();
      }
    }

    /** The wait is over, one way or the other; on the worker's thread. */
    synchronized void over() {
      over = true;
      Thread.interrupted(); // what came too late must not end what the thread does next
    }
  }
}
