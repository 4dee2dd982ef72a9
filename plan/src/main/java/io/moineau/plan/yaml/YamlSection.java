package io.moineau.plan.yaml;

import io.moineau.plan.PlanException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A map of a YAML file. Every key is asked for with what is allowed; what nobody asked for is
 * unknown, and is refused at the end. Errors have the code {@code plan-bad-file}.
 */
public final class YamlSection {
  /** No exponent and few digits: arithmetic on such numbers is exact and cheap. */
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,15}(\\.[0-9]{1,12})?");

  private final String file;
  private final String name;
  private final int line;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private final Set<String> asked = new TreeSet<>();

  YamlSection(String file, String name, Node node) {
    this.file = file;
    this.name = name;
    this.line = line(node);
    if (!(node instanceof MappingNode mapping)) {
      throw error(file, line, (name.isEmpty() ? "the file" : name) + " is no map", "keys, values");
    }
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
      if (values.put(key, tuple.getValueNode()) != null) {
        throw error(file, line(tuple.getKeyNode()), path(key) + " is given twice", "each key once");
      }
      lines.put(key, line(tuple.getKeyNode()));
    }
  }

  private static int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
  }

  static PlanException error(String file, int line, String what, String allowed) {
    return new PlanException(
        "plan-bad-file",
        "a file has a mistake",
        file + " line " + line + ": " + what,
        allowed,
        "correct the line; the file was not used");
  }

  /** Name of the file. */
  public String file() {
    return file;
  }

  /** First line of this map, from 1. */
  public int line() {
    return line;
  }

  private String path(String key) {
    return name.isEmpty() ? key : name + "." + key;
  }

  /** An error about a key's value. */
  public PlanException bad(String key, String what, String allowed) {
    return error(file, lines.getOrDefault(key, line), path(key) + " " + what, allowed);
  }

  /** Whether a key is there. */
  public boolean has(String key) {
    asked.add(key);
    return values.containsKey(key);
  }

  /** A value that is no list and no map, with its place. */
  public Optional<Scalar> scalar(String key, String allowed) {
    asked.add(key);
    Node node = values.get(key);
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof ScalarNode scalar) {
      return Optional.of(new Scalar(scalar.getValue().strip(), file, line(node), path(key)));
    }
    throw bad(key, "is a list or a map", allowed);
  }

  /** A text that must be there and hold something. */
  public String text(String key) {
    String text = text(key, "");
    if (text.isEmpty()) {
      throw bad(key, values.containsKey(key) ? "is empty" : "is missing", "a text");
    }
    return text;
  }

  /** A text; {@code otherwise} where the key is missing. */
  public String text(String key, String otherwise) {
    return scalar(key, "a text").map(Scalar::value).orElse(otherwise);
  }

  /** A number of at most 15 digits before the point and 12 after it. */
  public Optional<BigDecimal> number(String key) {
    String allowed = "a number such as 1979 or 494.7";
    Optional<Scalar> text = scalar(key, allowed);
    if (text.isPresent() && !NUMBER.matcher(text.get().value()).matches()) {
      throw bad(key, "is " + text.get().value(), allowed);
    }
    return text.map(scalar -> new BigDecimal(scalar.value()));
  }

  /** Whether the value of a key is a map. */
  public boolean isMap(String key) {
    return values.get(key) instanceof MappingNode;
  }

  /** Whether the value of a key is a list. */
  public boolean isList(String key) {
    return values.get(key) instanceof SequenceNode;
  }

  /** true or false. */
  public Optional<Boolean> flag(String key) {
    return scalar(key, "true or false")
        .map(scalar ->
            switch (scalar.value()) {
              case "true" -> true;
              case "false" -> false;
              default -> throw bad(key, "is " + scalar.value(), "true or false");
            });
  }

  /** A day such as 2025-08-01. */
  public Optional<LocalDate> date(String key) {
    Optional<Scalar> text = scalar(key, "a day such as 2025-08-01");
    try {
      return text.map(scalar -> LocalDate.parse(scalar.value()));
    } catch (DateTimeParseException e) {
      throw bad(key, "is " + text.orElseThrow().value(), "a day such as 2025-08-01");
    }
  }

  /** A day that must be there. */
  public LocalDate requiredDate(String key) {
    return date(key).orElseThrow(() -> bad(key, "is missing", "a day such as 2025-08-01"));
  }

  /** One of the names of an enumeration, written in small letters with spaces. */
  public <E extends Enum<E>> Optional<E> choice(String key, Class<E> type) {
    E[] all = type.getEnumConstants();
    String allowed = String.join(", ", Arrays.stream(all).map(YamlSection::word).toList());
    return scalar(key, allowed)
        .map(scalar ->
            Arrays.stream(all)
                .filter(one -> word(one).equals(scalar.value()))
                .findFirst()
                .orElseThrow(() -> bad(key, "is " + scalar.value(), allowed)));
  }

  /** One of the names of an enumeration that must be there. */
  public <E extends Enum<E>> E requiredChoice(String key, Class<E> type) {
    return choice(key, type)
        .orElseThrow(() ->
            bad(
                key,
                "is missing",
                String.join(
                    ", ", Arrays.stream(type.getEnumConstants()).map(YamlSection::word).toList())));
  }

  /** How an enumeration's name is written in files. */
  public static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** A map within. */
  public Optional<YamlSection> section(String key) {
    asked.add(key);
    return Optional.ofNullable(values.get(key)).map(node -> new YamlSection(file, path(key), node));
  }

  /** Maps in a list; none where the key is missing. */
  public List<YamlSection> sections(String key) {
    asked.add(key);
    Node node = values.get(key);
    List<YamlSection> sections = new ArrayList<>();
    if (node == null) {
      return sections;
    }
    if (!(node instanceof SequenceNode list)) {
      throw bad(key, "is no list", "a list of maps");
    }
    for (int i = 0; i < list.getValue().size(); i++) {
      sections.add(new YamlSection(file, path(key) + "[" + i + "]", list.getValue().get(i)));
    }
    return sections;
  }

  /** Texts in a list; none where the key is missing. */
  public List<Scalar> scalars(String key) {
    asked.add(key);
    Node node = values.get(key);
    List<Scalar> texts = new ArrayList<>();
    if (node == null) {
      return texts;
    }
    if (!(node instanceof SequenceNode list)) {
      throw bad(key, "is no list", "a list of texts");
    }
    for (Node item : list.getValue()) {
      if (!(item instanceof ScalarNode scalar)) {
        throw bad(key, "has a list or a map in it", "a list of texts");
      }
      texts.add(new Scalar(scalar.getValue().strip(), file, line(item), path(key)));
    }
    return texts;
  }

  /** The same without their places. */
  public List<String> texts(String key) {
    return scalars(key).stream().map(Scalar::value).toList();
  }

  /** The keys in their order. */
  public List<String> keys() {
    return List.copyOf(values.keySet());
  }

  /** Refuses keys that nobody asked for. */
  public void end() {
    for (String key : values.keySet()) {
      if (!asked.contains(key)) {
        throw bad(key, "is no key", String.join(", ", asked));
      }
    }
  }
}
