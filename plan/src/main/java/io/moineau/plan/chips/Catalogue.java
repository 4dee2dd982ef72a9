package io.moineau.plan.chips;

import io.moineau.plan.Nearest;
import io.moineau.plan.PlanException;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Chips and their figures.
 *
 * @param version date of the data, and files that were added
 * @param chips in the order of the files
 */
public record Catalogue(String version, List<Chip> chips) {
  private static final int MANY_NAMES = 4;

  /** The catalogue that is part of this module. */
  public static Catalogue standard() {
    ChipReader reader = new ChipReader();
    reader.read(YamlFile.resource("chips.yaml"));
    return new Catalogue(reader.version(), reader.chips());
  }

  /**
   * The catalogue of this module with the rows of a folder's files {@code *.yaml} that begin with
   * {@code moineau-catalogue} added; a row with a known name changes what it gives.
   *
   * @throws PlanException {@code plan-no-folder} or {@code plan-bad-file}
   */
  public static Catalogue withFolder(Path folder) {
    ChipReader reader = new ChipReader();
    reader.read(YamlFile.resource("chips.yaml"));
    for (YamlSection file : YamlFile.folder(folder)) {
      if (file.has("moineau-catalogue")) {
        reader.read(file);
      }
    }
    return new Catalogue(reader.version(), reader.chips());
  }

  /**
   * The chip of a name or alias; capitals, spaces and signs do not matter, and the beginning of one
   * name suffices.
   *
   * @throws PlanException {@code plan-unknown-chip}, with the nearest names, or {@code
   *     plan-ambiguous-chip}
   */
  public Chip get(String name) {
    String wanted = key(name);
    List<Chip> begin = new ArrayList<>();
    for (Chip chip : chips) {
      for (String one : names(chip)) {
        if (key(one).equals(wanted)) {
          return chip;
        }
      }
      if (!wanted.isEmpty() && names(chip).stream().anyMatch(one -> key(one).startsWith(wanted))) {
        begin.add(chip);
      }
    }
    if (begin.size() == 1) {
      return begin.getFirst();
    }
    if (begin.size() > 1) {
      throw new PlanException(
          "plan-ambiguous-chip",
          "several chips have names that begin so",
          "'" + name + "'",
          String.join(", ", begin.stream().map(Chip::name).toList()),
          "give more of the name");
    }
    throw new PlanException(
        "plan-unknown-chip",
        "the catalogue has no such chip",
        "'" + name + "'",
        "nearest: " + String.join(", ", nearest(name)),
        "see: moineau chips; add one of your own with --catalogue DIR");
  }

  private List<String> nearest(String name) {
    return Nearest.of(name, chips, Catalogue::names, MANY_NAMES).stream().map(Chip::name).toList();
  }

  private static List<String> names(Chip chip) {
    List<String> names = new ArrayList<>(chip.aliases());
    names.add(chip.name());
    return names;
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  /** The chip of exactly this name, if it is there. */
  public Optional<Chip> find(String name) {
    return chips.stream().filter(chip -> chip.name().equals(name)).findFirst();
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", version);
    json.put("chips", chips.stream().map(Chip::json).toList());
    return json;
  }
}
