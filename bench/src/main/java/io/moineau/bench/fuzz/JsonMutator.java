package io.moineau.bench.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts values of JSON in place of others: what is read stays JSON and means something else. */
final class JsonMutator {
  private static final Pattern VALUE =
      Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*+\"|-?[0-9][0-9.eE+-]*|true|false|null");
  private static final String[] ODD = {
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1",
    "2147483647",
    "2147483648",
    "-9223372036854775808",
    "1e308",
    "1e999",
    "0.5",
    "99999999999999999999",
    "\"\"",
    "\" \"",
    "\"a\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"(a+)+$\"",
    "\"(\"",
    "\"[\"",
    "\"\\\\p{L}*\"",
    "\"(?!)\"",
    "\"(?=a)\"",
    "[]",
    "{}",
    "[[]]",
    "{\"a\":1}",
    "[1,\"a\"]",
    "\"\u2581\"",
    "\"<0xZZ>\"",
    "\"Sequence\"",
    "\"ByteLevel\"",
    "\"Unigram\"",
    "\"BPE\"",
    "\"WordPiece\"",
    "\"Replace\"",
    "\"Precompiled\"",
    "\"Metaspace\""
  };

  private final Random random;

  JsonMutator(Random random) {
    this.random = random;
  }

  /** A damaged copy of a JSON text, changed in {@code times} places. */
  byte[] mutate(byte[] json, int times) {
    String text = new String(json, StandardCharsets.UTF_8);
    for (int i = 0; i < times; i++) {
      text = once(text);
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String once(String text) {
    List<int[]> values = new ArrayList<>();
    Matcher matcher = VALUE.matcher(text);
    while (matcher.find()) {
      // Names of members only seldom: in place of them nothing but a text is JSON.
      boolean name = matcher.end() < text.length() && text.charAt(matcher.end()) == ':';
      if (!name || random.nextInt(20) == 0) {
        values.add(new int[] {matcher.start(), matcher.end()});
      }
    }
    if (values.isEmpty()) {
      return text;
    }
    // What is said first says what kind of tokenizer it is: look there more often.
    int among = random.nextBoolean() ? Math.min(60, values.size()) : values.size();
    boolean fromEnd = random.nextInt(4) == 0;
    int picked = random.nextInt(among);
    int[] at = values.get(fromEnd ? values.size() - 1 - picked : picked);
    int[] other = values.get(random.nextInt(values.size()));
    String odd =
        random.nextInt(3) == 0
            ? text.substring(other[0], other[1])
            : ODD[random.nextInt(ODD.length)];
    return text.substring(0, at[0]) + odd + text.substring(at[1]);
  }
}
