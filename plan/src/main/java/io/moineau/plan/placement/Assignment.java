package io.moineau.plan.placement;

import io.moineau.plan.capacity.Range;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Replicas of a model that serve some traffic at a site.
 *
 * @param workload name of the traffic
 * @param chips of one replica
 * @param replicas how many there are
 * @param requestsPerSecond that all of them could serve within the limits
 * @param utilisation part of that which is asked of them
 * @param kilowatts of all of them
 * @param usdPerHour of all of them, purchases aside
 */
public record Assignment(
    String site,
    String workload,
    String chip,
    String weights,
    String layout,
    int chips,
    long replicas,
    double requestsPerSecond,
    double utilisation,
    Range ttft,
    Range tpot,
    double kilowatts,
    double usdPerHour) {
  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("site", site);
    json.put("workload", workload);
    json.put("chip", chip);
    json.put("weights", weights);
    json.put("layout", layout);
    json.put("chips_per_replica", chips);
    json.put("replicas", replicas);
    json.put("chips", chips * replicas);
    json.put("requests_per_second", requestsPerSecond);
    json.put("utilisation", utilisation);
    json.put("ttft_seconds", ttft.json());
    json.put("tpot_seconds", tpot.json());
    json.put("kilowatts", kilowatts);
    json.put("usd_per_hour", usdPerHour);
    return json;
  }
}
