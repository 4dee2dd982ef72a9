package io.moineau.plan.rules;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.chips.Measure;
import io.moineau.plan.expr.Names;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.expr.Type;
import io.moineau.plan.expr.Value;
import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What is known of a chip and of what is to be done with it: values of the variables that
 * conditions may name. Immutable.
 *
 * @param values of variables; those that are missing are not known
 * @param assumed names of those that nobody gave
 */
public record Facts(Map<String, Value> values, Set<String> assumed) {

  /** A variable. */
  private record Variable(String name, Type type, String meaning, Optional<String> otherwise) {}

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,15}(\\.[0-9]{1,12})?");

  private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());

  private static final List<String> OF_COUNTRIES =
      List.of("to", "from", "end_user_hq", "vendor_country");

  private static final Map<String, List<String>> WORDS =
      Map.of(
          "purpose",
          List.of("datacentre", "supercomputer", "military", "research", "gaming", "other"),
          "seller",
          List.of("vendor", "foundry", "reseller"),
          "owner",
          List.of("public", "private"),
          "buyer",
          List.of("large internet firm", "other"));

  private static final Map<String, Variable> VARIABLES = variables();

  /** Copies its arguments. */
  public Facts {
    values = Map.copyOf(values);
    assumed = Set.copyOf(assumed);
  }

  private static Map<String, Variable> variables() {
    Map<String, Variable> all = new LinkedHashMap<>();
    text(all, "chip", "full name of the chip", "");
    text(all, "vendor", "who sells it", "");
    text(all, "vendor_country", "country of the vendor", "");
    text(all, "kind", "gpu, consumer gpu, npu, asic, cpu, storage, system", "");
    truth(all, "datacentre", "whether it is designed or sold for data centres", "");
    number(all, "tpp", "total processing performance");
    number(all, "pd", "performance density");
    number(all, "dram_bw", "bandwidth of its memory in GB/s");
    number(all, "io_bw", "links to other chips, both directions, in GB/s");
    number(all, "memory_gb", "memory in GB");
    number(all, "mbd", "memory bandwidth density of a stack, GB/s per mm2");
    truth(all, "co_packaged", "whether memory is packaged with a processor", "");
    truth(all, "us_item", "whether United States export rules reach the item", "");
    text(all, "to", "country that it goes to", "");
    text(all, "from", "country that it is shipped from", "US");
    text(all, "end_user_hq", "seat of the end user, or of its ultimate parent if it has one", "");
    text(all, "purpose", String.join(", ", WORDS.get("purpose")), "datacentre");
    text(all, "seller", String.join(", ", WORDS.get("seller")), "vendor");
    text(all, "buyer", String.join(", ", WORDS.get("buyer")), "");
    truth(all, "listed_party", "whether a party is on the Entity List or a like list", "false");
    number(all, "listed_share", "per cent of the end user that listed parties own", "0");
    text(all, "owner", String.join(", ", WORDS.get("owner")), "");
    truth(all, "state_funded", "whether the site has any money of the state", "");
    number(all, "completion", "part of the site that is built, 0 to 1");
    text(all, "region", "name of the region of the site", "");
    return all;
  }

  private static void text(Map<String, Variable> all, String name, String meaning, String value) {
    add(all, name, Type.TEXT, meaning, value);
  }

  private static void truth(Map<String, Variable> all, String name, String meaning, String value) {
    add(all, name, Type.TRUTH, meaning, value);
  }

  private static void number(Map<String, Variable> all, String name, String meaning) {
    number(all, name, meaning, "");
  }

  private static void number(Map<String, Variable> all, String name, String meaning, String value) {
    add(all, name, Type.NUMBER, meaning, value);
  }

  private static void add(
      Map<String, Variable> all, String name, Type type, String meaning, String value) {
    Optional<String> otherwise = value.isEmpty() ? Optional.empty() : Optional.of(value);
    all.put(name, new Variable(name, type, meaning, otherwise));
  }

  /** Names of variables with their meanings, for help. */
  public static Map<String, String> meanings() {
    Map<String, String> meanings = new LinkedHashMap<>();
    VARIABLES.forEach((name, variable) -> meanings.put(name, variable.meaning()));
    return meanings;
  }

  /** The words that a variable may be, of those that have no other values. */
  public static Map<String, List<String>> words() {
    return WORDS;
  }

  /** What conditions may name. */
  static Names names(Set<String> groups) {
    return new Names() {
      @Override
      public Optional<Type> type(String variable) {
        return Optional.ofNullable(VARIABLES.get(variable)).map(Variable::type);
      }

      @Override
      public Set<String> variables() {
        return VARIABLES.keySet();
      }

      @Override
      public Set<String> groups() {
        return groups;
      }
    };
  }

  /** Nothing but what is assumed where nobody says otherwise. */
  public static Facts none() {
    Map<String, Value> values = new LinkedHashMap<>();
    List<String> assumed = new ArrayList<>();
    for (Variable variable : VARIABLES.values()) {
      variable
          .otherwise()
          .ifPresent(text -> {
            values.put(variable.name(), value(variable, text));
            assumed.add(variable.name());
          });
    }
    return new Facts(values, Set.copyOf(assumed));
  }

  /** What the catalogue knows of a chip. */
  public static Facts of(Chip chip) {
    Map<String, Value> values = new LinkedHashMap<>(none().values());
    values.put("chip", new Value.Text(chip.name()));
    values.put("vendor", new Value.Text(chip.vendor()));
    values.put("vendor_country", new Value.Text(chip.country()));
    values.put("kind", new Value.Text(YamlSection.word(chip.kind())));
    values.put("datacentre", Truth.of(chip.datacentre()));
    chip.totalProcessingPerformance().ifPresent(m -> values.put("tpp", range(m)));
    chip.performanceDensity().ifPresent(m -> values.put("pd", range(m)));
    figure(values, "dram_bw", chip, Chip.Field.MEMORY_GBS);
    figure(values, "io_bw", chip, Chip.Field.LINK_GBS);
    figure(values, "memory_gb", chip, Chip.Field.MEMORY_GB);
    values.put("co_packaged", Truth.YES);
    if (chip.country().equals("US")) {
      values.put("us_item", Truth.YES);
    }
    return new Facts(values, none().assumed());
  }

  private static void figure(Map<String, Value> values, String name, Chip chip, Chip.Field field) {
    Optional<Figure> figure = chip.figure(field);
    figure.ifPresent(f -> values.put(name, new Value.Range(f.low(), f.high())));
  }

  private static Value range(Measure measure) {
    return new Value.Range(measure.low(), measure.high());
  }

  /**
   * With a variable set from a text.
   *
   * @throws PlanException {@code plan-bad-fact}
   */
  public Facts with(String name, String text) {
    Variable variable = VARIABLES.get(name);
    if (variable == null) {
      throw bad(name, "no such name", String.join(", ", VARIABLES.keySet()));
    }
    return with(name, value(variable, text));
  }

  /** With a variable set; the value must be of its type. */
  public Facts with(String name, Value value) {
    Variable variable = VARIABLES.get(name);
    if (variable == null || variable.type() != value.type()) {
      throw bad(name, value.text(), variable == null ? "a variable" : variable.type().words());
    }
    Map<String, Value> all = new LinkedHashMap<>(values);
    all.put(name, value);
    List<String> rest = assumed.stream().filter(one -> !one.equals(name)).toList();
    return new Facts(all, Set.copyOf(rest));
  }

  private static Value value(Variable variable, String text) {
    String name = variable.name();
    return switch (variable.type()) {
      case NUMBER -> {
        String[] ends = text.split("\\.\\.", -1);
        for (String end : ends) {
          if (ends.length > 2 || !NUMBER.matcher(end).matches()) {
            throw bad(name, text, "a number such as 4800, or a range such as 4000..5000");
          }
        }
        BigDecimal low = new BigDecimal(ends[0]);
        BigDecimal high = new BigDecimal(ends[ends.length - 1]);
        if (low.compareTo(high) > 0) {
          throw bad(name, text, "a range whose first number is the smaller one");
        }
        yield new Value.Range(low, high);
      }
      case TRUTH ->
          switch (text) {
            case "true", "yes" -> Truth.YES;
            case "false", "no" -> Truth.NO;
            case "unknown" -> Truth.UNKNOWN;
            default -> throw bad(name, text, "true, false, unknown");
          };
      case TEXT -> {
        if (OF_COUNTRIES.contains(name) && !COUNTRIES.contains(text)) {
          throw bad(name, text, "a country of ISO 3166 in two letters, such as CN");
        }
        List<String> words = WORDS.getOrDefault(name, List.of());
        if (!words.isEmpty() && !words.contains(text)) {
          throw bad(name, text, String.join(", ", words));
        }
        yield new Value.Text(text);
      }
    };
  }

  private static PlanException bad(String name, String value, String allowed) {
    return new PlanException(
        "plan-bad-fact", "a fact cannot be used", name + "=" + value, allowed, "correct it");
  }

  /** A variable's value. */
  Value value(String name) {
    Value value = values.get(name);
    Variable variable = VARIABLES.get(name);
    return value != null
        ? value
        : new Value.Unknown(variable == null ? Type.TEXT : variable.type());
  }

  /** A text, if it is known. */
  public Optional<String> text(String name) {
    return values.get(name) instanceof Value.Text text
        ? Optional.of(text.value())
        : Optional.empty();
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    for (String name : VARIABLES.keySet()) {
      Value value = values.get(name);
      if (value instanceof Value.Text text) {
        json.put(name, text.value());
      } else if (value instanceof Truth truth) {
        json.put(name, truth.text());
      } else if (value instanceof Value.Range range) {
        json.put(
            name,
            range.low().compareTo(range.high()) == 0
                ? range.low()
                : List.of(range.low(), range.high()));
      }
    }
    return json;
  }
}
