package io.moineau.plan.capacity;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The memory of the chip that holds most, in bytes.
 *
 * @param weights of the model
 * @param kv keys and values of all sequences in flight, or what stands for them
 * @param activations of the largest step
 * @param reserve that programs, graphs and fragmentation take
 * @param available what the chip has
 */
public record Memory(
    double weights, double kv, double activations, double reserve, double available) {
  /** Whether it is enough. */
  public boolean fits() {
    return needed() <= available;
  }

  /** What is needed. */
  public double needed() {
    return weights + kv + activations + reserve;
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("weights_bytes", weights);
    json.put("kv_bytes", kv);
    json.put("activations_bytes", activations);
    json.put("reserve_bytes", reserve);
    json.put("available_bytes", available);
    json.put("fits", fits());
    return json;
  }
}
