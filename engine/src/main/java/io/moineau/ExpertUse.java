package io.moineau;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An expert that took part in an answer.
 *
 * @param layer layer of the model, from 0
 * @param expert expert of that layer, from 0
 * @param tokens tokens of the answer that it helped to choose
 */
public record ExpertUse(int layer, int expert, int tokens) {
  /** Most tokens first; where two were used alike, in the order of the model. */
  public static final Comparator<ExpertUse> MOST_USED_FIRST =
      Comparator.comparingInt(ExpertUse::tokens)
          .reversed()
          .thenComparingInt(ExpertUse::layer)
          .thenComparingInt(ExpertUse::expert);

  /** What several answers used together, most used first. */
  public static List<ExpertUse> sum(List<List<ExpertUse>> answers) {
    Map<Long, ExpertUse> all = new HashMap<>();
    for (List<ExpertUse> answer : answers) {
      for (ExpertUse use : answer) {
        long key = (long) use.layer << 32 | use.expert;
        all.merge(key, use, (a, b) -> new ExpertUse(a.layer, a.expert, a.tokens + b.tokens));
      }
    }
    List<ExpertUse> sum = new ArrayList<>(all.values());
    sum.sort(MOST_USED_FIRST);
    return sum;
  }
}
