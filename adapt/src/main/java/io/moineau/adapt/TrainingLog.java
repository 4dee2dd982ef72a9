package io.moineau.adapt;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What each step was like, as a table that is kept beside the checkpoint. */
public final class TrainingLog {
  private static final String HEAD =
      "step,tokens,loss,gradient_norm,learning_rate,seconds,load_most,load_least,"
          + "validation_loss,validation_bits_per_byte,mtp_loss,mtp_accepted";
  private static final int COLUMNS_WITHOUT_MTP = 10;

  /**
   * A step.
   *
   * @param step from 1
   * @param tokens tokens read so far
   * @param loss mean over the step's tokens, in nats
   * @param gradientNorm before clipping
   * @param learningRate of the step
   * @param seconds of training so far
   * @param loadMost tokens of the expert with most, by the mean of its layer; highest of all layers
   * @param loadLeast the same of the expert with fewest
   * @param validationLoss in nats per token; NaN where none was computed
   * @param bitsPerByte of the validation text; NaN likewise
   * @param mtpLoss mean over the step's tokens after next, in nats; NaN without multi-token
   *     prediction
   * @param mtpAccepted part of the validation's tokens after next for which the main model's choice
   *     was that of multi-token prediction; NaN where none was computed
   */
  public record Row(
      int step,
      long tokens,
      double loss,
      double gradientNorm,
      double learningRate,
      double seconds,
      double loadMost,
      double loadLeast,
      double validationLoss,
      double bitsPerByte,
      double mtpLoss,
      double mtpAccepted) {}

  private final List<Row> rows = new ArrayList<>();

  TrainingLog() {}

  void add(Row row) {
    rows.add(row);
  }

  /** The steps so far. */
  public List<Row> rows() {
    return List.copyOf(rows);
  }

  String csv() {
    StringBuilder text = new StringBuilder(HEAD).append('\n');
    for (Row row : rows) {
      text.append(row.step()).append(',').append(row.tokens());
      for (double value :
          new double[] {
            row.loss(),
            row.gradientNorm(),
            row.learningRate(),
            row.seconds(),
            row.loadMost(),
            row.loadLeast(),
            row.validationLoss(),
            row.bitsPerByte(),
            row.mtpLoss(),
            row.mtpAccepted()
          }) {
        text.append(',');
        if (!Double.isNaN(value)) {
          text.append(String.format(Locale.ROOT, "%.6g", value));
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** The rows of a table up to a step. */
  static TrainingLog parse(String csv, int lastStep) {
    TrainingLog log = new TrainingLog();
    for (String line : csv.lines().skip(1).toList()) {
      String[] cells = line.split(",", -1);
      // Logs of before multi-token prediction lack its columns.
      double[] v = new double[COLUMNS_WITHOUT_MTP + 2];
      java.util.Arrays.fill(v, Double.NaN);
      for (int i = 0; i < Math.min(v.length, cells.length); i++) {
        v[i] = cells[i].isEmpty() ? Double.NaN : Double.parseDouble(cells[i]);
      }
      if (cells.length >= COLUMNS_WITHOUT_MTP && v[0] <= lastStep) {
        log.add(
            new Row(
                (int) v[0],
                (long) v[1],
                v[2],
                v[3],
                v[4],
                v[5],
                v[6],
                v[7],
                v[8],
                v[9],
                v[10],
                v[11]));
      }
    }
    return log;
  }
}
