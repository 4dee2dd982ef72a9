package io.moineau.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into the pieces that a model is applied to, as tokenizer.json's pre-tokenizers do.
 */
@FunctionalInterface
interface PreTokenizer {
  /**
   * Cuts each of {@code pieces}.
   *
   * @param first whether the first piece begins the whole text
   */
  List<String> apply(List<String> pieces, boolean first);

  /** What becomes of the matches of a split. */
  enum Behavior {
    REMOVED,
    ISOLATED,
    MERGED_WITH_PREVIOUS,
    MERGED_WITH_NEXT,
    CONTIGUOUS
  }

  /** GPT-2's pattern, as published with its encoder. */
  String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  /** Leaves the pieces as they are. */
  static PreTokenizer none() {
    return (pieces, first) -> pieces;
  }

  /** One after the other. */
  static PreTokenizer sequence(List<PreTokenizer> all) {
    return (pieces, first) -> {
      List<String> now = pieces;
      for (PreTokenizer one : all) {
        now = one.apply(now, first);
      }
      return now;
    };
  }

  /** Cuts at the matches of a pattern; {@code invert} swaps matches and what is between them. */
  static PreTokenizer split(Pattern pattern, Behavior behavior, boolean invert) {
    return (pieces, first) -> {
      List<String> out = new ArrayList<>(pieces.size() * 4);
      for (String piece : pieces) {
        split(piece, pattern, behavior, invert, out);
      }
      return out;
    };
  }

  private static void split(
      String piece, Pattern pattern, Behavior behavior, boolean invert, List<String> out) {
    List<Integer> cuts = new ArrayList<>();
    List<Boolean> matched = new ArrayList<>();
    Matcher matcher = pattern.matcher(piece);
    int at = 0;
    while (matcher.find()) {
      if (matcher.end() == matcher.start()) {
        // An empty match cuts without taking anything (look-aheads of some tokenizers).
        if (matcher.start() > at) {
          cuts.add(matcher.start());
          matched.add(invert);
          at = matcher.start();
        }
        continue;
      }
      if (matcher.start() > at) {
        cuts.add(matcher.start());
        matched.add(invert);
      }
      cuts.add(matcher.end());
      matched.add(!invert);
      at = matcher.end();
    }
    if (at < piece.length()) {
      cuts.add(piece.length());
      matched.add(invert);
    }
    join(piece, behavior, cuts, matched, out);
  }

  private static void join(
      String piece,
      Behavior behavior,
      List<Integer> cuts,
      List<Boolean> matched,
      List<String> out) {
    int start = 0;
    int pending = -1; // start of a piece that waits for what follows
    for (int i = 0; i < cuts.size(); i++) {
      int end = cuts.get(i);
      boolean match = matched.get(i);
      boolean more = i + 1 < cuts.size();
      switch (behavior) {
        case REMOVED -> {
          if (!match) {
            out.add(piece.substring(start, end));
          }
        }
        case ISOLATED -> out.add(piece.substring(start, end));
        case CONTIGUOUS -> {
          pending = pending < 0 ? start : pending;
          if (!more || matched.get(i + 1) != match) {
            out.add(piece.substring(pending, end));
            pending = -1;
          }
        }
        case MERGED_WITH_PREVIOUS -> {
          pending = pending < 0 ? start : pending;
          boolean joins = more && !match && matched.get(i + 1);
          if (!joins) {
            out.add(piece.substring(pending, end));
            pending = -1;
          }
        }
        case MERGED_WITH_NEXT -> {
          pending = pending < 0 ? start : pending;
          boolean joins = more && match && !matched.get(i + 1);
          if (!joins) {
            out.add(piece.substring(pending, end));
            pending = -1;
          }
        }
      }
      start = end;
    }
  }

  /** UTF-8 spelled in GPT-2's characters, after GPT-2's split where {@code useRegex}. */
  static PreTokenizer byteLevel(boolean addPrefixSpace, boolean useRegex) {
    PreTokenizer split = useRegex ? split(Regexes.compile(GPT2), Behavior.ISOLATED, false) : none();
    return (pieces, first) -> {
      List<String> spaced = pieces;
      if (addPrefixSpace) {
        spaced = new ArrayList<>(pieces.size());
        for (String piece : pieces) {
          spaced.add(piece.startsWith(" ") ? piece : " " + piece);
        }
      }
      List<String> out = new ArrayList<>();
      for (String piece : split.apply(spaced, first)) {
        out.add(ByteLevel.spell(piece));
      }
      return out;
    };
  }

  /**
   * Spaces become {@code replacement}, one is put before the text, and pieces begin with it.
   *
   * @param scheme {@code always}, {@code first} or {@code never}
   */
  static PreTokenizer metaspace(String replacement, String scheme, boolean split) {
    Pattern mark = Pattern.compile(Pattern.quote(replacement));
    PreTokenizer cut = split(mark, Behavior.MERGED_WITH_NEXT, false);
    return (pieces, first) -> {
      List<String> out = new ArrayList<>(pieces.size());
      for (int i = 0; i < pieces.size(); i++) {
        String piece = pieces.get(i).replace(" ", replacement);
        boolean wanted = scheme.equals("always") || (scheme.equals("first") && first && i == 0);
        out.add(wanted && !piece.startsWith(replacement) ? replacement + piece : piece);
      }
      return split ? cut.apply(out, first) : out;
    };
  }
}
