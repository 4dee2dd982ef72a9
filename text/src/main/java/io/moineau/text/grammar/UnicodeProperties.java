package io.moineau.text.grammar;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Sets of characters by Unicode property, as this JDK's tables have them. */
final class UnicodeProperties {
  private static final int MOST_KEPT = 64;
  private static final Map<String, CodePoints> KNOWN = new ConcurrentHashMap<>();

  private UnicodeProperties() {}

  /** The characters that have a property, such as {@code L}, {@code Lu} or {@code Script=Greek}. */
  static @Nullable CodePoints find(String name) {
    CodePoints known = KNOWN.get(name);
    if (known != null) {
      return known;
    }
    Pattern pattern;
    try {
      if (!name.matches("[A-Za-z0-9_=]+")) {
        return null;
      }
      pattern = Pattern.compile("\\p{" + name + "}");
    } catch (PatternSyntaxException e) {
      return null;
    }
    CodePoints.Builder set = new CodePoints.Builder();
    int from = -1;
    for (int c = 0; c <= Character.MAX_CODE_POINT + 1; c++) {
      boolean in =
          c <= Character.MAX_CODE_POINT && pattern.matcher(Character.toString(c)).matches();
      if (in && from < 0) {
        from = c;
      } else if (!in && from >= 0) {
        set.add(from, c - 1);
        from = -1;
      }
    }
    CodePoints found = set.build();
    if (KNOWN.size() < MOST_KEPT) {
      KNOWN.put(name, found);
    }
    return found;
  }
}
