package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a model is cut over chips, and whether prompts are computed on chips of their own.
 *
 * @param tensor of the chips that generate; see {@link Parallel}
 * @param pipeline likewise
 * @param expert likewise
 * @param data likewise
 * @param apart whether prompts are computed on other chips than tokens are generated on
 * @param prefillChips chips that compute prompts; all of them where not apart
 * @param decodeChips chips that generate; all of them where not apart
 * @param prefill how the model is cut over the chips that compute prompts
 */
public record Layout(
    int tensor,
    int pipeline,
    int expert,
    int data,
    boolean apart,
    int prefillChips,
    int decodeChips,
    Parallel prefill) {
  /** Checks that the numbers of chips go with the degrees. */
  public Layout {
    int decode = new Parallel(tensor, pipeline, expert, data).chips();
    if (decode != decodeChips
        || prefill.chips() != prefillChips
        || (!apart && prefillChips != decodeChips)) {
      throw new PlanException(
          "plan-bad-layout",
          "the numbers of chips do not go with the layout",
          prefillChips + " for prompts, " + decodeChips + " for generating",
          prefill.chips() + " (" + prefill.text() + ") and " + decode,
          "correct the numbers, or leave the layout out to have the best one searched");
    }
  }

  /** The chips that compute prompts are cut as the others, as far as their number allows. */
  public Layout(
      int tensor,
      int pipeline,
      int expert,
      int data,
      boolean apart,
      int prefillChips,
      int decodeChips) {
    this(
        tensor,
        pipeline,
        expert,
        data,
        apart,
        prefillChips,
        decodeChips,
        like(tensor, pipeline, expert, prefillChips));
  }

  /** Prompts and tokens on the same chips. */
  public static Layout together(Parallel parallel) {
    return apart(parallel, parallel, false);
  }

  /** Prompts on some chips, tokens on others. */
  public static Layout apart(Parallel prefill, Parallel decode) {
    return apart(prefill, decode, true);
  }

  private static Layout apart(Parallel prefill, Parallel decode, boolean apart) {
    return new Layout(
        decode.tensor(),
        decode.pipeline(),
        decode.expert(),
        decode.data(),
        apart,
        prefill.chips(),
        decode.chips(),
        prefill);
  }

  private static Parallel like(int tensor, int pipeline, int expert, int chips) {
    int data = Math.max(1, chips / Math.max(1, tensor * pipeline));
    int most = expert;
    if (expert > tensor) { // as many groups as divide the data groups
      int groups = Math.min(expert / tensor, data);
      while (data % groups != 0) {
        groups--;
      }
      most = groups * tensor;
    }
    return new Parallel(tensor, pipeline, most, data);
  }

  /** How the model is cut over the chips that generate. */
  public Parallel decode() {
    return new Parallel(tensor, pipeline, expert, data);
  }

  /** Chips in all. */
  public int chips() {
    return apart ? prefillChips + decodeChips : decodeChips;
  }

  /**
   * {@code TP8 x DP2, EP16}, or {@code TP8 x DP4, EP32, prefill and decode apart (16 + 32; prefill
   * TP8 x DP2, EP16)}.
   */
  public String text() {
    if (!apart) {
      return decode().text();
    }
    return decode().text()
        + ", prefill and decode apart ("
        + prefillChips
        + " + "
        + decodeChips
        + (prefill.equals(like(tensor, pipeline, expert, prefillChips))
            ? ""
            : "; prefill " + prefill.text())
        + ")";
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>(decode().json());
    json.put("apart", apart);
    json.put("prefill_chips", prefillChips);
    json.put("decode_chips", decodeChips);
    json.put("prefill", prefill.json());
    json.put("text", text());
    return json;
  }
}
