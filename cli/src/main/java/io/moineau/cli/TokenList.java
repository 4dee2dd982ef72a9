package io.moineau.cli;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Token ids as people write them: numbers separated by commas or white space. */
final class TokenList {
  private TokenList() {}

  static int[] parse(String text, String option, Job job) {
    String[] words = text.strip().split("[\\s,]+");
    int[] ids = new int[words.length];
    for (int i = 0; i < words.length; i++) {
      try {
        ids[i] = Integer.parseInt(words[i]);
      } catch (NumberFormatException e) {
        throw job.usage(option + " has \"" + words[i] + "\", but takes numbers such as 1,403,407");
      }
    }
    return ids;
  }

  static String format(int[] ids) {
    return IntStream.of(ids).mapToObj(Integer::toString).collect(Collectors.joining(","));
  }
}
