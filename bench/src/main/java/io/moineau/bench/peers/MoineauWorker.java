package io.moineau.bench.peers;

import io.moineau.Generation;
import io.moineau.ModelCard;
import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.Sampling;
import io.moineau.Timings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** The child process that measures Moineau: {@code FILE THREADS CONTEXT}. */
final class MoineauWorker implements WorkerLoop.Loaded {
  private final Path file;
  private final int threads;
  private final Moineau moineau;
  private final Map<String, String> facts;
  private final Random random = new Random(1);
  private Optional<Moineau> streams = Optional.empty();
  private int streamsOpen;

  private MoineauWorker(Path file, int threads, int context) {
    this.file = file;
    this.threads = threads;
    long start = System.nanoTime();
    this.moineau = Moineau.open(file, options(context, 1));
    long loaded = System.nanoTime() - start;
    moineau.evaluator().measure(Math.min(context, WorkerLoop.FIRST_PROMPT), 0, 0);
    Instant born = ProcessHandle.current().info().startInstant().orElseThrow();
    ModelCard card = moineau.card();
    this.facts =
        Map.of(
            "load_ns", Long.toString(loaded),
            "first_ns", Long.toString(Duration.between(born, Instant.now()).toNanos()),
            "setting", card.provider() + ", " + card.memory().kvType() + " keys and values",
            "file_bytes", Long.toString(card.fileBytes()),
            "parameters", Long.toString(card.parameters()),
            "active", Long.toString(card.activeParameters()));
  }

  /** See {@link WorkerLoop}. */
  public static void main(String[] args) {
    int threads = Integer.parseInt(args[1]);
    int context = Integer.parseInt(args[2]);
    System.exit(WorkerLoop.run(() -> new MoineauWorker(Path.of(args[0]), threads, context)));
  }

  private ModelOptions options(int context, int sequences) {
    return ModelOptions.defaults()
        .withThreads(threads)
        .withContextLength(context)
        .withMaxSequences(sequences);
  }

  @Override
  public Map<String, String> facts() {
    return facts;
  }

  @Override
  public long nanos(Work work) {
    return switch (work.kind()) {
      case PROMPT -> moineau.evaluator().measure(work.size(), 0, 0).promptNanos();
      case GENERATE -> moineau.evaluator().measure(0, work.size(), 0).generateNanos();
      case STREAMS -> streamNanos(work.size());
    };
  }

  /**
   * As a program would have it that serves several users, sampling and text included. What counts
   * is the mean time of a sequence from its first token to its last.
   */
  private long streamNanos(int sequences) {
    if (streamsOpen != sequences) {
      streams.ifPresent(Moineau::close);
      int context = Work.STREAM_PROMPT + Work.STREAM_STEPS + 1;
      streams = Optional.of(Moineau.open(file, options(context, sequences)));
      streamsOpen = sequences;
    }
    Moineau model = streams.orElseThrow();
    Sampling sampling = Sampling.greedy().withIgnoreEos(true).withMaxTokens(1 + Work.STREAM_STEPS);
    List<Generation> running = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      int vocabulary = model.card().vocabularySize();
      int[] prompt = random.ints(Work.STREAM_PROMPT, 0, vocabulary).toArray();
      running.add(model.generate(prompt, sampling));
    }
    long nanos = 0;
    for (Generation generation : running) {
      try (generation) {
        Timings timings = generation.answer().timings();
        if (timings.decodeTokens() != Work.STREAM_STEPS) {
          throw new PeerException(
              "streams-short",
              "a sequence ended before it had its tokens",
              timings.decodeTokens() + " tokens after the first",
              Integer.toString(Work.STREAM_STEPS),
              "report this");
        }
        nanos += timings.decodeNanos();
      }
    }
    return nanos / sequences;
  }

  @Override
  public void close() {
    streams.ifPresent(Moineau::close);
    moineau.close();
  }
}
