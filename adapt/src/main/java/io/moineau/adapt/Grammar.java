package io.moineau.adapt;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Texts made from rules: something to learn from where there is nothing else, as large as one likes
 * and the same each time.
 *
 * <p>A rule is a name and a colon; the indented lines under it are what it may become. In these,
 * {@code {rule}} is replaced by one of the rule's lines; {@code {x:rule}} too, and {@code {x}} is
 * the same again. Where a line has parts divided by {@code /}, {@code {x.2}} is the second. {@code
 * {^x}} begins with a capital. Texts begin with the first rule.
 */
final class Grammar {
  private static final int DEEPEST = 100;

  private final Path file;
  private final Map<String, List<Line>> rules = new LinkedHashMap<>();
  private String first = "";

  private record Line(String text, int number) {}

  /** What stands in braces. */
  private record Slot(boolean capital, String variable, String rule, int part) {
    static Slot of(String inside) {
      boolean capital = inside.startsWith("^");
      String rest = capital ? inside.substring(1) : inside;
      int part = 0;
      int dot = rest.lastIndexOf('.');
      if (dot >= 0 && rest.substring(dot + 1).matches("[1-9]")) {
        part = rest.charAt(dot + 1) - '0';
        rest = rest.substring(0, dot);
      }
      int colon = rest.indexOf(':');
      return colon < 0
          ? new Slot(capital, rest, rest, part)
          : new Slot(capital, rest.substring(0, colon), rest.substring(colon + 1), part);
    }
  }

  /**
   * Reads rules.
   *
   * @throws AdaptException {@code train-bad-data} if a rule is missing, empty or part of itself
   */
  Grammar(Path file, List<String> lines) {
    this.file = file;
    List<Line> rule = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (Character.isWhitespace(line.charAt(0))) {
        rule.add(new Line(line.strip(), i + 1));
      } else if (line.strip().matches("[A-Za-z][A-Za-z0-9_-]*:")) {
        String name = line.strip().substring(0, line.strip().length() - 1);
        rule = new ArrayList<>();
        if (rules.putIfAbsent(name, rule) != null) {
          throw bad(i + 1, "rule " + name + " is there twice");
        }
        first = first.isEmpty() ? name : first;
      } else {
        throw bad(i + 1, line.strip());
      }
    }
    check();
  }

  private void check() {
    if (rules.isEmpty()) {
      throw bad(1, "there is no rule");
    }
    for (Map.Entry<String, List<Line>> rule : rules.entrySet()) {
      if (rule.getValue().isEmpty()) {
        throw bad(1, "rule " + rule.getKey() + " has no lines");
      }
    }
    rules
        .values()
        .forEach(lines ->
            lines.forEach(line ->
                slots(
                    line,
                    slot -> {
                      boolean named = !slot.variable.equals(slot.rule);
                      if (!rules.containsKey(slot.rule)
                          && (named || !isBoundSomewhere(slot.variable))) {
                        throw bad(line.number, "{" + slot.rule + "} is no rule");
                      }
                    })));
  }

  private boolean isBoundSomewhere(String variable) {
    return rules.values().stream()
        .flatMap(List::stream)
        .anyMatch(line ->
            line.text.contains("{" + variable + ":") || line.text.contains("{^" + variable + ":"));
  }

  private void slots(Line line, java.util.function.Consumer<Slot> taker) {
    int at = 0;
    while (true) {
      int open = line.text.indexOf('{', at);
      if (open < 0) {
        return;
      }
      int close = line.text.indexOf('}', open);
      if (close < 0) {
        throw bad(line.number, "{ without }");
      }
      taker.accept(Slot.of(line.text.substring(open + 1, close)));
      at = close + 1;
    }
  }

  /** A text. */
  String text(SplittableRandom random) {
    StringBuilder out = new StringBuilder();
    expand(pick(first, random), random, new HashMap<>(), out, 0);
    return out.toString();
  }

  private Line pick(String rule, SplittableRandom random) {
    List<Line> lines = rules.getOrDefault(rule, List.of());
    return lines.get(random.nextInt(lines.size()));
  }

  private void expand(
      Line line, SplittableRandom random, Map<String, String> known, StringBuilder out, int depth) {
    if (depth > DEEPEST) {
      throw bad(line.number, "a rule is part of itself without end");
    }
    int at = 0;
    while (true) {
      int open = line.text.indexOf('{', at);
      if (open < 0) {
        out.append(line.text, at, line.text.length());
        return;
      }
      out.append(line.text, at, open);
      int close = line.text.indexOf('}', open);
      Slot slot = Slot.of(line.text.substring(open + 1, close));
      String value = value(slot, line, random, known, depth);
      out.append(
          slot.capital && !value.isEmpty()
              ? value.substring(0, 1).toUpperCase(Locale.ROOT) + value.substring(1)
              : value);
      at = close + 1;
    }
  }

  private String value(
      Slot slot, Line line, SplittableRandom random, Map<String, String> known, int depth) {
    boolean named = !slot.variable.equals(slot.rule);
    String value = named || !rules.containsKey(slot.rule) ? known.get(slot.variable) : null;
    if (value == null || named) {
      if (!rules.containsKey(slot.rule)) {
        throw bad(line.number, "{" + slot.variable + "} is used before it is chosen");
      }
      StringBuilder text = new StringBuilder();
      expand(pick(slot.rule, random), random, known, text, depth + 1);
      value = text.toString();
      if (named) {
        known.put(slot.variable, value);
      }
    }
    if (slot.part == 0) {
      return value;
    }
    String[] parts = value.split("/", -1);
    if (slot.part > parts.length) {
      throw bad(line.number, "{" + slot.variable + "." + slot.part + "}: there is no such part");
    }
    return parts[slot.part - 1];
  }

  private AdaptException bad(int line, String what) {
    return new AdaptException(
        "train-bad-data",
        "a grammar is not as it should be",
        file + " line " + line + ": " + what,
        "rules (name:) and under each, indented, the lines that it may become",
        "correct the line");
  }
}
