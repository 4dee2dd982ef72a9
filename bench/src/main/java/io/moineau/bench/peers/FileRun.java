package io.moineau.bench.peers;

import io.moineau.bench.peers.Comparison.Figure;
import io.moineau.bench.peers.Comparison.Gap;
import io.moineau.bench.peers.Comparison.Limit;
import io.moineau.bench.peers.Comparison.Setting;
import io.moineau.bench.peers.Comparison.Unit;
import io.moineau.bench.peers.Contestant.Repetition;
import io.moineau.bench.peers.Contestant.Session;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/**
 * All programs with one file: each is loaded and warmed up, one after the other; then they take
 * turns, work by work, round by round, so that what disturbs the machine disturbs them alike.
 */
final class FileRun {
  /** Repetitions of one sample before the least disturbed one is taken. */
  private static final int ATTEMPTS = 4;

  /** One program's samples of one work. */
  private static final class Samples {
    private final List<Double> speeds = new ArrayList<>();
    private int discarded;
    private int disturbed;
  }

  private final RunOptions options;
  private final ModelFile file;
  private final List<Contestant> contestants;
  private final PrintStream log;
  private final Map<Contestant, Session> sessions = new LinkedHashMap<>();
  private double activeParameters;
  private double bytesPerToken;

  FileRun(RunOptions options, ModelFile file, List<Contestant> contestants, PrintStream log) {
    this.options = options;
    this.file = file;
    this.contestants = contestants;
    this.log = log;
  }

  /** Measures; a program that fails leaves a gap, and the others go on. */
  void measure(Comparison comparison) {
    try {
      for (Contestant contestant : contestants) {
        Optional<String> whyNot = contestant.whyNot(file);
        if (whyNot.isPresent()) {
          comparison.add(new Gap(file.label(), contestant.name(), whyNot.get(), false));
        } else {
          attempt(comparison, contestant, () -> start(comparison, contestant));
        }
      }
      for (Work work : options.works()) {
        rounds(comparison, work);
      }
      for (Map.Entry<Contestant, Session> entry : sessions.entrySet()) {
        String setting = entry.getValue().facts().getOrDefault("setting", "");
        comparison.add(new Setting(file.label(), entry.getKey().name(), setting));
        if (!entry.getValue().warmsUp()) {
          memory(comparison, entry.getKey(), entry.getValue(), 0);
        }
      }
    } finally {
      sessions.values().forEach(Session::close);
    }
  }

  private void attempt(Comparison comparison, Contestant contestant, Runnable work) {
    try {
      work.run();
    } catch (PeerException e) {
      String reason = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
      log.println("  " + contestant.name() + " failed: " + reason);
      comparison.add(new Gap(file.label(), contestant.name(), reason, true));
      Session session = sessions.remove(contestant);
      if (session != null) {
        session.close();
      }
    }
  }

  private int context() {
    return options.works().stream()
        .filter(work -> work.kind() != Work.Kind.STREAMS)
        .mapToInt(Work::size)
        .reduce(WorkerLoop.FIRST_PROMPT, Math::max);
  }

  private void start(Comparison comparison, Contestant contestant) {
    Session session = contestant.start(file, context());
    sessions.put(contestant, session);
    Map<String, String> facts = session.facts();
    if (facts.containsKey("active")) {
      activeParameters = Double.parseDouble(facts.get("active"));
      bytesPerToken =
          file.bytes()
              * activeParameters
              / Double.parseDouble(facts.getOrDefault("parameters", "1"));
    }
    for (Work work : options.works()) {
      if (work.kind() != Work.Kind.STREAMS) {
        warmUp(session, work);
      }
    }
    once(comparison, contestant, "load", Unit.SECONDS, seconds(facts, "load_ns"));
    once(comparison, contestant, "first token", Unit.SECONDS, seconds(facts, "first_ns"));
    double base = Double.parseDouble(facts.getOrDefault("base_rss", "0"));
    memory(comparison, contestant, session, base);
    for (Work work : options.works()) {
      if (work.kind() == Work.Kind.STREAMS) {
        warmUp(session, work);
      }
    }
  }

