package io.moineau.plan.capacity;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a chip spends on one operator in a step, in all layers that it holds.
 *
 * @param name such as {@code attention}
 * @param seconds that the step is longer by; of communication, what is not hidden
 * @param flops operations; a multiplication and an addition are two
 * @param memoryBytes read from and written to its memory
 * @param networkBytes sent to other chips
 * @param bound what it waits for
 */
public record OperatorTime(
    String name,
    double seconds,
    double flops,
    double memoryBytes,
    double networkBytes,
    Bound bound) {
  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("seconds", seconds);
    json.put("flops", flops);
    json.put("memory_bytes", memoryBytes);
    json.put("network_bytes", networkBytes);
    json.put("bound", bound.text());
    return json;
  }
}
