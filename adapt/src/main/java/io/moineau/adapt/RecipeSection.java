package io.moineau.adapt;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Keys and values of a part of a recipe. Every value is asked for with what is allowed; what was
 * not asked for is unknown, and is refused at the end.
 */
final class RecipeSection {
  private final String file;
  private final String name;
  private final int line;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private final Set<String> asked = new TreeSet<>();

  RecipeSection(String file, String name, Node node) {
    this.file = file;
    this.name = name;
    this.line = line(node);
    if (!(node instanceof MappingNode mapping)) {
      throw error(line, name.isEmpty() ? "the recipe" : name, "keys with values", "no map");
    }
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
      if (values.put(key, tuple.getValueNode()) != null) {
        throw error(line(tuple.getKeyNode()), path(key), "each key once", "given twice");
      }
      lines.put(key, line(tuple.getKeyNode()));
    }
  }

  private static int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
  }

  private String path(String key) {
    return name.isEmpty() ? key : name + "." + key;
  }

  private AdaptException error(int at, String where, String allowed, String value) {
    return new AdaptException(
        "train-bad-recipe",
        "the recipe has a mistake",
        file + " line " + at + ": " + where + " is " + value,
        allowed,
        "correct the line; nothing was begun");
  }

  /** An error about a key's value. */
  AdaptException bad(String key, Object value, String allowed) {
    return error(lines.getOrDefault(key, line), path(key), allowed, String.valueOf(value));
  }

  private Optional<String> scalar(String key, String allowed) {
    asked.add(key);
    Node node = values.get(key);
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof ScalarNode scalar) {
      return Optional.of(scalar.getValue());
    }
    throw bad(key, "a list or a map", allowed);
  }

  boolean has(String key) {
    asked.add(key);
    return values.containsKey(key);
  }

  /** A whole number; {@code otherwise} where the key is missing. */
  int integer(String key, int least, int most, int otherwise) {
    String allowed = "a whole number from " + least + " to " + most;
    Optional<String> text = scalar(key, allowed);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text.get().replace("_", ""));
      if (value >= least && value <= most) {
        return (int) value;
      }
    } catch (NumberFormatException e) {
      throw bad(key, text.get(), allowed);
    }
    throw bad(key, text.get(), allowed);
  }

  /** A whole number that must be there. */
  int integer(String key, int least, int most) {
    if (!has(key)) {
      throw bad(key, "missing", "a whole number from " + least + " to " + most);
    }
    return integer(key, least, most, least);
  }

  double number(String key, double least, double most, double otherwise) {
    String allowed = "a number from " + least + " to " + most;
    Optional<String> text = scalar(key, allowed);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      double value = Double.parseDouble(text.get());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw bad(key, text.get(), allowed);
    }
    throw bad(key, text.get(), allowed);
  }

  String text(String key, String otherwise) {
    return scalar(key, "a text").orElse(otherwise);
  }

  boolean flag(String key, boolean otherwise) {
    return choice(key, otherwise ? "true" : "false", "true", "false").equals("true");
  }

  String choice(String key, String otherwise, String... allowed) {
    String value = text(key, otherwise);
    if (!List.of(allowed).contains(value)) {
      throw bad(key, value, String.join(", ", allowed));
    }
    return value;
  }

  /** A part within; one without keys where it is missing. */
  RecipeSection section(String key) {
    asked.add(key);
    Node node = values.get(key);
    if (node == null) {
      throw bad(key, "missing", "a map of keys");
    }
    return new RecipeSection(file, path(key), node);
  }

  /** Parts in a list. */
  List<RecipeSection> sections(String key) {
    asked.add(key);
    List<RecipeSection> sections = new ArrayList<>();
    if (values.get(key) instanceof SequenceNode list) {
      for (int i = 0; i < list.getValue().size(); i++) {
        sections.add(new RecipeSection(file, path(key) + "[" + i + "]", list.getValue().get(i)));
      }
    }
    if (sections.isEmpty()) {
      throw bad(key, "missing or empty", "a list of at least one");
    }
    return sections;
  }

  /** Texts in a list; none where it is missing. */
  List<String> texts(String key) {
    asked.add(key);
    Node node = values.get(key);
    if (node == null) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    if (node instanceof SequenceNode list) {
      for (Node item : list.getValue()) {
        if (!(item instanceof ScalarNode scalar)) {
          throw bad(key, "a list of other things", "a list of texts");
        }
        texts.add(scalar.getValue());
      }
      return texts;
    }
    throw bad(key, "no list", "a list of texts");
  }

  /** Refuses keys that were not asked for. */
  void end() {
    Set<String> unknown = new HashSet<>(values.keySet());
    unknown.removeAll(asked);
    for (String key : values.keySet()) {
      if (unknown.contains(key)) {
        throw bad(key, "not a key", String.join(", ", asked));
      }
    }
  }
}
