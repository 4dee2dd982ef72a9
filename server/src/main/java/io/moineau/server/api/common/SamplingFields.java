package io.moineau.server.api.common;

import static io.moineau.server.api.Field.supported;

import io.moineau.Sampling;
import io.moineau.server.api.Field;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields that say how tokens are chosen, by the names of OpenAI's API and, beyond it, of
 * llama.cpp's and vLLM's servers. What is not given is as in {@link Sampling#defaults()}.
 */
public final class SamplingFields {
  /** The most that OpenAI's API allows; more would weigh more than the logits. */
  private static final double MOST_BIAS = 100;

  private static final double ANY = 1e6;

  private SamplingFields() {}

  /** Those of OpenAI's API. */
  public static List<Field> openAi() {
    return List.of(
        supported("temperature", "number", "0 takes the most likely token; 0.8 unless given"),
        supported("top_p", "number", "0.95 unless given"),
        supported("frequency_penalty", "number", "taken from a logit for each time it was seen"),
        supported("presence_penalty", "number", "taken from a logit once if it was seen"),
        supported("seed", "integer", "the same seed and request give the same answer"),
        supported("stop", "string or array of string", "up to 64 texts that end the answer"),
        supported("logit_bias", "object of number", "token numbers to -100 (never) .. 100"));
  }

  /** Those of llama.cpp's and vLLM's servers. */
  public static List<Field> extra() {
    return List.of(
        supported("top_k", "integer", "0 or -1 for all; 40 unless given"),
        supported("min_p", "number", "0.05 unless given"),
        supported("typical_p", "number", "1 for off"),
        supported("top_n_sigma", "number", "-1 for off"),
        supported("repetition_penalty", "number", "1 for none"),
        supported("repeat_penalty", "number", "another name of repetition_penalty"),
        supported("repeat_last_n", "integer", "tokens that penalties see; -1 for all"),
        supported("dry_multiplier", "number", "0 for off"),
        supported("dry_base", "number", ""),
        supported("dry_allowed_length", "integer", ""),
        supported("dry_penalty_last_n", "integer", ""),
        supported("dry_sequence_breakers", "array of string", ""),
        supported("xtc_probability", "number", "0 for off"),
        supported("xtc_threshold", "number", ""),
        supported("mirostat", "integer", "0 for off, 1, 2"),
        supported("mirostat_tau", "number", ""),
        supported("mirostat_eta", "number", ""),
        supported("dynatemp_range", "number", "0 for a fixed temperature"),
        supported("dynatemp_exponent", "number", ""),
        supported("min_keep", "integer", "fewest tokens that samplers leave"),
        supported("ignore_eos", "boolean", "go on past the end of the turn"),
        supported("stop_token_ids", "array of integer", "tokens that end the answer"));
  }

  /** What a body asks for, the number of tokens left out. */
  public static Sampling read(JsonObject body) {
    Sampling sampling = Sampling.defaults();
    sampling =
        sampling
            .withTemperature(body.number("temperature", 0, ANY, sampling.temperature()))
            .withTopP(body.number("top_p", 0, 1, sampling.topP()))
            .withTopK(Math.max(0, body.integer("top_k", -1, 1 << 24, sampling.topK())))
            .withMinP(body.number("min_p", 0, 1, sampling.minP()))
            .withTypicalP(body.number("typical_p", 0, 1, sampling.typicalP()))
            .withTopNSigma(body.number("top_n_sigma", -1, ANY, sampling.topNSigma()))
            .withFrequencyPenalty(body.number("frequency_penalty", -2, 2, 0))
            .withPresencePenalty(body.number("presence_penalty", -2, 2, 0))
            .withRepeatPenalty(repetitionPenalty(body))
            .withRepeatLastN(body.integer("repeat_last_n", -1, 1 << 24, sampling.repeatLastN()))
            .withDry(dry(body))
            .withXtc(
                new Sampling.Xtc(
                    body.number("xtc_probability", 0, 1, sampling.xtc().probability()),
                    body.number("xtc_threshold", 0, 1, sampling.xtc().threshold())))
            .withMirostat(
                new Sampling.Mirostat(
                    body.integer("mirostat", 0, 2, 0),
                    body.number("mirostat_tau", 0, ANY / 2, sampling.mirostat().tau()),
                    body.number("mirostat_eta", 0, ANY, sampling.mirostat().eta())))
            .withDynamicTemperatureRange(body.number("dynatemp_range", 0, ANY, 0))
            .withDynamicTemperatureExponent(body.number("dynatemp_exponent", 0, ANY, 1))
            .withMinKeep(body.integer("min_keep", 0, 1 << 24, 0))
            .withIgnoreEos(body.bool("ignore_eos", false))
            .withStop(stop(body))
            .withStopTokens(
                body.list("stop_token_ids").stream()
                    .map(id -> id.asInt(0, Integer.MAX_VALUE))
                    .toList())
            .withLogitBias(logitBias(body));
    return body.find("seed")
        .map(seed -> seed.asLong(Long.MIN_VALUE, Long.MAX_VALUE))
        .map(sampling::withSeed)
        .orElse(sampling);
  }

  private static double repetitionPenalty(JsonObject body) {
    double penalty = body.number("repeat_penalty", 1e-3, ANY, 1);
    return body.number("repetition_penalty", 1e-3, ANY, penalty);
  }

  private static Sampling.Dry dry(JsonObject body) {
    Sampling.Dry off = Sampling.Dry.off();
    return new Sampling.Dry(
        body.number("dry_multiplier", 0, ANY / 2, off.multiplier()),
        body.number("dry_base", 0, ANY / 2, off.base()),
        body.integer("dry_allowed_length", 0, 1 << 24, off.allowedLength()),
        body.integer("dry_penalty_last_n", -1, 1 << 24, off.penaltyLastN()),
        body.find("dry_sequence_breakers")
            .map(JsonValue::asStrings)
            .orElse(off.sequenceBreakers()));
  }

  /** Texts that end the answer; empty ones, which some clients send for none, are left out. */
  public static List<String> stop(JsonObject body) {
    List<String> stop = new ArrayList<>();
    body.find("stop")
        .ifPresent(value -> {
          List<String> texts = value.asStrings();
          if (texts.size() > 64) {
            throw value.outOfRange("an array of " + texts.size(), "up to 64 texts");
          }
          texts.stream().filter(text -> !text.isEmpty()).forEach(stop::add);
        });
    return stop;
  }

  private static Map<Integer, Double> logitBias(JsonObject body) {
    Map<Integer, Double> bias = new HashMap<>();
    body.object("logit_bias")
        .ifPresent(object -> {
          for (String name : object.names()) {
            JsonValue value = object.get(name);
            double number = value.asNumber(-MOST_BIAS, MOST_BIAS);
            bias.put(token(name, value), number == -MOST_BIAS ? Double.NEGATIVE_INFINITY : number);
          }
        });
    return bias;
  }

  private static int token(String name, JsonValue value) {
    try {
      return Integer.parseInt(name);
    } catch (NumberFormatException e) {
      throw value.outOfRange("the bias of something that is no number", "numbers of tokens");
    }
  }
}
