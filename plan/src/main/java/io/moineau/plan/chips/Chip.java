package io.moineau.plan.chips;

import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A row of the catalogue.
 *
 * @param name its full name
 * @param aliases other names that find it
 * @param vendor who sells it
 * @param country of the vendor, as an ISO 3166 code of two letters
 * @param hq where its designer has its seat; may be empty
 * @param kind what it is
 * @param datacentre whether it is sold for data centres
 * @param architecture may be empty
 * @param launch a day, month, year or span, as known ({@code 2026-Q4}); may be empty
 * @param stage launched, planned, rumoured, samples, shown
 * @param process its node; may be empty
 * @param foundry who makes it; may be empty
 * @param peaks dense peaks in 10^12 operations a second (a multiplication and an addition are two)
 * @param memory type of memory; may be empty
 * @param link type of the links between chips; may be empty
 * @param figures numbers by {@link Field}
 * @param die which area {@link Field#DIE_MM2} is; may be empty
 * @param dieApplicable whether that area is the one that performance density divides by
 * @param software stack; may be empty
 * @param quality of the row
 * @param note remarks; may be empty
 * @param sources of the row
 * @param origin file that the row is from
 */
public record Chip(
    String name,
    List<String> aliases,
    String vendor,
    String country,
    String hq,
    Kind kind,
    boolean datacentre,
    String architecture,
    String launch,
    String stage,
    String process,
    String foundry,
    Map<Precision, Figure> peaks,
    String memory,
    String link,
    Map<Field, Figure> figures,
    String die,
    boolean dieApplicable,
    String software,
    Quality quality,
    String note,
    List<Source> sources,
    String origin) {

  private static final Pattern DAY = Pattern.compile("^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?");

  /** Numbers other than peaks. */
  public enum Field {
    /** Memory in 10^9 bytes. */
    MEMORY_GB("memory_gb", "GB"),
    /** Bandwidth of memory in 10^9 bytes a second. */
    MEMORY_GBS("memory_gbs", "GB/s"),
    /** Links between chips, both directions together, in 10^9 bytes a second. */
    LINK_GBS("link_gbs", "GB/s"),
    /** How many chips one fast interconnect joins: a board, a rack, a supernode. */
    LINK_DOMAIN("link_domain", "chips"),
    /** Network beyond that for each chip, one direction, in 10^9 bytes a second. */
    NETWORK_GBS("network_gbs", "GB/s"),
    /** Domains of a CPU's memory, each near to a part of its cores. */
    NUMA_DOMAINS("numa_domains", "domains"),
    /** How much faster attention is than the architecture's arithmetic would make it. */
    ATTENTION_GAIN("attention_gain", "times"),
    /** Power in watts. */
    TDP_W("tdp_w", "W"),
    /** Area of dies in square millimetres. */
    DIE_MM2("die_mm2", "mm2"),
    /** Price in United States dollars, where a user's file has one. */
    PRICE_USD("price_usd", "USD");

    private final String key;
    private final String unit;

    Field(String key, String unit) {
      this.key = key;
      this.unit = unit;
    }

    /** The name in files. */
    public String key() {
      return key;
    }

    /** The unit. */
    public String unit() {
      return unit;
    }
  }

  /** Whether it was launched after a day, as far as its launch is known: by year, month or day. */
  public boolean launchedAfter(LocalDate date) {
    Matcher known = DAY.matcher(launch);
    return known.find() && date.toString().substring(0, known.end()).compareTo(known.group()) < 0;
  }

  /** A number, if it is known. */
  public Optional<Figure> figure(Field field) {
    return Optional.ofNullable(figures.get(field));
  }

  /** A peak, if it is known. */
  public Optional<Figure> peak(Precision precision) {
    return Optional.ofNullable(peaks.get(precision));
  }

  /**
   * Total processing performance (15 CFR 774, ECCN 3A090, note 2): the highest, over the lengths of
   * inputs, of 2 x MacTOPS x bit length, which is dense operations a second in 10^12 x bit length.
   * Empty where no peak is known, and for CPUs and systems.
   */
  public Optional<Measure> totalProcessingPerformance() {
    if (!kind.hasPerformance()) {
      return Optional.empty();
    }
    BigDecimal low = BigDecimal.ZERO;
    BigDecimal high = BigDecimal.ZERO;
    BigDecimal best = BigDecimal.ZERO;
    boolean pointLess = false;
    String from = "";
    for (Map.Entry<Precision, Figure> peak : peaks.entrySet()) {
      BigDecimal bits = BigDecimal.valueOf(peak.getKey().bits());
      Figure figure = peak.getValue();
      low = low.max(figure.low().multiply(bits));
      high = high.max(figure.high().multiply(bits));
      pointLess |= figure.value().isEmpty();
      BigDecimal here = figure.value().orElse(figure.high()).multiply(bits);
      if (here.compareTo(best) >= 0) { // of equals the shortest input, as tables have it
        best = here;
        from = peak.getKey().key() + " " + figure.text() + " x " + peak.getKey().bits() + " bit";
      }
    }
    if (high.signum() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Measure(pointLess ? Optional.empty() : Optional.of(best), low, high, from));
  }

  /**
   * Performance density: total processing performance divided by the area of the dies that are made
   * with non-planar transistors. To 34 digits, which is exact wherever it could equal a threshold.
   */
  public Optional<Measure> performanceDensity() {
    Optional<Measure> performance = totalProcessingPerformance();
    Figure area = figures.get(Field.DIE_MM2);
    if (performance.isEmpty() || area == null || !dieApplicable || area.low().signum() == 0) {
      return Optional.empty();
    }
    Measure tpp = performance.get();
    MathContext digits = MathContext.DECIMAL128;
    Optional<BigDecimal> value =
        tpp.value().flatMap(t -> area.value().map(a -> t.divide(a, digits)));
    return Optional.of(
        new Measure(
            value,
            tpp.low().divide(area.high(), digits),
            tpp.high().divide(area.low(), digits),
            "performance " + tpp.text() + " / " + area.text() + " mm2"));
  }

  /** As plain values for JSON: texts, numbers, lists and maps. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("aliases", aliases);
    json.put("vendor", vendor);
    json.put("country", country);
    json.put("hq", hq);
    json.put("kind", YamlSection.word(kind));
    json.put("datacentre", datacentre);
    json.put("architecture", architecture);
    json.put("launch", launch);
    json.put("stage", stage);
    json.put("process", process);
    json.put("foundry", foundry);
    Map<String, Object> rates = new LinkedHashMap<>();
    peaks.forEach((precision, figure) -> rates.put(precision.key(), figure.json()));
    json.put("peak", rates);
    json.put("memory", memory);
    json.put("link", link);
    for (Field field : Field.values()) {
      if (figures.containsKey(field)) {
        json.put(field.key(), figures.get(field).json());
      }
    }
    json.put("die", die);
    json.put("software", software);
    json.put("tpp", totalProcessingPerformance().map(Measure::json).orElse(null));
    json.put("perf_density", performanceDensity().map(Measure::json).orElse(null));
    json.put("quality", quality.name());
    json.put("note", note);
    json.put("sources", sources.stream().map(Source::json).toList());
    json.put("origin", origin);
    return json;
  }
}
