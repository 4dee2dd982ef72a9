package io.moineau;

import io.moineau.engine.EngineException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How the next token is chosen from the logits, and when an answer ends.
 *
 * <p>Names, defaults, meaning and order are those of llama.cpp ({@code common_params_sampling} in
 * common.h), so that settings carry over. Start from {@link #defaults()} or {@link #greedy()}.
 *
 * @param temperature 0 takes the most likely token; 1 leaves the model's probabilities
 * @param dynamicTemperatureRange the temperature moves this far both ways with the entropy; 0 for a
 *     fixed one
 * @param dynamicTemperatureExponent how the entropy, from 0 to 1, is bent before it moves the
 *     temperature
 * @param topK keep so many of the most likely; 0 for all
 * @param topP keep the most likely that hold this much of the probability; 1 for all
 * @param minP keep those with at least this share of the highest probability; 0 for all
 * @param typicalP keep the locally typical ones that hold this much; 1 for all
 * @param topNSigma keep logits within so many standard deviations of the highest; 0 or less for all
 * @param repeatPenalty divides the logits of tokens seen lately; 1 for none
 * @param repeatLastN how many of the last tokens the penalties see, prompt included; 0 for none, -1
 *     for the whole context
 * @param frequencyPenalty taken from a logit for each time its token was seen
 * @param presencePenalty taken from a logit once if its token was seen
 * @param dry penalty on continuing a repetition
 * @param xtc exclusion of top choices
 * @param mirostat holds the surprise at a target; replaces the samplers that cut
 * @param seed makes the choice repeatable; empty for a new one, which {@link Answer#seed()} tells
 * @param maxTokens most tokens to generate; -1 for as many as the context holds
 * @param stop texts that end the answer and are not part of it
 * @param stopTokens tokens that end the answer, beside the model's own
 * @param logitBias added to the logits of these tokens; {@code Double.NEGATIVE_INFINITY} forbids
 *     one
 * @param logprobs how many of the most likely tokens to tell at each step; 0 for the chosen one
 *     only, -1 for nothing
 * @param order the samplers to apply, in this order
 * @param ignoreEos whether the tokens that end a turn are forbidden
 * @param minKeep fewest tokens that top-p, min-p, typical and XTC leave
 */
public record Sampling(
    double temperature,
    double dynamicTemperatureRange,
    double dynamicTemperatureExponent,
    int topK,
    double topP,
    double minP,
    double typicalP,
    double topNSigma,
    double repeatPenalty,
    int repeatLastN,
    double frequencyPenalty,
    double presencePenalty,
    Dry dry,
    Xtc xtc,
    Mirostat mirostat,
    OptionalLong seed,
    int maxTokens,
    List<String> stop,
    List<Integer> stopTokens,
    Map<Integer, Double> logitBias,
    int logprobs,
    List<SamplerKind> order,
    boolean ignoreEos,
    int minKeep) {
  /** Penalties, DRY, top-n-sigma, top-k, typical, top-p, min-p, XTC, temperature. */
  public static final List<SamplerKind> DEFAULT_ORDER = List.of(SamplerKind.values());

  private static final Sampling DEFAULTS =
      new Sampling(
          0.8,
          0,
          1,
          40,
          0.95,
          0.05,
          1,
          -1,
          1,
          64,
          0,
          0,
          Dry.off(),
          Xtc.off(),
          Mirostat.off(),
          OptionalLong.empty(),
          -1,
          List.of(),
          List.of(),
          Map.of(),
          -1,
          DEFAULT_ORDER,
          false,
          0);

  /**
   * Do not repeat yourself (p-e-w, text-generation-webui pull request 5677).
   *
   * @param multiplier strength of the penalty; 0 for none
   * @param base the penalty grows by this factor with each token that a repetition is longer
   * @param allowedLength repetitions up to this length are free
   * @param penaltyLastN how many of the last tokens are searched; 0 for none, -1 for the context
   * @param sequenceBreakers texts across which no repetition is seen
   */
  public record Dry(
      double multiplier,
      double base,
      int allowedLength,
      int penaltyLastN,
      List<String> sequenceBreakers) {
    /** Copies the list and checks the values. */
    public Dry {
      sequenceBreakers = List.copyOf(sequenceBreakers);
      check(multiplier >= 0 && multiplier < 1e6, "dry.multiplier", multiplier, "0 (off) or more");
      check(base >= 0 && base < 1e6, "dry.base", base, "0 or more; below 1 turns DRY off");
      check(allowedLength >= 0, "dry.allowedLength", allowedLength, "0 or more");
      check(penaltyLastN >= -1, "dry.penaltyLastN", penaltyLastN, "-1 (context), 0 (off) or more");
    }

    /** No penalty; the other values are llama.cpp's defaults. */
    public static Dry off() {
      return new Dry(0, 1.75, 2, -1, List.of("\n", ":", "\"", "*"));
    }

    /** The default values with this strength. */
    public static Dry of(double multiplier) {
      Dry off = off();
      return new Dry(
          multiplier, off.base, off.allowedLength, off.penaltyLastN, off.sequenceBreakers);
    }
  }

  /**
   * Exclude top choices (p-e-w, text-generation-webui pull request 6335).
   *
   * @param probability how often it acts; 0 for never
   * @param threshold tokens at least as likely are dropped but the least likely of them; more than
   *     0.5 for never
   */
  public record Xtc(double probability, double threshold) {
    /** Checks the values. */
    public Xtc {
      check(probability >= 0 && probability <= 1, "xtc.probability", probability, "0 to 1");
      check(threshold >= 0 && threshold <= 1, "xtc.threshold", threshold, "0 to 1");
    }

    /** Never; the threshold is llama.cpp's default. */
    public static Xtc off() {
      return new Xtc(0, 0.1);
    }
  }

  /**
   * Mirostat (arXiv 2007.14966).
   *
   * @param version 0 for off, 1 or 2
   * @param tau target of the surprise per token, in bits
   * @param eta how fast it is learned
   */
  public record Mirostat(int version, double tau, double eta) {
    /** Checks the values. */
    public Mirostat {
      check(version >= 0 && version <= 2, "mirostat.version", version, "0 (off), 1, 2");
      check(tau >= 0 && tau < 1e6, "mirostat.tau", tau, "0 or more");
      check(eta >= 0 && eta <= 1e6, "mirostat.eta", eta, "0 or more");
    }

    /** Off; target 5 and rate 0.1 as llama.cpp has them. */
    public static Mirostat off() {
      return new Mirostat(0, 5, 0.1);
    }
  }

  /**
   * Copies the collections and checks the values.
   *
   * @throws EngineException {@code sampling-out-of-range} with the value and the range
   */
  public Sampling {
    stop = List.copyOf(stop);
    stopTokens = List.copyOf(stopTokens);
    logitBias = Map.copyOf(logitBias);
    order = List.copyOf(order);
    check(temperature >= 0 && temperature <= 1e6, "temperature", temperature, "0 or more");
    check(
        dynamicTemperatureRange >= 0 && dynamicTemperatureRange <= 1e6,
        "dynamicTemperatureRange",
        dynamicTemperatureRange,
        "0 (fixed temperature) or more");
    check(
        dynamicTemperatureExponent >= 0 && dynamicTemperatureExponent <= 1e6,
        "dynamicTemperatureExponent",
        dynamicTemperatureExponent,
        "0 or more");
    check(topK >= 0, "topK", topK, "0 (all) or more");
    check(topP >= 0 && topP <= 1, "topP", topP, "0 to 1 (all)");
    check(minP >= 0 && minP <= 1, "minP", minP, "0 (all) to 1");
    check(typicalP >= 0 && typicalP <= 1, "typicalP", typicalP, "0 to 1 (all)");
    check(topNSigma >= -1 && topNSigma <= 1e6, "topNSigma", topNSigma, "-1 or 0 (all), or more");
    check(
        repeatPenalty > 0 && repeatPenalty <= 1e6,
        "repeatPenalty",
        repeatPenalty,
        "above 0; 1 for none");
    check(repeatLastN >= -1, "repeatLastN", repeatLastN, "-1 (context), 0 (off) or more");
    check(Math.abs(frequencyPenalty) <= 1e6, "frequencyPenalty", frequencyPenalty, "a number");
    check(Math.abs(presencePenalty) <= 1e6, "presencePenalty", presencePenalty, "a number");
    check(maxTokens >= -1, "maxTokens", maxTokens, "-1 (context), 0 or more");
    check(stop.size() <= 64, "stop", stop.size() + " texts", "at most 64");
    for (String text : stop) {
      check(!text.isEmpty(), "stop", "an empty text", "texts of one character or more");
    }
    for (Double bias : logitBias.values()) {
      check(
          !bias.isNaN() && bias != Double.POSITIVE_INFINITY,
          "logitBias",
          bias,
          "numbers and negative infinity");
    }
    check(logprobs >= -1 && logprobs <= 1000, "logprobs", logprobs, "-1 (off) to 1000");
    check(minKeep >= 0, "minKeep", minKeep, "0 or more");
  }

  private static void check(boolean right, String name, Object value, String allowed) {
    if (!right) {
      throw new EngineException(
          "sampling-out-of-range",
          "a sampling option is out of range",
          name + "=" + value,
          allowed,
          "correct it");
    }
  }

  /** What llama.cpp does unless told otherwise. */
  public static Sampling defaults() {
    return DEFAULTS;
  }

  /** Always the most likely token. */
  public static Sampling greedy() {
    return DEFAULTS.withTemperature(0);
  }

  /** Whether the most likely token is always taken, so that nothing is random. */
  public boolean isGreedy() {
    return temperature == 0
        && dynamicTemperatureRange == 0
        && mirostat.version() == 0
        && !xtcActs();
  }

  private boolean xtcActs() {
    return xtc.probability() > 0 && xtc.threshold() <= 0.5 && order.contains(SamplerKind.XTC);
  }

  /** The same with another {@code temperature}. */
  public Sampling withTemperature(double value) {
    Draft draft = new Draft(this);
    draft.temperature = value;
    return draft.seal();
  }

  /** The same with another {@code dynamicTemperatureRange}. */
  public Sampling withDynamicTemperatureRange(double value) {
    Draft draft = new Draft(this);
    draft.dynamicTemperatureRange = value;
    return draft.seal();
  }

  /** The same with another {@code dynamicTemperatureExponent}. */
  public Sampling withDynamicTemperatureExponent(double value) {
    Draft draft = new Draft(this);
    draft.dynamicTemperatureExponent = value;
    return draft.seal();
  }

  /** The same with another {@code topK}. */
  public Sampling withTopK(int value) {
    Draft draft = new Draft(this);
    draft.topK = value;
    return draft.seal();
  }

  /** The same with another {@code topP}. */
  public Sampling withTopP(double value) {
    Draft draft = new Draft(this);
    draft.topP = value;
    return draft.seal();
  }

  /** The same with another {@code minP}. */
  public Sampling withMinP(double value) {
    Draft draft = new Draft(this);
    draft.minP = value;
    return draft.seal();
  }

  /** The same with another {@code typicalP}. */
  public Sampling withTypicalP(double value) {
    Draft draft = new Draft(this);
    draft.typicalP = value;
    return draft.seal();
  }

  /** The same with another {@code topNSigma}. */
  public Sampling withTopNSigma(double value) {
    Draft draft = new Draft(this);
    draft.topNSigma = value;
    return draft.seal();
  }

  /** The same with another {@code repeatPenalty}. */
  public Sampling withRepeatPenalty(double value) {
    Draft draft = new Draft(this);
    draft.repeatPenalty = value;
    return draft.seal();
  }

  /** The same with another {@code repeatLastN}. */
  public Sampling withRepeatLastN(int value) {
    Draft draft = new Draft(this);
    draft.repeatLastN = value;
    return draft.seal();
  }

  /** The same with another {@code frequencyPenalty}. */
  public Sampling withFrequencyPenalty(double value) {
    Draft draft = new Draft(this);
    draft.frequencyPenalty = value;
    return draft.seal();
  }

  /** The same with another {@code presencePenalty}. */
  public Sampling withPresencePenalty(double value) {
    Draft draft = new Draft(this);
    draft.presencePenalty = value;
    return draft.seal();
  }

  /** The same with another {@code dry}. */
  public Sampling withDry(Dry value) {
    Draft draft = new Draft(this);
    draft.dry = value;
    return draft.seal();
  }

  /** The same with another {@code xtc}. */
  public Sampling withXtc(Xtc value) {
    Draft draft = new Draft(this);
    draft.xtc = value;
    return draft.seal();
  }

  /** The same with another {@code mirostat}. */
  public Sampling withMirostat(Mirostat value) {
    Draft draft = new Draft(this);
    draft.mirostat = value;
    return draft.seal();
  }

  /** The same with a seed. */
  public Sampling withSeed(long value) {
    Draft draft = new Draft(this);
    draft.seed = OptionalLong.of(value);
    return draft.seal();
  }

  /** The same with another {@code maxTokens}. */
  public Sampling withMaxTokens(int value) {
    Draft draft = new Draft(this);
    draft.maxTokens = value;
    return draft.seal();
  }

  /** The same with another {@code stop}. */
  public Sampling withStop(List<String> value) {
    Draft draft = new Draft(this);
    draft.stop = value;
    return draft.seal();
  }

  /** The same with another {@code stopTokens}. */
  public Sampling withStopTokens(List<Integer> value) {
    Draft draft = new Draft(this);
    draft.stopTokens = value;
    return draft.seal();
  }

  /** The same with another {@code logitBias}. */
  public Sampling withLogitBias(Map<Integer, Double> value) {
    Draft draft = new Draft(this);
    draft.logitBias = value;
    return draft.seal();
  }

  /** The same with another {@code logprobs}. */
  public Sampling withLogprobs(int value) {
    Draft draft = new Draft(this);
    draft.logprobs = value;
    return draft.seal();
  }

  /** The same with another {@code order}. */
  public Sampling withOrder(List<SamplerKind> value) {
    Draft draft = new Draft(this);
    draft.order = value;
    return draft.seal();
  }

  /** The same with another {@code ignoreEos}. */
  public Sampling withIgnoreEos(boolean value) {
    Draft draft = new Draft(this);
    draft.ignoreEos = value;
    return draft.seal();
  }

  /** The same with another {@code minKeep}. */
  public Sampling withMinKeep(int value) {
    Draft draft = new Draft(this);
    draft.minKeep = value;
    return draft.seal();
  }

  /** The components, open to change. */
  private static final class Draft {
    double temperature;
    double dynamicTemperatureRange;
    double dynamicTemperatureExponent;
    int topK;
    double topP;
    double minP;
    double typicalP;
    double topNSigma;
    double repeatPenalty;
    int repeatLastN;
    double frequencyPenalty;
    double presencePenalty;
    Dry dry;
    Xtc xtc;
    Mirostat mirostat;
    OptionalLong seed;
    int maxTokens;
    List<String> stop;
    List<Integer> stopTokens;
    Map<Integer, Double> logitBias;
    int logprobs;
    List<SamplerKind> order;
    boolean ignoreEos;
    int minKeep;

    Draft(Sampling from) {
      temperature = from.temperature;
      dynamicTemperatureRange = from.dynamicTemperatureRange;
      dynamicTemperatureExponent = from.dynamicTemperatureExponent;
      topK = from.topK;
      topP = from.topP;
      minP = from.minP;
      typicalP = from.typicalP;
      topNSigma = from.topNSigma;
      repeatPenalty = from.repeatPenalty;
      repeatLastN = from.repeatLastN;
      frequencyPenalty = from.frequencyPenalty;
      presencePenalty = from.presencePenalty;
      dry = from.dry;
      xtc = from.xtc;
      mirostat = from.mirostat;
      seed = from.seed;
      maxTokens = from.maxTokens;
      stop = from.stop;
      stopTokens = from.stopTokens;
      logitBias = from.logitBias;
      logprobs = from.logprobs;
      order = from.order;
      ignoreEos = from.ignoreEos;
      minKeep = from.minKeep;
    }

    Sampling seal() {
      return new Sampling(
          temperature,
          dynamicTemperatureRange,
          dynamicTemperatureExponent,
          topK,
          topP,
          minP,
          typicalP,
          topNSigma,
          repeatPenalty,
          repeatLastN,
          frequencyPenalty,
          presencePenalty,
          dry,
          xtc,
          mirostat,
          seed,
          maxTokens,
          stop,
          stopTokens,
          logitBias,
          logprobs,
          order,
          ignoreEos,
          minKeep);
    }
  }
}
