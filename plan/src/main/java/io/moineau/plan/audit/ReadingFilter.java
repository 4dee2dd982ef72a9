package io.moineau.plan.audit;

import io.moineau.plan.Nearest;
import io.moineau.plan.PlanException;
import io.moineau.plan.yaml.YamlSection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Readings that are looked at, where not all of them are.
 *
 * @param units names of units, such as {@code chips}; empty for all
 * @param meanings of domestic; empty for all
 */
public record ReadingFilter(Set<String> units, Set<Meaning> meanings) {
  /** All readings. */
  public static final ReadingFilter ALL = new ReadingFilter(Set.of(), Set.of());

  /** Copies the sets. */
  public ReadingFilter {
    units = Set.copyOf(units);
    meanings = Set.copyOf(meanings);
  }

  /**
   * Readings of these units and meanings.
   *
   * @param units words such as {@code chips}, {@code fp16}, {@code value}, {@code TB}
   * @param meanings words such as {@code vendor}, {@code made}
   * @throws PlanException {@code plan-unknown-reading}
   */
  public static ReadingFilter of(List<String> units, List<String> meanings) {
    List<String> names = Unit.all().stream().map(Unit::word).distinct().toList();
    List<String> words = Arrays.stream(Meaning.values()).map(YamlSection::word).toList();
    Set<String> chosen = new LinkedHashSet<>();
    for (String unit : units) {
      chosen.add(one(unit, names, "no share is counted so"));
    }
    List<Meaning> meant = new ArrayList<>();
    for (String meaning : meanings) {
      String word = one(meaning, words, "no such meaning of domestic");
      meant.add(Meaning.values()[words.indexOf(word)]);
    }
    return new ReadingFilter(chosen, new LinkedHashSet<>(meant));
  }

  private static String one(String text, List<String> allowed, String what) {
    return allowed.stream()
        .filter(word -> word.equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(() ->
            new PlanException(
                "plan-unknown-reading",
                what,
                "'" + text + "'",
                String.join(", ", allowed),
                "nearest: " + String.join(", ", Nearest.of(text, allowed, 2))));
  }

  boolean has(Unit unit) {
    return units.isEmpty() || units.contains(unit.word());
  }

  /** The meanings, in their order. */
  public List<Meaning> kept() {
    return Arrays.stream(Meaning.values())
        .filter(m -> meanings.isEmpty() || meanings.contains(m))
        .toList();
  }
}
