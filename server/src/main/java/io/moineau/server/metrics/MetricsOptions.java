package io.moineau.server.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@code /metrics} tells, and to whom.
 *
 * @param open whether anybody may read it where keys are asked for; else only those with a key, and
 *     callers on this machine that do not come through a proxy
 * @param perExpert whether each expert has a series of its own: layers times experts of them
 * @param perKey whether tokens are told by the names of keys
 * @param figures what other parts of the program have to tell
 */
public record MetricsOptions(
    boolean open, boolean perExpert, boolean perKey, List<Figure> figures) {
  /** Copies the list. */
  public MetricsOptions {
    figures = List.copyOf(figures);
  }

  /** Nothing of it. */
  public static MetricsOptions defaults() {
    return new MetricsOptions(false, false, false, List.of());
  }

  /** Telling anybody, or not. */
  public MetricsOptions withOpen(boolean value) {
    return new MetricsOptions(value, perExpert, perKey, figures);
  }

  /** With a series for each expert, or not. */
  public MetricsOptions withPerExpert(boolean value) {
    return new MetricsOptions(open, value, perKey, figures);
  }

  /** With tokens by key, or not. */
  public MetricsOptions withPerKey(boolean value) {
    return new MetricsOptions(open, perExpert, value, figures);
  }

  /** With one more figure. */
  public MetricsOptions withFigure(Figure figure) {
    List<Figure> all = new ArrayList<>(figures);
    all.add(figure);
    return new MetricsOptions(open, perExpert, perKey, all);
  }
}
