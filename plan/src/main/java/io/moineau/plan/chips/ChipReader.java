package io.moineau.plan.chips;

import io.moineau.plan.yaml.Scalar;
import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads files of chips into rows. A row with the name of one that is there changes the keys that it
 * gives and keeps the others.
 */
final class ChipReader {
  private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());

  private final Map<String, Chip> chips = new LinkedHashMap<>();
  private String version = "";

  String version() {
    return version;
  }

  List<Chip> chips() {
    return List.copyOf(chips.values());
  }

  void read(YamlSection file) {
    String format = file.text("moineau-catalogue");
    if (!format.equals("1")) {
      throw file.bad("moineau-catalogue", "is " + format, "1");
    }
    String date = file.requiredDate("version").toString();
    version = version.isEmpty() ? date : version + " + " + file.file();
    Map<String, Source> sources = sources(file, date);
    for (YamlSection row : file.sections("chips")) {
      Chip chip = new Row(row, sources).chip();
      chips.put(chip.name(), chip);
    }
    file.end();
  }

  private static Map<String, Source> sources(YamlSection file, String date) {
    Map<String, Source> sources = new LinkedHashMap<>();
    Optional<YamlSection> all = file.section("sources");
    if (all.isPresent()) {
      for (String id : all.get().keys()) {
        YamlSection one = all.get().section(id).orElseThrow();
        String own = one.text("date", "");
        sources.put(
            id,
            new Source(
                id,
                one.text("title"),
                one.text("url", ""),
                own.isEmpty() ? "read by " + date : own));
        one.end();
      }
    }
    return sources;
  }

  /** One row. */
  private final class Row {
    private final YamlSection row;
    private final Map<String, Source> known;
    private final Optional<Chip> before;
    private final Quality quality;
    private final List<Source> sources;
    private final Set<String> derived;

    Row(YamlSection row, Map<String, Source> known) {
      this.row = row;
      this.known = known;
      before = Optional.ofNullable(chips.get(row.text("name")));
      quality =
          before.filter(chip -> !row.has("quality")).map(Chip::quality).orElseGet(this::quality);
      sources = sourcesOfRow();
      derived = new TreeSet<>(row.texts("derived"));
    }

    private Quality quality() {
      String word = row.text("quality");
      try {
        return Quality.valueOf(word);
      } catch (IllegalArgumentException e) {
        throw row.bad("quality", "is " + word, "A, B, C");
      }
    }

    private List<Source> sourcesOfRow() {
      List<Source> list = new ArrayList<>();
      for (Scalar id : row.scalars("sources")) {
        Source source = known.get(id.value());
        if (source == null) {
          throw id.bad("names " + id.value(), "the keys of sources: " + String.join(", ", names()));
        }
        list.add(source);
      }
      if (list.isEmpty()) {
        throw row.bad("sources", "is missing or empty", "at least one source of this file");
      }
      return list;
    }

    private List<String> names() {
      return known.keySet().stream().limit(12).toList();
    }

    Chip chip() {
      Map<Precision, Figure> peaks = new EnumMap<>(Precision.class);
      Map<Chip.Field, Figure> figures = new EnumMap<>(Chip.Field.class);
      before.ifPresent(chip -> peaks.putAll(chip.peaks()));
      before.ifPresent(chip -> figures.putAll(chip.figures()));
      row.section("peak")
          .ifPresent(part -> {
            for (Precision precision : Precision.values()) {
              figure(part, precision.key()).ifPresent(figure -> peaks.put(precision, figure));
            }
            part.end();
          });
      for (Chip.Field field : Chip.Field.values()) {
        figure(row, field.key()).ifPresent(figure -> figures.put(field, figure));
      }
      Chip chip =
          new Chip(
              row.text("name"),
              row.has("aliases") || before.isEmpty()
                  ? row.texts("aliases")
                  : before.get().aliases(),
              text("vendor", before.map(Chip::vendor), true),
              country(),
              text("hq", before.map(Chip::hq), false),
              row.choice("kind", Kind.class)
                  .or(() -> before.map(Chip::kind))
                  .orElseGet(() -> row.requiredChoice("kind", Kind.class)),
              row.flag("datacentre").or(() -> before.map(Chip::datacentre)).orElse(true),
              text("architecture", before.map(Chip::architecture), false),
              text("launch", before.map(Chip::launch), false),
              row.choice("stage", Stage.class)
                  .map(YamlSection::word)
                  .or(() -> before.map(Chip::stage))
                  .orElse("launched"),
              text("process", before.map(Chip::process), false),
              text("foundry", before.map(Chip::foundry), false),
              java.util.Collections.unmodifiableMap(peaks),
              text("memory", before.map(Chip::memory), false),
              text("link", before.map(Chip::link), false),
              java.util.Collections.unmodifiableMap(figures),
              text("die", before.map(Chip::die), false),
              row.flag("die_applicable").or(() -> before.map(Chip::dieApplicable)).orElse(true),
              text("software", before.map(Chip::software), false),
              quality,
              text("note", before.map(Chip::note), false),
              allSources(),
              before.map(Chip::origin).map(o -> o + ", ").orElse("") + row.file());
      row.end();
      return chip;
    }

    private List<Source> allSources() {
      Set<Source> all = new java.util.LinkedHashSet<>();
      before.ifPresent(chip -> all.addAll(chip.sources()));
      all.addAll(sources);
      return List.copyOf(all);
    }

    private String text(String key, Optional<String> otherwise, boolean required) {
      if (row.has(key) || otherwise.isEmpty()) {
        return required ? row.text(key) : row.text(key, "");
      }
      return otherwise.get();
    }

    private String country() {
      String code = text("country", before.map(Chip::country), true);
      if (!COUNTRIES.contains(code)) {
        throw row.bad("country", "is " + code, "a code of two letters of ISO 3166, such as US");
      }
      return code;
    }

    private Optional<Figure> figure(YamlSection part, String key) {
      boolean isDerived = derived.contains(key);
      if (!part.isMap(key)) {
        return part.number(key)
            .map(n -> new Figure(Optional.of(n), n, n, quality, isDerived, "", sources));
      }
      YamlSection map = part.section(key).orElseThrow();
      Optional<BigDecimal> value = map.number("value");
      Optional<BigDecimal> low = map.number("low").or(() -> value);
      Optional<BigDecimal> high = map.number("high").or(() -> value);
      String note = map.text("note", "");
      map.end();
      if (low.isEmpty() || high.isEmpty()) {
        throw part.bad(key, "has no number", "a number, or value, low and high");
      }
      try {
        return Optional.of(
            new Figure(value, low.get(), high.get(), quality, isDerived, note, sources));
      } catch (IllegalArgumentException e) {
        throw part.bad(
            key,
            "has the range " + low.get() + " to " + high.get(),
            String.valueOf(e.getMessage()));
      }
    }
  }

  /** Stages of a chip's life, as files have them. */
  enum Stage {
    LAUNCHED,
    PLANNED,
    RUMOURED,
    SAMPLES,
    SHOWN
  }
}
