package io.moineau.server.metrics;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strict reader of Prometheus' text format 0.0.4 and of OpenMetrics 1.0: it refuses what a
 * lenient one would let through, such as a type that comes after its samples, a family in two
 * places, a series that is there twice, or a histogram that does not add up.
 */
public final class PrometheusText {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)(?: (\\S+))?");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\\"n])*)\"(,|$)");
  private static final Set<String> TYPES =
      Set.of("counter", "gauge", "histogram", "summary", "untyped", "info", "unknown");

  /** A family of series. */
  public static final class Family {
    private final String name;
    private String type = "";
    private String help = "";
    private final List<Sample> samples = new ArrayList<>();

    private Family(String name) {
      this.name = name;
    }

    public String type() {
      return type;
    }

    public String help() {
      return help;
    }

    public List<Sample> samples() {
      return samples;
    }
  }

  /** A value of one series. */
  public record Sample(String name, Map<String, String> labels, double value) {}

  private final boolean openMetrics;
  private final Map<String, Family> families = new LinkedHashMap<>();
  private final Set<String> closed = new HashSet<>();
  private final Set<String> series = new HashSet<>();
  private Family current = new Family("");

  private PrometheusText(boolean openMetrics) {
    this.openMetrics = openMetrics;
  }

  /** Reads a whole answer. */
  public static PrometheusText parse(String text, boolean openMetrics) {
    PrometheusText all = new PrometheusText(openMetrics);
    if (!text.endsWith("\n")) {
      throw new AssertionError("does not end with a line end");
    }
    String[] lines = text.substring(0, text.length() - 1).split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      boolean last = i == lines.length - 1;
      if (openMetrics && last) {
        check(lines[i].equals("# EOF"), lines[i], "the last line is # EOF");
      } else {
        all.line(lines[i]);
      }
    }
    all.families.values().forEach(all::check);
    return all;
  }

  private static void check(boolean right, String line, String rule) {
    if (!right) {
      throw new AssertionError(rule + ": " + line);
    }
  }

  private void line(String line) {
    if (line.startsWith("# ")) {
      String[] words = line.split(" ", 4);
      check(words.length >= 3, line, "a comment has a word and a name");
      check(words[1].matches("HELP|TYPE" + (openMetrics ? "|UNIT" : "")), line, "which comment");
      Family family = family(words[2], line);
      check(family.samples.isEmpty(), line, "comments come before samples");
      if (words[1].equals("HELP")) {
        check(family.help.isEmpty() && words.length == 4, line, "one help, which is not empty");
        family.help = words[3];
      } else if (words[1].equals("TYPE")) {
        check(family.type.isEmpty(), line, "one type");
        check(TYPES.contains(words[3]), line, "a known type");
        family.type = words[3];
      }
      return;
    }
    sample(line);
  }

  private Family family(String name, String line) {
    check(NAME.matcher(name).matches(), line, "a name");
    if (!current.name.equals(name)) {
      closed.add(current.name);
      check(!closed.contains(name), line, "a family stands in one place");
      current = families.computeIfAbsent(name, Family::new);
    }
    return current;
  }

  private void sample(String line) {
    Matcher matcher = SAMPLE.matcher(line);
    check(matcher.matches(), line, "a sample");
    String name = matcher.group(1);
    check(belongs(name), line, "a sample stands below the type of its family");
    Map<String, String> labels = new TreeMap<>();
    String text = matcher.group(2) == null ? "" : matcher.group(2);
    int at = 0;
    Matcher label = LABEL.matcher(text);
    while (at < text.length()) {
      check(label.find(at) && label.start() == at, line, "labels");
      check(labels.put(label.group(1), label.group(2)) == null, line, "a label is there once");
      at = label.end();
    }
    check(series.add(name + labels), line, "a series is there once");
    current.samples.add(new Sample(name, labels, value(matcher.group(3), line)));
  }

  private boolean belongs(String name) {
    String base = current.name;
    return switch (current.type) {
      case "histogram" ->
          name.equals(base + "_bucket")
              || name.equals(base + "_sum")
              || name.equals(base + "_count");
      case "summary" ->
          name.equals(base) || name.equals(base + "_sum") || name.equals(base + "_count");
      case "counter" -> openMetrics ? name.equals(base + "_total") : name.equals(base);
      case "info" -> name.equals(base + "_info");
      case "" -> false;
      default -> name.equals(base);
    };
  }

  private static double value(String text, String line) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      case "NaN" -> Double.NaN;
      default -> {
        check(text.matches("-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?"), line, "a number");
        yield Double.parseDouble(text);
      }
    };
  }

  private void check(Family family) {
    check(!family.samples.isEmpty() || !family.type.isEmpty(), family.name, "not empty");
    check(!family.help.isEmpty(), family.name, "each family says what it is");
    if (family.type.equals("counter")) {
      check(openMetrics || family.name.endsWith("_total"), family.name, "counters end with _total");
      family.samples.forEach(one -> check(one.value() >= 0, one.toString(), "not negative"));
    }
    if (family.type.equals("histogram")) {
      histogram(family);
    }
  }

  /** Buckets grow, the last one is infinity and has as many as there are. */
  private static void histogram(Family family) {
    Map<Map<String, String>, List<Sample>> buckets = new LinkedHashMap<>();
    Map<Map<String, String>, Double> counts = new LinkedHashMap<>();
    for (Sample sample : family.samples) {
      Map<String, String> rest = new TreeMap<>(sample.labels());
      rest.remove("le");
      if (sample.name().endsWith("_bucket")) {
        buckets.computeIfAbsent(rest, key -> new ArrayList<>()).add(sample);
      } else if (sample.name().endsWith("_count")) {
        counts.put(rest, sample.value());
      }
    }
    check(buckets.keySet().equals(counts.keySet()), family.name, "buckets and counts");
    buckets.forEach((labels, all) -> {
      double bound = Double.NEGATIVE_INFINITY;
      double count = 0;
      for (Sample sample : all) {
        double next = value(sample.labels().get("le"), sample.toString());
        check(next > bound, sample.toString(), "bounds grow");
        check(sample.value() >= count, sample.toString(), "buckets grow");
        bound = next;
        count = sample.value();
      }
      check(bound == Double.POSITIVE_INFINITY, family.name + labels, "the last bound");
      check(count == counts.get(labels), family.name + labels, "the last bucket has all");
    });
  }

  /** All families by their names. */
  public Map<String, Family> families() {
    return families;
  }

  /** Names of all samples, such as {@code x_bucket}. */
  public Set<String> sampleNames() {
    Set<String> names = new HashSet<>();
    families.values().forEach(family -> family.samples.forEach(one -> names.add(one.name())));
    return names;
  }

  /** Names of all labels of samples with this name. */
  public Set<String> labelsOf(String sample) {
    Set<String> names = new HashSet<>();
    for (Family family : families.values()) {
      for (Sample one : family.samples) {
        if (one.name().equals(sample)) {
          names.addAll(one.labels().keySet());
        }
      }
    }
    return names;
  }

  /** The sum over all series with this name and these labels; labels come as name, value. */
  public double sum(String name, String... labels) {
    double sum = 0;
    boolean found = false;
    for (Family family : families.values()) {
      for (Sample sample : family.samples) {
        if (sample.name().equals(name) && has(sample, labels)) {
          sum += sample.value();
          found = true;
        }
      }
    }
    if (!found) {
      throw new AssertionError("no series " + name + " " + List.of(labels));
    }
    return sum;
  }

  private static boolean has(Sample sample, String... labels) {
    for (int i = 0; i < labels.length; i += 2) {
      if (!labels[i + 1].equals(sample.labels().get(labels[i]))) {
        return false;
      }
    }
    return true;
  }
}
