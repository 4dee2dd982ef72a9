package io.moineau.text.answer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks for the first of several texts in a stream; of two that begin together, the longer. */
final class Markers {
  /**
   * What was found.
   *
   * @param at text before this offset is none of the markers
   * @param marker what stands at {@code at}; null: nothing that is whole yet, and what follows
   *     {@code at} may still become one
   */
  record Hit(int at, @Nullable String marker) {}

  private final Map<Character, List<String>> byFirst = new HashMap<>();

  Markers(Collection<String> markers) {
    for (String marker : new LinkedHashSet<>(markers)) {
      if (!marker.isEmpty()) {
        byFirst.computeIfAbsent(marker.charAt(0), first -> new ArrayList<>()).add(marker);
      }
    }
    byFirst.values().forEach(list -> list.sort((a, b) -> b.length() - a.length()));
  }

  Hit find(Input in) {
    for (int at = 0; at < in.length(); at++) {
      List<String> candidates = byFirst.get(in.charAt(at));
      if (candidates == null) {
        continue;
      }
      for (String marker : candidates) {
        switch (in.fit(at, marker)) {
          case YES -> {
            return new Hit(at, marker);
          }
          case MAYBE -> {
            return new Hit(at, null);
          }
          case NO -> {}
        }
      }
    }
    return new Hit(in.length(), null);
  }
}
