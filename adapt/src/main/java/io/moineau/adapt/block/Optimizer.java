package io.moineau.adapt.block;

import java.util.ArrayList;
import java.util.List;

/**
 * AdamW (arXiv 1711.05101) with clipping by the norm of all gradients, and Muon for matrices where
 * that is asked for.
 *
 * <p>Sums go by pieces of a fixed size, so that a step is the same for any number of threads.
 */
public final class Optimizer {
  /**
   * What a step does.
   *
   * @param beta1 share of the old first moment
   * @param beta2 share of the old second moment
   * @param epsilon added to the root of the second moment
   * @param weightDecay of matrices and tables, times the rate
   * @param clip highest norm of all gradients
   * @param muon whether matrices are moved by {@link Muon}
   */
  public record Settings(
      float beta1, float beta2, float epsilon, float weightDecay, float clip, boolean muon) {
    /** The usual values for language models. */
    public static Settings adamW() {
      return new Settings(0.9f, 0.95f, 1e-8f, 0.1f, 1, false);
    }

    /** The same, with Muon for matrices. */
    public static Settings withMuon() {
      return new Settings(0.9f, 0.95f, 1e-8f, 0.1f, 1, true);
    }
  }

  private static final int PIECE = 1 << 14;

  private final Workers workers;
  private final Parameters parameters;
  private final Settings settings;
  private final Muon muon;
  private final float[] first;
  private final float[] second;
  private final int[] pieces; // [from, to, whether it decays]
  private long steps;

  /** An optimiser that has done no step yet; {@code parameters} must be allocated. */
  public Optimizer(Workers workers, Parameters parameters, Settings settings) {
    this.workers = workers;
    this.parameters = parameters;
    this.settings = settings;
    first = new float[parameters.size()];
    second = new float[parameters.size()];
    List<Parameter> matrices = new ArrayList<>();
    List<Integer> list = new ArrayList<>();
    for (Parameter parameter : parameters.list()) {
      if (settings.muon() && parameter.kind() == Parameter.Kind.MATRIX) {
        matrices.add(parameter);
      } else if (parameter.kind() != Parameter.Kind.BALANCE) {
        int end = parameter.offset() + parameter.size();
        for (int from = parameter.offset(); from < end; from += PIECE) {
          list.add(from);
          list.add(Math.min(end, from + PIECE));
          list.add(parameter.kind() == Parameter.Kind.GAIN ? 0 : 1);
        }
      }
    }
    pieces = list.stream().mapToInt(Integer::intValue).toArray();
    muon = new Muon(workers, parameters, matrices, first, settings.weightDecay());
  }

  /** Bytes of state for so many parameters. */
  public static long stateBytes(Parameters parameters) {
    return 8L * parameters.size();
  }

  /** First moments, for checkpoints. */
  public float[] first() {
    return first;
  }

  /** Second moments, for checkpoints. */
  public float[] second() {
    return second;
  }

  /** Steps done. */
  public long steps() {
    return steps;
  }

  /** Sets the number of steps done, from a checkpoint. */
  public void resumeAt(long done) {
    steps = done;
  }

  /**
   * Moves the weights by one step and sets all gradients to zero.
   *
   * @return the norm of the gradients before clipping
   */
  public double step(double rate) {
    double norm = norm();
    float scale = norm > settings.clip() ? (float) (settings.clip() / norm) : 1;
    steps++;
    double correction1 = 1 - Math.pow(settings.beta1(), steps);
    double correction2 = Math.sqrt(1 - Math.pow(settings.beta2(), steps));
    float step = (float) (rate * correction2 / correction1);
    float epsilon = (float) (settings.epsilon() * correction2);
    float keep = (float) (1 - rate * settings.weightDecay());
    workers.pieces(
        pieces.length / 3,
        (piece, thread) -> {
          int from = pieces[3 * piece];
          Workers.LOOPS.adam(
              parameters.values(),
              parameters.gradients(),
              first,
              second,
              from,
              pieces[3 * piece + 1] - from,
              scale,
              settings.beta1(),
              settings.beta2(),
              step,
              epsilon,
              pieces[3 * piece + 2] == 1 ? keep : 1);
        });
    muon.step(rate, scale);
    java.util.Arrays.fill(parameters.gradients(), 0);
    return norm;
  }

  private double norm() {
    float[] gradients = parameters.gradients();
    double[] sums = new double[Workers.pieces(gradients.length, PIECE)];
    workers.ranges(
        gradients.length,
        PIECE,
        (from, to, piece) -> {
          double sum = 0;
          for (int at = from; at < to; at += 256) {
            int n = Math.min(256, to - at);
            sum += Workers.LOOPS.dot(gradients, at, gradients, at, n);
          }
          sums[piece] = sum;
        });
    double sum = 0;
    for (double piece : sums) {
      sum += piece;
    }
    return Math.sqrt(sum);
  }
}
