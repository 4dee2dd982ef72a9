package io.moineau.format;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of one part of a model split over files: {@code model-00001-of-00003.gguf}.
 *
 * @param stem the name before the numbers
 * @param number of this part, from 1
 * @param count of all parts
 */
record SplitName(String stem, int number, int count) {
  private static final Pattern FORM = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

  /** The name of {@code path} taken apart, or empty if it is not of the form. */
  static Optional<SplitName> of(Path path) {
    Path last = path.getFileName();
    if (last == null) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(last.toString());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new SplitName(
            matcher.group(1),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3))));
  }

  /** The name of a part, from 1. */
  String part(int wanted) {
    return String.format(java.util.Locale.ROOT, "%s-%05d-of-%05d.gguf", stem, wanted, count);
  }
}
