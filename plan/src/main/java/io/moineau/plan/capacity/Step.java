package io.moineau.plan.capacity;

import java.util.ArrayList;
import java.util.List;

/**
 * One step of a stage on one chip: what each operator takes by the roofline (Williams et al., 2009:
 * the longer of its operations at the rate of arithmetic and its bytes at that of memory), what is
 * sent, and what neither shortens. Operators are summed, communication is hidden in part.
 */
final class Step {
  // Operators, in their order.
  private static final int PROJECTIONS = 0;
  private static final int ATTENTION = 1;
  private static final int TRAFFIC = 2;
  private static final int SHARED = 3;
  private static final int EXPERTS = 4;
  private static final int LOGITS = 5;
  private static final int ALL_REDUCE = 6;
  private static final int ALL_TO_ALL = 7;
  private static final int PIPELINE = 8;
  private static final int FIXED = 9;
  private static final List<String> NAMES =
      List.of(
          "projections",
          "attention",
          "element-wise",
          "dense and shared",
          "experts",
          "logits",
          "all-reduce",
          "all-to-all",
          "pipeline",
          "fixed");
  private static final Bound[] BOUNDS = Bound.values();
  private static final int FEW = 8; // chips of one board

  private final double[] seconds = new double[NAMES.size()];
  private final double[] flops = new double[NAMES.size()];
  private final double[] memoryBytes = new double[NAMES.size()];
  private final double[] networkBytes = new double[NAMES.size()];
  private final Bound[] bounds = new Bound[NAMES.size()];
  private final Shard shard;
  private final Factors factors;
  private double total;

  private Step(Shard shard, Factors factors) {
    this.shard = shard;
    this.factors = factors;
  }

  /**
   * A step that computes prompts.
   *
   * @param tokens of a group
   * @param context positions that a token attends to, on average
   * @param ends prompts that end in it, whose last token needs logits
   */
  static Step prefill(Shard shard, Factors factors, double tokens, double context, double ends) {
    Step step = new Step(shard, factors);
    double rate = shard.attentionRate * factors.attentionPrefill;
    step.layers(tokens);
    step.work(
        ATTENTION,
        shard.layers * tokens * context * shard.promptOperations,
        rate,
        shard.layers * tokens * shard.kept * shard.keptBytes,
        shard.restMemoryRate);
    step.logits(ends);
    step.communicate(tokens, ends, true);
    step.sum(0);
    return step;
  }

  /**
   * A step that generates.
   *
   * @param sequences of a group
   * @param each tokens that are computed for a sequence: 1, and drafts to verify
   * @param context positions that a token attends to, on average
   */
  static Step decode(Shard shard, Factors factors, double sequences, double each, double context) {
    Step step = new Step(shard, factors);
    double tokens = sequences * each;
    double rate = shard.attentionRate * factors.attentionDecode;
    step.layers(tokens);
    step.work(
        ATTENTION,
        shard.layers * tokens * context * shard.decodeOperations,
        rate,
        shard.layers * sequences * context * shard.kept * shard.keptBytes,
        shard.restMemoryRate);
    step.logits(tokens);
    step.communicate(tokens, sequences, false);
    step.sum((each - 1) / shard.layers); // a layer drafts each token
    return step;
  }

  private void layers(double tokens) {
    product(PROJECTIONS, shard.layers * shard.projections, tokens);
    double common = shard.denseLayers * shard.dense + shard.expertLayers * shard.shared;
    product(SHARED, common, tokens);
    if (shard.expertLayers > 0) {
      experts(tokens);
    }
    double traffic = factors.traffic * tokens * shard.trafficBytes();
    work(TRAFFIC, 0, 1, traffic, shard.restMemoryRate);
  }

  private void logits(double tokens) {
    product(LOGITS, shard.logits, tokens);
  }

  /** Products of what is not a routed expert. */
  private void product(int operator, double parameters, double tokens) {
    work(
        operator,
        2 * parameters * tokens,
        shard.restRate * shard.maturity,
        parameters * shard.restBytes,
        shard.restMemoryRate * shard.maturity);
  }

  /**
   * Tokens of all groups that share the experts meet at them. The more chips the experts lie on,
   * the more the chip with the most popular ones has to do above its share; and with few tokens,
   * the chip that happens to have most of the chosen experts loads more of them (the largest of
   * several Poisson numbers).
   */
  private void experts(double tokens) {
    double ranks = shard.expertRanks;
    double groups = ranks / shard.parallel.tensor();
    double all = tokens * groups;
    double chosen = all * shard.chosen;
    double distinct = shard.routed * (1 - Math.pow(1 - shard.chosen / shard.routed, all));
    double loaded = distinct / ranks;
    double most = 1;
    if (shard.parallel.expert() > 1) {
      double held = Math.max(1, shard.routed / ranks);
      most = 1 + factors.imbalance * Math.sqrt(Math.min(1, ranks / shard.routed));
      loaded = Math.min(held, loaded + Math.sqrt(2 * loaded * Math.log(ranks)));
    }
    work(
        EXPERTS,
        shard.expertLayers * 2 * (chosen * most + distinct * factors.tile) / ranks * shard.expert,
        shard.expertRate * shard.maturity,
        shard.expertLayers * loaded * shard.expert * shard.weightBytes,
        shard.memoryRate * shard.maturity);
  }

  private void work(int operator, double operations, double rate, double bytes, double memoryRate) {
    double compute = operations / rate;
    double memory = bytes / memoryRate;
    flops[operator] = operations;
    memoryBytes[operator] = bytes;
    seconds[operator] = Math.max(compute, memory);
    bounds[operator] = compute >= memory ? Bound.COMPUTE : Bound.MEMORY;
  }

