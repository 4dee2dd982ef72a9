package io.moineau.bench.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Exchanges, drops and doubles the words, marks and operators of a Jinja template. */
final class WordMutator {
  private static final Pattern WORD =
      Pattern.compile(
          "\\{%-?|-?%\\}|\\{\\{-?|-?\\}\\}|\\w+|'[^'\\n]{0,40}'|[=!<>]=|//|\\*\\*|[^\\s\\w]");
  private static final String[] ODD = {
    "''",
    "0",
    "-1",
    "9999999999",
    "1e308",
    "none",
    "true",
    "[]",
    "{}",
    "(",
    ")",
    "[",
    "]",
    "**",
    "//",
    "%",
    "~",
    "|",
    ".",
    ",",
    ":",
    "not",
    "in",
    "is",
    "range(99999)",
    "'a' * 999999",
    "99 ** 99 ** 9",
    "messages",
    "loop",
    "self",
    "namespace",
    "cycler",
    "joiner",
    "lipsum",
    "caller",
    "__class__",
    "['__class__']",
    "{% set x = x ~ x %}",
    "{% for a in range(9999) %}",
    "{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "| tojson(indent=9999999)",
    "| center(99999999)",
    "| join",
    "| map('upper')",
    "| selectattr('role')",
    "| sort",
    "| batch(2)",
    "| format",
    "'%99999999d'",
    "'{:99999999}'.format(1)",
    "| replace('', 'xxxxxxxx')",
    "| indent(99999999)",
    "[::0]",
    "[::-1]",
    "| dictsort",
    "| groupby('role')",
    "| unique",
    "| slice(3)",
    "| list",
    "| int",
    "| float",
    "raise_exception('x')",
    "strftime_now('%Y %')",
    "\u0130",
    "\ud83d\ude00"
  };

  private final Random random;

  WordMutator(Random random) {
    this.random = random;
  }

  /** A damaged copy of a text, changed in {@code times} places. */
  byte[] mutate(byte[] source, int times) {
    String text = new String(source, StandardCharsets.UTF_8);
    for (int i = 0; i < times; i++) {
      text = once(text);
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String once(String text) {
    List<int[]> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(new int[] {matcher.start(), matcher.end()});
    }
    if (words.isEmpty()) {
      return text;
    }
    int[] at = words.get(random.nextInt(words.size()));
    int[] other = words.get(random.nextInt(words.size()));
    String odd = ODD[random.nextInt(ODD.length)];
    String copied = text.substring(other[0], other[1]);
    String before = text.substring(0, at[0]);
    String own = text.substring(at[0], at[1]);
    String after = text.substring(at[1]);
    return switch (random.nextInt(6)) {
      case 0 -> before + after;
      case 1 -> before + own + " " + own + after;
      case 2, 3 -> before + copied + after;
      case 4 -> before + odd + after;
      default -> before + own + " " + odd + after;
    };
  }
}
