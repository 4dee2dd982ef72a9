package io.moineau.plan.capacity;

import java.util.function.DoubleUnaryOperator;

/**
 * The best that a row's chips could do where it tells neither layout nor batch: who publishes a
 * figure has tried several. Chips share each matrix, or have sequences of their own and spread the
 * experts; copies of the model may be on parts of the chips.
 */
final class ReplaySearch {
  private static final int HALVINGS = 24;
  private static final double LEAST = 0.02; // sequences of a chip that a search begins with
  private static final int MOST_TENSOR = 16;
  private static final double CHUNK = 8192; // tokens of prompts for each chip between steps

  private final Replay.Row row;
  private final Factors own;
  private final Factors beside;
  private final Question question;

  ReplaySearch(Replay.Row row, Factors own, Factors beside) {
    this.row = row;
    this.own = own;
    this.beside = beside;
    question = Replay.question(row);
  }

  /** Tokens of a chip in a second, of the kind that the row counts. */
  double rate() {
    double best = 0;
    boolean all = row.measurement.setup().layout().startsWith("TP");
    for (int chips = all ? row.chips : 1; chips <= row.chips; chips *= 2) {
      int part = 2 * chips > row.chips ? row.chips : chips;
      if (row.chips % part == 0) {
        boolean divides = row.model.attention().numAttentionHeads() % part == 0;
        if (part <= Math.min(MOST_TENSOR, row.device.domain()) && divides) {
          best = Math.max(best, rate(new Parallel(part, 1, 1, 1)));
        }
        if (row.model.experts().isPresent() && part > 1) {
          best = Math.max(best, rate(new Parallel(1, 1, part, part)));
        }
      }
    }
    if (row.apart) {
      best *= own.apart;
    }
    boolean both = row.measurement.result().counted() == Measurement.Counted.BOTH;
    return both ? best * (row.input + row.output) / row.output : best;
  }

  private boolean scenario() {
    Measurement.Phase phase = row.measurement.load().phase();
    return phase == Measurement.Phase.SERVER || phase == Measurement.Phase.INTERACTIVE;
  }

  /** Output tokens of a chip in a second. */
  private double rate(Parallel parallel) {
    Shard shard = new Shard(question, parallel, own, row.beside, beside);
    double most = Math.min(room(row, shard, own, row.decodeContext), usual(parallel));
    Measurement.Load load = row.measurement.load();
    if (load.batch().isPresent()) {
      boolean each = load.unit() == Measurement.BatchUnit.REQUESTS_PER_CHIP;
      double groups = (double) row.chips / parallel.tensor();
      double batch = load.batch().getAsDouble();
      most = Math.min(most, each ? batch * parallel.tensor() : batch / groups);
    } else if (most < 1) {
      return 0;
    }
    if (most <= 0) {
      return 0;
    }
    double tokens = CHUNK * parallel.tensor();
    double prompt =
        Step.prefill(shard, own, tokens, row.input / 2, Math.max(1, tokens / row.input)).seconds()
            / tokens;
    double prompts = row.input / row.output * prompt; // for each token that is generated
    double sequences = most;
    if (row.limit.isPresent()) {
      double limit = row.limit.getAsDouble() * (row.nearlyAll ? own.tail : 1);
      DoubleUnaryOperator time =
          each -> Replay.seconds(row, shard, own, each) + (row.apart ? 0 : each * prompts);
      sequences = largest(time, limit, most);
    }
    double best = generated(shard, sequences, prompts);
    if (row.rules.isPresent() && scenario()) {
      // What keeps the time per token leaves the queue shorter, so that the two do not add up.
      double share = row.rules.get().share(row.measurement.load().phase(), row.input * prompt);
      best = Math.min(best * own.arrivals, share * generated(shard, most, prompts));
    }
    return best / parallel.tensor();
  }

  /** Output tokens of a group in a second; a run that ends with long answers may do with fewer. */
  private double generated(Shard shard, double sequences, double prompts) {
    double best = 0;
    for (double each = sequences; each > sequences / 10; each /= 2) {
      double time = Replay.seconds(row, shard, own, each);
      double filled = row.rules.map(rules -> rules.filled(time)).orElse(1.0) * own.filled;
      best = Math.max(best, 1 / (time / each / filled + prompts));
    }
    boolean groups = shard.parallel.expert() > shard.parallel.tensor();
    return groups && !row.apart ? best * own.lockstep : best;
  }

  private double usual(Parallel parallel) {
    return own.sequences * parallel.tensor() * (row.model.experts().isPresent() ? 1 : 2);
  }

  /** Sequences of a group that its memory has room for. */
  static double room(Replay.Row row, Shard shard, Factors own, double context) {
    double memory = row.device.memoryBytes() * (1 - own.reserve);
    double others = shard.weights() + shard.activations(CHUNK, 1, own);
    return (memory - others) / shard.kvBytes(context);
  }

  /** The most sequences of a group that keep a time; few, if none do. */
  static double largest(DoubleUnaryOperator time, double limit, double most) {
    if (time.applyAsDouble(most) <= limit) {
      return most;
    }
    double low = Math.log(LEAST);
    double high = Math.log(Math.max(most, LEAST));
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (time.applyAsDouble(Math.exp(middle)) <= limit) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return Math.exp(low);
  }
}
