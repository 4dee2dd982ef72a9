package io.moineau.plan.capacity;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One configuration, computed: the numbers that the search compares, from which an {@link Estimate}
 * is made when it is to be shown.
 */
final class Point {
  private static final double WATTS_PER_KILOWATT = 1000;
  private static final double SECONDS_PER_HOUR = 3600;
  private static final double MILLION = 1e6;
  private static final double PER_CENT = 100;

  final Layout layout;
  final double batch;
  final Memory memory;
  final double ttft;
  final double tpot;
  final double output; // tokens a second of the whole system
  private final Question question;
  private final Factors factors;
  private final Prefill prefill;
  private final Shard shard;
  private final double decodeRate;
  private final double prefillShare; // of the time; of all time of its chips when apart
  private final double decodeShare;

  Point(
      Question question,
      Factors factors,
      Prefill prefill,
      Shard shard,
      Layout layout,
      double batch) {
    this.question = question;
    this.factors = factors;
    this.prefill = prefill;
    this.shard = shard;
    this.layout = layout;
    this.batch = batch;
    Workload workload = question.workload();
    double accepted = question.acceptedDrafts();
    Step decode = step();
    double round = layout.pipeline() * decode.seconds(); // each sequence has had one step
    decodeRate = batch * accepted / round;
    double outputs = workload.outputTokens();
    // Requests that arrive at random leave gaps, if nearly all are to be in time.
    double even = question.limits().nearlyAll() ? factors.arrivals : 1;
    if (layout.apart()) {
      double most = Math.min(prefill.requestsPerSecond(), transfers(shard)) * outputs;
      output = Math.min(decodeRate * factors.filled, most) * factors.apart * even;
      tpot = round / accepted;
      ttft = prefill.latency() + transferSeconds(shard);
      prefillShare = output / outputs / prefill.requestsPerSecond();
      decodeShare = output / decodeRate;
    } else {
      // While each sequence has a round, these prompts have to be computed in between.
      double prompts = batch * accepted / outputs / prefill.requestsPerSecond();
      double together = layout.expert() > layout.tensor() ? factors.lockstep : 1;
      tpot = (round + prompts) / accepted;
      output = batch * accepted / (round / factors.filled + prompts) * together * even;
      ttft = prefill.latency() + prefill.chunks() * decode.seconds();
      prefillShare = prompts / (round + prompts);
      decodeShare = 1 - prefillShare;
    }
    memory = memory(shard);
  }

  /** A step of generating; computed again when it is to be shown, as a search has many points. */
  private Step step() {
    double group = batch / layout.data();
    // With fewer sequences than stages, some stages wait; a step computes one sequence at least.
    double sequences = Math.max(1, group / layout.pipeline());
    return Step.decode(
        shard, factors, sequences, question.tokensPerStep(), question.workload().decodeContext());
  }

  private double keptBytes() {
    return (double) question.workload().inputTokens()
        * question.model().keptPerToken()
        * question.kv().bytesPerParameter();
  }

  private double transferRate(Shard shard) {
    return layout.chips() <= shard.domain ? shard.linkRate : shard.networkRate;
  }

  /** Seconds until the keys and values of a prompt are where its tokens are generated. */
  private double transferSeconds(Shard shard) {
    int senders = layout.prefill().tensor() * layout.prefill().pipeline();
    return keptBytes() / (transferRate(shard) * senders) + factors.networkSeconds;
  }

  private double transfers(Shard shard) {
    int links = Math.min(layout.prefillChips(), layout.decodeChips());
    return links * transferRate(shard) / keptBytes();
  }

  private Memory memory(Shard shard) {
    double available = question.device().memoryBytes();
    double sequences = batch / layout.data();
    double tokens = Math.max(1, sequences) * question.tokensPerStep();
    double largest = layout.apart() ? tokens : tokens + prefill.tokens();
    Memory generating =
        new Memory(
            shard.weights(),
            shard.kvBytes(keptTokens(question.workload(), Math.max(1, sequences))),
            shard.activations(largest, tokens, factors),
            factors.reserve * available,
            available);
    Memory prompts = prefill.memory();
    return layout.apart() && prompts.needed() > generating.needed() ? prompts : generating;
  }

