package io.moineau.cli;

import io.moineau.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the next token is chosen: llama.cpp's options with its names. */
final class SamplingArguments {
  @Option(
      names = {"-n", "--predict", "--max-tokens"},
      paramLabel = "N",
      description = "Most tokens to generate; -1: until the model ends or the context is full.")
  private @Nullable Integer maxTokens;

  @Option(
      names = {"--temp", "--temperature"},
      paramLabel = "X",
      description = "Temperature; 0: always the most likely token (0.8).")
  private @Nullable Double temperature;

  @Option(names = "--dynatemp-range", paramLabel = "X", description = "Dynamic temperature (0).")
  private @Nullable Double dynamicTemperatureRange;

  @Option(names = "--dynatemp-exp", paramLabel = "X", description = "Its exponent (1).")
  private @Nullable Double dynamicTemperatureExponent;

  @Option(names = "--top-k", paramLabel = "N", description = "Keep the N most likely; 0: all (40).")
  private @Nullable Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "X",
      description = "Keep the most likely that hold X of the probability; 1: all (0.95).")
  private @Nullable Double topP;

  @Option(
      names = "--min-p",
      paramLabel = "X",
      description = "Keep those at least X times as likely as the best; 0: all (0.05).")
  private @Nullable Double minP;

  @Option(
      names = {"--typical", "--typical-p"},
      paramLabel = "X",
      description = "Keep the locally typical ones that hold X; 1: all (1).")
  private @Nullable Double typicalP;

  @Option(
      names = {"--top-nsigma", "--top-n-sigma"},
      paramLabel = "X",
      description = "Keep logits within X standard deviations of the best; -1: all (-1).")
  private @Nullable Double topNSigma;

  @Option(
      names = "--repeat-penalty",
      paramLabel = "X",
      description = "Divide the logits of tokens seen lately; 1: no (1).")
  private @Nullable Double repeatPenalty;

  @Option(
      names = "--repeat-last-n",
      paramLabel = "N",
      description = "How many last tokens the penalties see; -1: the context (64).")
  private @Nullable Integer repeatLastN;

  @Option(names = "--presence-penalty", paramLabel = "X", description = "Once if seen (0).")
  private @Nullable Double presencePenalty;

  @Option(names = "--frequency-penalty", paramLabel = "X", description = "Each time seen (0).")
  private @Nullable Double frequencyPenalty;

  @Option(names = "--dry-multiplier", paramLabel = "X", description = "DRY; 0: off (0).")
  private @Nullable Double dryMultiplier;

  @Option(names = "--dry-base", paramLabel = "X", description = "DRY: growth (1.75).")
  private @Nullable Double dryBase;

  @Option(names = "--dry-allowed-length", paramLabel = "N", description = "DRY: free length (2).")
  private @Nullable Integer dryAllowedLength;

  @Option(names = "--dry-penalty-last-n", paramLabel = "N", description = "DRY: window (-1).")
  private @Nullable Integer dryPenaltyLastN;

  @Option(
      names = "--dry-sequence-breaker",
      paramLabel = "TEXT",
      description = "DRY: text no repetition crosses; 'none' for none. May be repeated.")
  private @Nullable List<String> dryBreakers;

  @Option(names = "--xtc-probability", paramLabel = "X", description = "XTC: how often (0).")
  private @Nullable Double xtcProbability;

  @Option(names = "--xtc-threshold", paramLabel = "X", description = "XTC: threshold (0.1).")
  private @Nullable Double xtcThreshold;

  @Option(names = "--mirostat", paramLabel = "N", description = "Mirostat 1 or 2; 0: off (0).")
  private @Nullable Integer mirostat;

  @Option(
      names = {"--mirostat-ent", "--mirostat-tau"},
      paramLabel = "X",
      description = "Mirostat: target surprise (5).")
  private @Nullable Double mirostatTau;

  @Option(
      names = {"--mirostat-lr", "--mirostat-eta"},
      paramLabel = "X",
      description = "Mirostat: learning rate (0.1).")
  private @Nullable Double mirostatEta;

  @Option(
      names = {"-s", "--seed"},
      paramLabel = "N",
      description = "Seed: the same choices again.")
  private @Nullable Long seed;

  @Option(
      names = {"--stop", "-r", "--reverse-prompt"},
      paramLabel = "TEXT",
      description = "Text that ends the answer. May be repeated.")
  private @Nullable List<String> stop;

  @Option(
      names = "--logit-bias",
      paramLabel = "ID=X",
      description = "Add X to a token's logit; -inf forbids it. May be repeated.")
  private @Nullable List<String> logitBias;

  @Option(names = "--ignore-eos", description = "Never end a turn.")
  private boolean ignoreEos;

  /** The sampling that these options ask for, from llama.cpp's defaults on. */
  Sampling sampling(Job job) {
    Sampling s = Sampling.defaults();
    s = maxTokens == null ? s : s.withMaxTokens(maxTokens);
    s = temperature == null ? s : s.withTemperature(temperature);
    s =
        dynamicTemperatureRange == null
            ? s
            : s.withDynamicTemperatureRange(dynamicTemperatureRange);
    s =
        dynamicTemperatureExponent == null
            ? s
            : s.withDynamicTemperatureExponent(dynamicTemperatureExponent);
    s = topK == null ? s : s.withTopK(topK);
    s = topP == null ? s : s.withTopP(topP);
    s = minP == null ? s : s.withMinP(minP);
    s = typicalP == null ? s : s.withTypicalP(typicalP);
    s = topNSigma == null ? s : s.withTopNSigma(topNSigma);
    s = repeatPenalty == null ? s : s.withRepeatPenalty(repeatPenalty);
    s = repeatLastN == null ? s : s.withRepeatLastN(repeatLastN);
    s = presencePenalty == null ? s : s.withPresencePenalty(presencePenalty);
    s = frequencyPenalty == null ? s : s.withFrequencyPenalty(frequencyPenalty);
    s = s.withDry(dry(s.dry())).withXtc(xtc(s.xtc())).withMirostat(mirostat(s.mirostat()));
    s = seed == null ? s : s.withSeed(seed);
    s = stop == null ? s : s.withStop(stop);
    s = logitBias == null ? s : s.withLogitBias(biases(job, logitBias));
    return s.withIgnoreEos(ignoreEos);
  }

  private Sampling.Dry dry(Sampling.Dry off) {
    List<String> breakers = off.sequenceBreakers();
    if (dryBreakers != null) {
      breakers = new ArrayList<>();
      for (String breaker : dryBreakers) {
        if (!breaker.equals("none")) {
          breakers.add(breaker.replace("\\n", "\n"));
        }
      }
    }
    return new Sampling.Dry(
        dryMultiplier == null ? off.multiplier() : dryMultiplier,
        dryBase == null ? off.base() : dryBase,
        dryAllowedLength == null ? off.allowedLength() : dryAllowedLength,
        dryPenaltyLastN == null ? off.penaltyLastN() : dryPenaltyLastN,
        breakers);
  }

  private Sampling.Xtc xtc(Sampling.Xtc off) {
    return new Sampling.Xtc(
        xtcProbability == null ? off.probability() : xtcProbability,
        xtcThreshold == null ? off.threshold() : xtcThreshold);
  }

  private Sampling.Mirostat mirostat(Sampling.Mirostat off) {
    return new Sampling.Mirostat(
        mirostat == null ? off.version() : mirostat,
        mirostatTau == null ? off.tau() : mirostatTau,
        mirostatEta == null ? off.eta() : mirostatEta);
  }

  private static Map<Integer, Double> biases(Job job, List<String> words) {
    Map<Integer, Double> biases = new TreeMap<>();
    for (String word : words) {
      int cut = word.indexOf('=');
      try {
        String value = word.substring(cut + 1);
        biases.put(
            Integer.valueOf(word.substring(0, cut)),
            value.equals("-inf") ? Double.NEGATIVE_INFINITY : Double.parseDouble(value));
      } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
        throw job.usage("--logit-bias is " + word + ", but must be ID=NUMBER, such as 42=-1.5");
      }
    }
    return biases;
  }
}
