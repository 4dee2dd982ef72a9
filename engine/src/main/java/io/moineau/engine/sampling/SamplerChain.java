package io.moineau.engine.sampling;

import io.moineau.SamplerKind;
import io.moineau.Sampling;
import io.moineau.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The samplers of one sequence, in llama.cpp's order: logit bias first, then either the samplers of
 * {@link Sampling#order()} and a choice by chance, or the temperature and mirostat.
 *
 * <p>Holds the state of one sequence (history, random numbers); used by one thread. Where nothing
 * but the largest logit can win, it is found in one pass and no candidates are made.
 */
public final class SamplerChain {
  private final int[] biasTokens;
  private final float[] biases;
  private final Sampler[] samplers;
  private final SeededRandom random;
  private final boolean onlyLargest;

  /**
   * Makes the samplers of a sequence.
   *
   * @param history tokens of the sequence; the prompt stands in it already
   * @param breakers for DRY
   * @param ends tokens that end a turn, which {@link Sampling#ignoreEos()} forbids
   * @throws EngineException {@code logit-bias-unknown-token} if a biased token does not exist
   */
  public SamplerChain(
      Sampling sampling,
      long seed,
      int vocabSize,
      TokenList history,
      SequenceBreakers breakers,
      int[] ends) {
    this.random = new SeededRandom(seed);
    int forbidden = sampling.ignoreEos() ? ends.length : 0;
    biasTokens = new int[sampling.logitBias().size() + forbidden];
    biases = new float[biasTokens.length];
    int n = 0;
    for (Map.Entry<Integer, Double> bias : sampling.logitBias().entrySet()) {
      if (bias.getKey() < 0 || bias.getKey() >= vocabSize) {
        throw new EngineException(
            "logit-bias-unknown-token",
            "a logit bias names a token that does not exist",
            "token " + bias.getKey(),
            "0 to " + (vocabSize - 1),
            "take the token's number from moineau tokenize");
      }
      biasTokens[n] = bias.getKey();
      biases[n++] = bias.getValue().floatValue();
    }
    for (int i = 0; i < forbidden; i++) {
      biasTokens[n] = ends[i];
      biases[n++] = Float.NEGATIVE_INFINITY;
    }
    List<Sampler> list = new ArrayList<>();
    if (sampling.mirostat().version() == 0) {
      for (SamplerKind kind : sampling.order()) {
        add(list, kind, sampling, vocabSize, history, breakers);
      }
    } else {
      add(list, SamplerKind.TEMPERATURE, sampling, vocabSize, history, breakers);
      Sampling.Mirostat mirostat = sampling.mirostat();
      list.add(
          new MirostatSampler(
              mirostat.version(), vocabSize, mirostat.tau(), mirostat.eta(), random));
    }
    samplers = list.toArray(Sampler[]::new);
    onlyLargest = onlyLargest(sampling, list);
  }

  private static boolean onlyLargest(Sampling sampling, List<Sampler> list) {
    if (!sampling.isGreedy() || !sampling.order().contains(SamplerKind.TEMPERATURE)) {
      return false;
    }
    // Top-k, top-p, min-p and top-n-sigma never drop the largest; the others may, or change it.
    for (Sampler sampler : list) {
      if (sampler instanceof PenaltiesSampler
          || sampler instanceof DrySampler
          || sampler instanceof TypicalSampler) {
        return false;
      }
    }
    return true;
  }

  private void add(
      List<Sampler> list,
      SamplerKind kind,
      Sampling s,
      int vocabSize,
      TokenList history,
      SequenceBreakers breakers) {
    switch (kind) {
      case PENALTIES -> {
        if (s.repeatLastN() != 0
            && (s.repeatPenalty() != 1 || s.frequencyPenalty() != 0 || s.presencePenalty() != 0)) {
          list.add(
              new PenaltiesSampler(
                  history,
                  s.repeatLastN(),
                  s.repeatPenalty(),
                  s.frequencyPenalty(),
                  s.presencePenalty()));
        }
      }
      case DRY -> {
        Sampling.Dry dry = s.dry();
        if (dry.multiplier() > 0 && dry.base() >= 1 && dry.penaltyLastN() != 0) {
          list.add(
              new DrySampler(
                  history,
                  dry.multiplier(),
                  dry.base(),
                  dry.allowedLength(),
                  dry.penaltyLastN(),
                  breakers));
        }
      }
      case TOP_N_SIGMA -> {
        if (s.topNSigma() > 0) {
          list.add(new TopNSigmaSampler(s.topNSigma()));
        }
      }
      case TOP_K -> {
        if (s.topK() > 0) {
          list.add(new TopKSampler(s.topK()));
        }
      }
      case TYPICAL_P -> {
        if (s.typicalP() < 1) {
          list.add(new TypicalSampler(s.typicalP(), s.minKeep(), vocabSize));
        }
      }
      case TOP_P -> {
        if (s.topP() < 1) {
          list.add(new TopPSampler(s.topP(), s.minKeep()));
        }
      }
      case MIN_P -> {
        if (s.minP() > 0) {
          list.add(new MinPSampler(s.minP(), s.minKeep()));
        }
      }
      case XTC -> {
        if (s.xtc().probability() > 0 && s.xtc().threshold() <= 0.5) {
          list.add(new XtcSampler(s.xtc().probability(), s.xtc().threshold(), s.minKeep(), random));
        }
      }
      case TEMPERATURE -> {
        if (s.temperature() != 1 || s.dynamicTemperatureRange() > 0) {
          list.add(
              new TemperatureSampler(
                  s.temperature(), s.dynamicTemperatureRange(), s.dynamicTemperatureExponent()));
        }
      }
    }
  }

  /** Whether DRY acts, so that its breakers are needed. */
  public static boolean needsBreakers(Sampling sampling) {
    return sampling.mirostat().version() == 0
        && sampling.order().contains(SamplerKind.DRY)
        && sampling.dry().multiplier() > 0;
  }

  /**
   * Chooses the next token.
   *
   * @param logits one per token; biases are added to them in place
   * @param candidates scratch
   * @throws EngineException {@code logits-not-a-number}; {@code sampling-nothing-left} if every
   *     token is forbidden
   */
  public int sample(float[] logits, Candidates candidates) {
    for (int i = 0; i < biasTokens.length; i++) {
      logits[biasTokens[i]] += biases[i];
    }
    if (onlyLargest) {
      return checked(logits, argmax(logits));
    }
    candidates.reset(logits);
    for (Sampler sampler : samplers) {
      sampler.apply(candidates);
    }
    if (candidates.selected() < 0) {
      candidates.softmax();
      candidates.selectByChance(random);
    }
    return checked(logits, candidates.id(candidates.selected()));
  }

  private static int checked(float[] logits, int token) {
    if (logits[token] == Float.NEGATIVE_INFINITY) {
      throw new EngineException(
          "sampling-nothing-left",
          "every token is forbidden",
          "the logit bias of token " + token + " and of all others is negative infinity",
          "at least one token that may come next",
          "take entries out of logitBias");
    }
    return token;
  }

  /** Is told the token that joined the history, after it did. */
  public void accept(int token) {
    for (Sampler sampler : samplers) {
      sampler.accept(token);
    }
  }

  /**
   * The token with the largest logit; of equal ones, the first.
   *
   * @throws EngineException {@code logits-not-a-number}
   */
  public static int argmax(float[] logits) {
    int best = 0;
    boolean broken = false;
    for (int i = 0; i < logits.length; i++) {
      float logit = logits[i];
      broken |= !(logit < Float.POSITIVE_INFINITY);
      if (logit > logits[best]) {
        best = i;
      }
    }
    if (broken) {
      throw Candidates.notANumber(logits);
    }
    return best;
  }
}
