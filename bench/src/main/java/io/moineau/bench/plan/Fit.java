package io.moineau.bench.plan;

import io.moineau.plan.capacity.Calibration;
import io.moineau.plan.capacity.Replay;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Fits the factors of a calibration to rows: least squares of logarithms of estimate over
 * measurement (Levenberg and Marquardt), each held to its {@link Prior}. Errors beyond {@link
 * #USUAL} weigh less (Charbonnier), so that a row which no factor explains does not bend the rest;
 * rows of a source that has many weigh less each.
 */
final class Fit {
  private static final double USUAL = 0.2;
  private static final double CLIP = 1.5;
  private static final double PRIOR_WEIGHT =
      0.35; // the error of a row that a prior is held against
  private static final double SOURCE_POWER = 0.25;
  private static final double STEP = 1e-3;
  private static final double MOST_STEP = 0.5;
  private static final int ROUNDS = 25;

  private final Replay replay;
  private final Calibration base;
  private final List<Replay.Row> rows;
  private final double[] weights;
  private final double[] logs; // of what was measured

  Fit(Replay replay, Calibration base, List<Replay.Row> rows) {
    this.replay = replay;
    this.base = base;
    this.rows = rows;
    Map<String, Integer> counts = new HashMap<>();
    rows.forEach(row -> counts.merge(source(row), 1, Integer::sum));
    weights =
        rows.stream().mapToDouble(row -> weight(counts.getOrDefault(source(row), 1))).toArray();
    logs = rows.stream().mapToDouble(row -> Math.log(measured(row))).toArray();
  }

  private static double weight(int rowsOfSource) {
    return Math.pow(rowsOfSource, -SOURCE_POWER);
  }

  static String source(Replay.Row row) {
    return row.measurement().sources().getFirst().id();
  }

  static double measured(Replay.Row row) {
    return Replay.measured(row.measurement()).orElseThrow();
  }

  static double[] start() {
    return Prior.ALL.stream().mapToDouble(prior -> Math.log(prior.value())).toArray();
  }

  Calibration calibration(double[] factors) {
    Calibration all = base;
    for (int i = 0; i < factors.length; i++) {
      all = all.with(Prior.ALL.get(i).name(), Math.exp(factors[i]));
    }
    return all;
  }

  private double[] residuals(double[] factors) {
    Calibration calibration = calibration(factors);
    double[] all = new double[rows.size() + factors.length];
    for (int i = 0; i < rows.size(); i++) {
      double estimate = Math.max(replay.estimated(rows.get(i), calibration), 1e-12);
      all[i] = weights[i] * Math.clamp(Math.log(estimate) - logs[i], -CLIP, CLIP);
    }
    for (int i = 0; i < factors.length; i++) {
      Prior prior = Prior.ALL.get(i);
      double off = (factors[i] - Math.log(prior.value())) / prior.deviation();
      all[rows.size() + i] = PRIOR_WEIGHT * off;
    }
    return all;
  }

  private double cost(double[] residuals) {
    double sum = 0;
    for (int i = 0; i < residuals.length; i++) {
      double square = residuals[i] * residuals[i];
      double unit = USUAL * USUAL;
      sum += i < rows.size() ? 2 * unit * (Math.sqrt(1 + square / unit) - 1) : square;
    }
    return sum;
  }

  /** Logarithms of the factors that explain the rows best. */
  double[] run(double[] start) {
    double[] best = start.clone();
    double[] residuals = residuals(best);
    double cost = cost(residuals);
    double damping = 0.01;
    for (int round = 0; round < ROUNDS; round++) {
      double[][] normal = new double[best.length][best.length];
      double[] slope = new double[best.length];
      normal(best, residuals, normal, slope);
      double before = cost;
      boolean better = false;
      for (int attempt = 0; attempt < 6 && !better; attempt++) {
        double[] next = step(best, normal, slope, damping);
        double[] there = residuals(next);
        double price = cost(there);
        if (price < cost) {
          best = next;
          residuals = there;
          cost = price;
          damping /= 5;
          better = true;
        } else {
          damping *= 5;
        }
      }
      if (!better || before - cost < 1e-5 * cost) {
        break;
      }
    }
    return best;
  }

  /** Standard deviations of the factors' logarithms, as far as rows and priors hold them. */
  double[] deviations(double[] at) {
    double[][] normal = new double[at.length][at.length];
    normal(at, residuals(at), normal, new double[at.length]);
    double[] deviations = new double[at.length];
    for (int j = 0; j < at.length; j++) {
      double[][] copy = new double[at.length][];
      for (int k = 0; k < at.length; k++) {
        copy[k] = normal[k].clone();
      }
      double[] unit = new double[at.length];
      unit[j] = 1;
      deviations[j] = PRIOR_WEIGHT * Math.sqrt(solve(copy, unit)[j]);
    }
    return deviations;
  }

  private void normal(double[] at, double[] residuals, double[][] normal, double[] slope) {
    double[][] jacobian = new double[at.length][];
    for (int j = 0; j < at.length; j++) {
      double[] moved = at.clone();
      moved[j] += STEP;
      jacobian[j] = residuals(moved);
      for (int i = 0; i < residuals.length; i++) {
        jacobian[j][i] = (jacobian[j][i] - residuals[i]) / STEP;
      }
    }
    for (int i = 0; i < residuals.length; i++) {
      double unit = residuals[i] / USUAL;
      double weight = i < rows.size() ? 1 / Math.sqrt(1 + unit * unit) : 1;
      for (int j = 0; j < at.length; j++) {
        slope[j] -= weight * jacobian[j][i] * residuals[i];
        for (int k = 0; k < at.length; k++) {
          normal[j][k] += weight * jacobian[j][i] * jacobian[k][i];
        }
      }
    }
  }

  private static double[] step(double[] at, double[][] normal, double[] slope, double damping) {
    double[][] damped = new double[at.length][];
    for (int j = 0; j < at.length; j++) {
      damped[j] = normal[j].clone();
      damped[j][j] += damping * (1e-3 + normal[j][j]);
    }
    double[] move = solve(damped, slope.clone());
    double[] next = at.clone();
    for (int j = 0; j < at.length; j++) {
      next[j] += Math.clamp(move[j], -MOST_STEP, MOST_STEP);
    }
    return next;
  }

  /** A symmetric positive system, by Cholesky's factors in place. */
  private static double[] solve(double[][] matrix, double[] right) {
    int size = right.length;
    for (int j = 0; j < size; j++) {
      for (int i = j; i < size; i++) {
        double sum = matrix[i][j];
        for (int k = 0; k < j; k++) {
          sum -= matrix[i][k] * matrix[j][k];
        }
        matrix[i][j] = i == j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / matrix[j][j];
      }
    }
    for (int i = 0; i < size; i++) {
      for (int k = 0; k < i; k++) {
        right[i] -= matrix[i][k] * right[k];
      }
      right[i] /= matrix[i][i];
    }
    for (int i = size - 1; i >= 0; i--) {
      for (int k = i + 1; k < size; k++) {
        right[i] -= matrix[k][i] * right[k];
      }
      right[i] /= matrix[i][i];
    }
    return right;
  }
}
