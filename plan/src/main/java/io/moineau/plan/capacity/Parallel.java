package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a model is cut over chips: {@code tensor x data} chips hold each of {@code pipeline} stages.
 *
 * @param tensor chips that share each matrix of attention
 * @param pipeline stages of layers
 * @param expert chips that the routed experts of a stage lie on, once; 1 cuts each expert over the
 *     {@code tensor} chips; more than {@code tensor} joins groups of attention by an all-to-all
 * @param data groups that attend to sequences of their own
 */
public record Parallel(int tensor, int pipeline, int expert, int data) {
  /** Checks that the degrees go together. */
  public Parallel {
    boolean positive = tensor > 0 && pipeline > 0 && expert > 0 && data > 0;
    if (!positive
        || (long) tensor * pipeline * data > Integer.MAX_VALUE
        || (expert > tensor
            ? expert % tensor != 0 || (long) tensor * data % expert != 0
            : tensor % expert != 0)) {
      throw new PlanException(
          "plan-bad-layout",
          "this layout is none",
          "tensor " + tensor + ", pipeline " + pipeline + ", expert " + expert + ", data " + data,
          "each 1 or more; expert divides tensor, or is a multiple of it that divides tensor x data",
          "leave the layout out to have the best one searched");
    }
  }

  /** Chips in all. */
  public int chips() {
    return tensor * pipeline * data;
  }

  /** Chips that hold the routed experts of a stage once. */
  int expertChips() {
    return Math.max(tensor, expert);
  }

  /** {@code TP8 x PP2 x DP2, EP16}, without what is 1. */
  public String text() {
    StringBuilder text = new StringBuilder("TP").append(tensor);
    if (pipeline > 1) {
      text.append(" x PP").append(pipeline);
    }
    if (data > 1) {
      text.append(" x DP").append(data);
    }
    if (expert > 1) {
      text.append(", EP").append(expert);
    }
    return text.toString();
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("tensor", tensor);
    json.put("pipeline", pipeline);
    json.put("expert", expert);
    json.put("data", data);
    return json;
  }
}