  /**
   * Tokens that are kept for sequences that are at all stages of their output: the average, and
   * room for chance (half an output for each root of their number, which is 1.7 deviations; one
   * sequence alone has room for all of it).
   */
  static double keptTokens(Workload workload, double sequences) {
    double half = workload.outputTokens() / 2.0;
    return sequences * (workload.inputTokens() + half) + half * Math.sqrt(sequences);
  }

  boolean meets() {
    return memory.fits() && question.limits().met(ttft, tpot, factors);
  }

  private double power(Step step, double share) {
    double busy = step.seconds();
    double compute = step.seconds(Bound.COMPUTE) / busy;
    double memories = step.seconds(Bound.MEMORY) / busy;
    return factors.powerIdle
        + share
            * (compute * (factors.powerCompute - factors.powerIdle)
                + memories * (factors.powerMemory - factors.powerIdle));
  }

  private double watts(Step decode) {
    double part =
        layout.apart()
            ? layout.prefillChips() * power(prefill.step(), prefillShare)
                + layout.decodeChips() * power(decode, decodeShare)
            : layout.chips()
                * (power(prefill.step(), prefillShare)
                    + power(decode, decodeShare)
                    - factors.powerIdle);
    return part * question.device().watts();
  }

  Outcome outcome() {
    boolean known = question.device().watts() > 0;
    Step decode = step();
    double power = known ? watts(decode) : Double.NaN;
    boolean priced = question.usdPerChipHour().isPresent() || question.usdPerKwh().isPresent();
    return new Outcome(
        memory.fits(),
        meets(),
        memory.needed() / memory.available(),
        ttft,
        tpot,
        prefill.tokensPerSecond(),
        decodeRate,
        output,
        decode.bound(),
        power,
        priced ? usdPerHour(watts(decode)) / SECONDS_PER_HOUR * MILLION / output : Double.NaN);
  }

  Estimate estimate(List<String> usual) {
    Range out = Range.around(output, factors.spreadSystem);
    Step decode = step();
    double power = watts(decode);
    boolean known = question.device().watts() > 0;
    Range watts = known ? new Range(idleWatts(), power, fullWatts()) : Range.UNKNOWN;
    Range joules = known ? out.inverse().times(power) : Range.UNKNOWN;
    return new Estimate(
        layout,
        batch,
        memory,
        Range.around(ttft, factors.spreadPrefill),
        Range.around(tpot, factors.spreadDecode),
        Range.around(prefill.tokensPerSecond(), factors.spreadPrefill),
        Range.around(decodeRate, factors.spreadDecode),
        out,
        out.times(1.0 / question.workload().outputTokens()),
        prefill.step().bound(),
        decode.bound(),
        prefill.step().operators(),
        decode.operators(),
        watts,
        joules,
        usd(out, power),
        meets(),
        assumptions(usual));
  }

  private double idleWatts() {
    return factors.powerIdle * layout.chips() * question.device().watts();
  }

  private double fullWatts() {
    return layout.chips() * question.device().watts();
  }

  private Optional<Range> usd(Range out, double power) {
    if (question.usdPerChipHour().isEmpty() && question.usdPerKwh().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(out.inverse().times(usdPerHour(power) / SECONDS_PER_HOUR * MILLION));
  }

  private double usdPerHour(double power) {
    return layout.chips() * question.usdPerChipHour().orElse(0)
        + power / WATTS_PER_KILOWATT * question.usdPerKwh().orElse(0);
  }

  private List<String> assumptions(List<String> usual) {
    List<String> all = new ArrayList<>(usual);
    all.addAll(question.device().assumptions());
    if (question.limits().nearlyAll()) {
      all.add(
          "99 of 100 requests keep the limits, so that the mean may take "
              + Math.round(factors.tail * PER_CENT)
              + " % of them");
    }
    if (layout.chips() < question.count()) {
      all.add(question.count() - layout.chips() + " chips stay idle");
    }
    return all;
  }
}
