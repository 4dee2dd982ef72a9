package io.moineau.plan.capacity;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one configuration does.
 *
 * @param layout how the model is cut
 * @param batch sequences in flight in all
 * @param memory of the chip that holds most
 * @param ttft seconds until the first token
 * @param tpot seconds for each later token, on average
 * @param prefillTokensPerSecond of prompts, if the chips for prompts did only that
 * @param decodeTokensPerSecond of output, if the chips that generate did only that
 * @param outputTokensPerSecond of the whole system under this workload
 * @param requestsPerSecond likewise
 * @param prefillBound what computing prompts waits for
 * @param decodeBound what generating waits for
 * @param prefill operators of a step on one chip
 * @param decode operators of a step on one chip
 * @param watts of all chips; {@link Range#UNKNOWN} where their power is not known
 * @param joulesPerOutputToken likewise
 * @param usdPerMillionOutputTokens where prices are given
 * @param meetsLimits whether the question's limits are met, by the best guess
 * @param assumptions what was taken for granted
 */
public record Estimate(
    Layout layout,
    double batch,
    Memory memory,
    Range ttft,
    Range tpot,
    Range prefillTokensPerSecond,
    Range decodeTokensPerSecond,
    Range outputTokensPerSecond,
    Range requestsPerSecond,
    Bound prefillBound,
    Bound decodeBound,
    List<OperatorTime> prefill,
    List<OperatorTime> decode,
    Range watts,
    Range joulesPerOutputToken,
    Optional<Range> usdPerMillionOutputTokens,
    boolean meetsLimits,
    List<String> assumptions) {
  /** A rate of all chips for one of them. */
  public Range perChip(Range rate) {
    return rate.times(1.0 / layout.chips());
  }

  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("layout", layout.json());
    json.put("chips", layout.chips());
    json.put("batch", batch);
    json.put("fits", memory.fits());
    json.put("meets_limits", meetsLimits);
    json.put("memory", memory.json());
    json.put("ttft_seconds", ttft.json());
    json.put("tpot_seconds", tpot.json());
    json.put("prefill_tokens_per_second", prefillTokensPerSecond.json());
    json.put("decode_tokens_per_second", decodeTokensPerSecond.json());
    json.put("output_tokens_per_second", outputTokensPerSecond.json());
    json.put("output_tokens_per_second_per_chip", perChip(outputTokensPerSecond).json());
    json.put("requests_per_second", requestsPerSecond.json());
    json.put("prefill_bound", prefillBound.text());
    json.put("decode_bound", decodeBound.text());
    json.put("prefill", prefill.stream().map(OperatorTime::json).toList());
    json.put("decode", decode.stream().map(OperatorTime::json).toList());
    json.put("watts", watts.json());
    json.put("joules_per_output_token", joulesPerOutputToken.json());
    json.put(
        "usd_per_million_output_tokens", usdPerMillionOutputTokens.map(Range::json).orElse(null));
    json.put("assumptions", assumptions);
    return json;
  }
}
