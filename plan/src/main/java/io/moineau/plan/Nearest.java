package io.moineau.plan;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The names that are most like one that is not known. */
public final class Nearest {
  private static final int SCALE = 100; // longer than any name

  private Nearest() {}

  /**
   * The things whose names are nearest, nearest first.
   *
   * @param wanted what was asked for
   * @param things to choose from
   * @param names all names of a thing
   * @param most how many at most
   */
  public static <T> List<T> of(
      String wanted, Collection<T> things, Function<T, Collection<String>> names, int most) {
    String key = key(wanted);
    Map<T, Integer> distances = new LinkedHashMap<>();
    for (T thing : things) {
      int least = Integer.MAX_VALUE;
      for (String name : names.apply(thing)) {
        least = Math.min(least, unlikeness(key(name), key));
      }
      distances.put(thing, least);
    }
    return distances.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
        .limit(most)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The nearest of some names. */
  public static List<String> of(String wanted, Collection<String> names, int most) {
    return of(wanted, names, List::of, most);
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  /** A name that has the whole of what was asked for in it is nearer than any other. */
  private static int unlikeness(String name, String wanted) {
    int distance = SCALE * distance(name, wanted);
    return wanted.length() > 1 && name.contains(wanted) ? distance / SCALE : distance;
  }

  /** How many letters must be added, removed or replaced to make one word of another. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