  /** Of the program: what the process had before it loaded anything does not count. */
  private void memory(Comparison comparison, Contestant contestant, Session session, double base) {
    Optional<ProcessFigures> figures = session.figures();
    if (figures.isPresent()) {
      ProcessFigures now = figures.get();
      OptionalDouble peak = OptionalDouble.of((now.peakBytes() - base) / 1e9);
      OptionalDouble own = OptionalDouble.of(Math.max(0, now.anonymousBytes() - base) / 1e9);
      OptionalDouble resident = OptionalDouble.of((now.residentBytes() - base) / 1e9);
      once(comparison, contestant, "memory, peak", Unit.GIGABYTES, peak);
      once(comparison, contestant, "memory, now", Unit.GIGABYTES, resident);
      once(comparison, contestant, "memory, own", Unit.GIGABYTES, own);
    }
  }

  private static OptionalDouble seconds(Map<String, String> facts, String key) {
    String nanos = facts.get(key);
    return nanos == null ? OptionalDouble.empty() : OptionalDouble.of(Long.parseLong(nanos) / 1e9);
  }

  private void once(
      Comparison comparison, Contestant contestant, String work, Unit unit, OptionalDouble value) {
    if (value.isPresent()) {
      comparison.add(
          new Figure(
              file.label(),
              work,
              contestant.name(),
              unit,
              List.of(value.getAsDouble()),
              0,
              0,
              Limit.NONE,
              0));
    }
  }

  private void warmUp(Session session, Work work) {
    if (session.warmsUp() && session.can(work)) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(options.warmUpSeconds());
      do {
        session.measure(work);
      } while (System.nanoTime() < end);
    }
  }

  private void rounds(Comparison comparison, Work work) {
    Map<Contestant, Samples> samples = new LinkedHashMap<>();
    for (int round = 0; round < options.rounds(); round++) {
      for (Contestant contestant : List.copyOf(sessions.keySet())) {
        attempt(
            comparison,
            contestant,
            () -> {
              Session session = sessions.get(contestant);
              if (session != null && session.can(work)) {
                Samples own = samples.computeIfAbsent(contestant, key -> new Samples());
                sample(session, work, own);
                log.printf(
                    Locale.ROOT,
                    "  %s, %s: %s tokens/s%n",
                    work.name(),
                    contestant.name(),
                    ComparisonTable.digits(own.speeds.getLast()));
              }
            });
      }
    }
    samples.forEach((contestant, own) -> {
      if (sessions.containsKey(contestant)) {
        comparison.add(figure(contestant, work, own));
      }
    });
  }

  private static void sample(Session session, Work work, Samples samples) {
    List<Repetition> attempts = new ArrayList<>();
    for (int i = 0; i < ATTEMPTS; i++) {
      Repetition repetition = session.measure(work);
      attempts.add(repetition);
      if (repetition.isClean()) {
        break;
      }
    }
    Repetition best =
        attempts.stream().min(Comparator.comparingDouble(Repetition::others)).orElseThrow();
    samples.speeds.add(best.tokensPerSecond());
    samples.discarded += attempts.size() - 1;
    samples.disturbed += best.isClean() ? 0 : 1;
  }

  private Figure figure(Contestant contestant, Work work, Samples samples) {
    boolean memory = work.kind() == Work.Kind.GENERATE;
    return new Figure(
        file.label(),
        work.name(),
        contestant.name(),
        Unit.TOKENS_PER_SECOND,
        samples.speeds,
        samples.discarded,
        samples.disturbed,
        memory ? Limit.MEMORY : Limit.ARITHMETIC,
        memory ? bytesPerToken : 2 * activeParameters);
  }
}
