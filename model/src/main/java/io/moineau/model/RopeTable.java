package io.moineau.model;

import io.moineau.tensor.FloatMatrix;

/**
 * Cosine and sine for positions: what a {@link RopeConfig} comes to.
 *
 * <p>YaRN (arXiv 2309.00071, section 3.2) blends a stretched and a plain angle per frequency, by
 * how often it turns over the original context, and multiplies both by a factor for the attention's
 * temperature. Formulas as in ggml's rope (llama.cpp v0.5.0), in floats where it uses floats.
 */
public final class RopeTable {
  private final int half;
  private final float[] angle; // [half]: radians per position, stretched
  private final float[] plainAngle; // [half]: not stretched
  private final float[] blend; // [half]: share of the plain angle
  private final float magnitude;

  /** {@code factors} divide the frequencies ({@code rope_freqs.weight}); empty for none. */
  public RopeTable(RopeConfig config, float[] factors) {
    half = config.dim() / 2;
    angle = new float[half];
    plainAngle = new float[half];
    blend = new float[half];
    float step = (float) Math.pow(config.theta(), -2.0 / config.dim());
    double frequency = 1;
    double low = border(config, config.betaFast(), true);
    double high = border(config, config.betaSlow(), false);
    for (int i = 0; i < half; i++) {
      plainAngle[i] = (float) (factors.length == 0 ? frequency : frequency / factors[i]);
      angle[i] = config.frequencyScale() * plainAngle[i];
      if (config.yarn()) {
        double ramp = (i - low) / Math.max(0.001, high - low);
        blend[i] = (float) (1 - Math.min(1, Math.max(0, ramp)));
      }
      frequency *= step;
    }
    magnitude =
        config.yarn()
            ? (float)
                (config.attentionFactor() * (1 + 0.1 * Math.log(1.0 / config.frequencyScale())))
            : config.attentionFactor();
  }

  private static double border(RopeConfig config, float turns, boolean lower) {
    double dim =
        config.dim()
            * Math.log(config.originalContextLength() / (turns * 2 * Math.PI))
            / (2 * Math.log(config.theta()));
    return lower ? Math.max(0, Math.floor(dim)) : Math.min(config.dim() - 1.0, Math.ceil(dim));
  }

  /** Fills rows 0 to n-1 of {@code cos} and {@code sin}, each {@code [n, dim / 2]}. */
  public void fill(int[] positions, int n, FloatMatrix cos, FloatMatrix sin) {
    for (int t = 0; t < n; t++) {
      for (int i = 0; i < half; i++) {
        double theta =
            positions[t] * ((1.0 - blend[i]) * angle[i] + (double) blend[i] * plainAngle[i]);
        cos.set(t, i, (float) Math.cos(theta) * magnitude);
        sin.set(t, i, (float) Math.sin(theta) * magnitude);
      }
    }
  }
}
