package io.moineau.plan.rules;

import io.moineau.plan.expr.Truth;
import io.moineau.plan.yaml.YamlSection;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Groups of countries, in versions by date.
 *
 * @param groups by name
 * @param sameAs countries that count as another, such as HK as CN
 */
public record CountryGroups(Map<String, List<Version>> groups, Map<String, String> sameAs) {

  /**
   * A list as it was from a day on.
   *
   * @param from its first day
   * @param verified the last day for which it is known
   * @param members countries in it
   * @param unsure countries whose membership in that time is not known
   * @param note may be empty
   */
  public record Version(
      LocalDate from, LocalDate verified, Set<String> members, Set<String> unsure, String note) {}

  /** Whether a country is in a group on a day. */
  public Truth member(String country, String group, LocalDate date) {
    String code = canonical(country);
    Optional<Version> version = version(group, date);
    if (version.isEmpty()
        || date.isAfter(version.get().verified())
        || version.get().unsure().contains(code)) {
      return Truth.UNKNOWN;
    }
    return Truth.of(version.get().members().contains(code));
  }

  private Optional<Version> version(String group, LocalDate date) {
    return groups.getOrDefault(group, List.of()).reversed().stream()
        .filter(one -> !date.isBefore(one.from()))
        .findFirst();
  }

  /** What is to be known of the lists that hold on a day. */
  Set<String> notes(LocalDate date) {
    Set<String> notes = new TreeSet<>();
    groups.keySet().forEach(group -> version(group, date).ifPresent(v -> notes.add(v.note())));
    notes.remove("");
    return notes;
  }

  /** The country that another one counts as. */
  public String canonical(String country) {
    return sameAs.getOrDefault(country, country);
  }

  /** With the groups of a file added; a group of a known name is replaced. */
  CountryGroups with(YamlSection file) {
    Map<String, List<Version>> all = new LinkedHashMap<>(groups);
    Map<String, String> same = new LinkedHashMap<>(sameAs);
    for (YamlSection group : file.sections("groups")) {
      String name = group.text("name");
      group.text("title", "");
      group.texts("sources");
      List<Version> versions = new ArrayList<>();
      for (YamlSection part : group.sections("versions")) {
        Version version =
            new Version(
                part.requiredDate("from"),
                part.requiredDate("verified"),
                Set.copyOf(new TreeSet<>(part.texts("members"))),
                Set.copyOf(new TreeSet<>(part.texts("unsure"))),
                part.text("note", ""));
        if (!versions.isEmpty() && !version.from().isAfter(versions.getLast().from())) {
          throw part.bad("from", "is " + version.from(), "a day after that of the version before");
        }
        versions.add(version);
        part.end();
      }
      if (versions.isEmpty()) {
        throw group.bad("versions", "is missing or empty", "at least one version");
      }
      group.end();
      all.put(name, List.copyOf(versions));
    }
    file.section("same_as")
        .ifPresent(map -> {
          for (String key : map.keys()) {
            same.put(key, map.text(key));
          }
        });
    return new CountryGroups(all, same);
  }
}
