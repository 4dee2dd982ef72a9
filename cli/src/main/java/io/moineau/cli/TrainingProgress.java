package io.moineau.cli;

import io.moineau.adapt.TrainingListener;
import io.moineau.adapt.TrainingLog;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a training goes: the bar on a terminal; elsewhere a line now and then. */
final class TrainingProgress implements TrainingListener, AutoCloseable {
  private static final long SECONDS_BETWEEN_LINES = 30;

  private final Streams streams;
  private final String label;
  private final Consumer<String> remarks;
  private volatile boolean stops;
  private @Nullable ProgressBar bar;
  private int firstStep = -1;
  private double firstSeconds;
  private long firstTokens;
  private double lastLine = Double.NEGATIVE_INFINITY;

  /**
   * Nothing is shown yet.
   *
   * @param label of the bar
   * @param remarks prints a line
   */
  TrainingProgress(Streams streams, String label, Consumer<String> remarks) {
    this.streams = streams;
    this.label = label;
    this.remarks = remarks;
  }

  /** Asks to stop before the next step. */
  void stop() {
    stops = true;
  }

  @Override
  public boolean stops() {
    return stops;
  }

  @Override
  public void preparing(String what, long done, long total) {
    if (streams.errTerminal()) {
      close();
      ProgressBar now = new ProgressBar(streams, what, total);
      bar = now;
      now.update(done, "");
    }
  }

  @Override
  public void remark(String line) {
    close();
    remarks.accept(line);
  }

  @Override
  public void step(TrainingLog.Row row, int steps) {
    if (firstStep < 0) {
      // The first step is left out of the speed: it waits for the compiler.
      close();
      firstStep = row.step();
      firstSeconds = row.seconds();
      firstTokens = row.tokens();
    }
    String line = line(row, steps);
    if (streams.errTerminal()) {
      ProgressBar now = bar;
      if (now == null) {
        now = new ProgressBar(streams, label, steps);
        bar = now;
      }
      now.update(row.step(), line);
    } else if (row.seconds() - lastLine >= SECONDS_BETWEEN_LINES
        || row.step() == steps
        || !Double.isNaN(row.validationLoss())) {
      lastLine = row.seconds();
      remarks.accept("step " + row.step() + "/" + steps + ", " + line);
    }
  }

  private String line(TrainingLog.Row row, int steps) {
    StringBuilder line = new StringBuilder("loss ").append(Figures.decimal(row.loss(), 3));
    double seconds = row.seconds() - firstSeconds;
    if (row.step() > firstStep && seconds > 0) {
      double perSecond = (row.tokens() - firstTokens) / seconds;
      line.append(String.format(Locale.ROOT, ", %.0f tokens/s", perSecond));
      if (!streams.errTerminal()) {
        double perStep = seconds / (row.step() - firstStep);
        line.append(", ").append(Figures.duration(perStep * (steps - row.step())));
        line.append(" left");
      }
    }
    if (!Double.isNaN(row.validationLoss())) {
      line.append(
          String.format(
              Locale.ROOT,
              "; validation: perplexity %.2f, %.3f bits per byte",
              Math.exp(row.validationLoss()),
              row.bitsPerByte()));
    }
    return line.toString();
  }

  @Override
  public void sample(int step, String text) {
    close();
    remarks.accept("sample after step " + step + ": " + SafeText.ofLine(text));
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
