package io.moineau.engine.sampling;

/**
 * Divides logits by the temperature, which may move with the entropy of the candidates: {@code t =
 * min + (max - min) * (entropy / log(size))^exponent} (llama.cpp's dynamic temperature).
 */
final class TemperatureSampler implements Sampler {
  private final float temperature;
  private final float range;
  private final float exponent;

  TemperatureSampler(double temperature, double range, double exponent) {
    this.temperature = (float) temperature;
    this.range = (float) range;
    this.exponent = (float) exponent;
  }

  @Override
  public void apply(Candidates candidates) {
    float t = temperature;
    if (range > 0) {
      if (candidates.size() <= 1) {
        return;
      }
      t = dynamic(candidates);
    }
    if (t <= 0) {
      candidates.keepTop(1);
    } else if (t != 1) {
      candidates.scale(1 / t);
    }
  }

  private float dynamic(Candidates candidates) {
    candidates.softmax();
    double entropy = 0;
    for (int i = 0; i < candidates.size(); i++) {
      double prob = candidates.prob(i);
      if (prob > 0) {
        entropy -= prob * Math.log(prob);
      }
    }
    float least = Math.max(0, temperature - range);
    double bent = Math.pow(entropy / Math.log(candidates.size()), exponent);
    return (float) (least + (temperature + range - least) * bent);
  }
}