  private void communicate(double tokens, double sequences, boolean prompts) {
    Parallel parallel = shard.parallel;
    double latency = latency(prompts) + sequences * factors.sequenceSeconds;
    if (parallel.tensor() > 1) {
      double bytes =
          2 * shard.layers * shard.allReduceBytes(tokens); // after attention and after FFN
      double beyond = parallel.tensor() > shard.domain ? factors.networkSeconds : 0;
      networkBytes[ALL_REDUCE] = bytes;
      seconds[ALL_REDUCE] = bytes / shard.tensorRate() / shard.maturity;
      latency += 2 * shard.layers * (factors.allReduceSeconds + beyond);
    }
    bounds[ALL_REDUCE] = Bound.NETWORK;
    bounds[ALL_TO_ALL] = Bound.NETWORK;
    if (shard.expertLayers > 0 && parallel.expert() > parallel.tensor()) {
      latency += allToAll(tokens / parallel.tensor(), prompts);
    }
    if (parallel.pipeline() > 1) {
      double bytes = tokens * shard.tokenBytes() / parallel.tensor();
      boolean inside = parallel.chips() <= shard.domain;
      networkBytes[PIPELINE] = bytes;
      seconds[PIPELINE] =
          bytes / (inside ? shard.linkRate : shard.networkRate) + factors.networkSeconds;
    }
    bounds[PIPELINE] = Bound.NETWORK;
    seconds[FIXED] = latency / Math.sqrt(shard.maturity);
    bounds[FIXED] = Bound.LATENCY;
  }

  /** What no bandwidth shortens. */
  private double latency(boolean prompts) {
    if (factors.launchSeconds > 0) {
      return factors.stepSeconds; // the host's launches are counted with the sum
    }
    return shard.layers * (factors.layerSeconds + (prompts ? factors.prefillLayerSeconds : 0))
        + shard.expertLayers * factors.expertLayerSeconds
        + factors.stepSeconds;
  }

  /**
   * Tokens go to the chips of their experts and back; returns what that takes without bytes. Within
   * the domain a chip gets a token once. Beyond it, tokens of prompts go to each domain once and
   * are spread there, in few domains if routing is limited to groups; generated ones go to each
   * expert directly, which is sooner (DeepEP's two kinds of kernels).
   */
  private double allToAll(double tokens, boolean prompts) {
    double ranks = shard.parallel.expert();
    double inside = Math.min(ranks, shard.domain);
    double domains = ranks / inside;
    double targets = ranks * (1 - Math.pow(1 - 1 / ranks, shard.chosen));
    double away = domains > 1 ? 1 - 1 / domains : 0;
    double near = targets * (prompts ? 1 : 1 - away) * (1 - 1 / inside);
    double far = 0;
    if (away > 0) {
      double nodes = domains * (1 - Math.pow(1 - 1 / domains, shard.chosen));
      far = (prompts ? Math.min(factors.targetNodes, nodes) : shard.chosen) * away;
    }
    double bytes = shard.expertLayers * tokens * shard.roundTripBytes();
    double time =
        Math.max(near > 0 ? bytes * near / shard.linkRate : 0, bytes * far / shard.networkRate);
    double start =
        2 * (factors.allToAllSeconds + (away > 0 ? factors.networkSeconds : 0)); // there, back
    int i = ALL_TO_ALL;
    networkBytes[i] = bytes * (near + far);
    seconds[i] = time / shard.maturity;
    return shard.expertLayers * start;
  }

  /** Half of the sequences is computed while the others' tokens travel, as far as that goes. */
  private void sum(double drafts) {
    double work = 0;
    for (int i = 0; i < NAMES.size(); i++) {
      seconds[i] *= 1 + drafts;
      if (bounds[i] == Bound.COMPUTE || bounds[i] == Bound.MEMORY) {
        work += seconds[i];
      }
    }
    // Only an exchange among many chips is worth halves of a batch that take turns.
    if (seconds[ALL_TO_ALL] > 0 && shard.parallel.expert() > FEW) {
      double sent = seconds[ALL_TO_ALL];
      seconds[ALL_TO_ALL] = Math.max(work, sent) + factors.exposed * Math.min(work, sent) - work;
    }
    total = 0;
    for (double each : seconds) {
      total += each;
    }
    double host = shard.layers * shard.launches * factors.launchSeconds;
    if (host > 0) { // the host runs ahead of the chip as far as it can
      double both = Math.max(host, total) + factors.exposed * Math.min(host, total);
      seconds[FIXED] += both - total;
      total = both;
    }
    if (shard.parallel.pipeline() > 1) { // stages wait for each other, as requests differ
      double waiting = total * (1 / factors.pipeline - 1);
      seconds[PIPELINE] += waiting;
      total += waiting;
    }
  }

  /** Seconds of the step. */
  double seconds() {
    return total;
  }

  /** Seconds of it that are spent waiting for something. */
  double seconds(Bound bound) {
    double sum = 0;
    for (int i = 0; i < NAMES.size(); i++) {
      if (bounds[i] == bound) {
        sum += seconds[i];
      }
    }
    return sum;
  }

  /** What most of it is spent on. */
  Bound bound() {
    Bound most = Bound.COMPUTE;
    double longest = -1;
    for (Bound bound : BOUNDS) {
      double here = seconds(bound);
      if (here > longest) {
        longest = here;
        most = bound;
      }
    }
    return most;
  }

  /** Operators that take time. */
  List<OperatorTime> operators() {
    List<OperatorTime> list = new ArrayList<>(NAMES.size());
    for (int i = 0; i < NAMES.size(); i++) {
      if (seconds[i] > 0) {
        list.add(
            new OperatorTime(
                NAMES.get(i), seconds[i], flops[i], memoryBytes[i], networkBytes[i], bounds[i]));
      }
    }
    return list;
  }
}
