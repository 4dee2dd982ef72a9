package io.moineau.text;

import java.util.ArrayList;
import java.util.List;
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
    return split(PieceFinder.of(pattern), behavior, invert);
  }

  /** Cuts at what is found; {@code invert} swaps matches and what is between them. */
  static PreTokenizer split(PieceFinder finder, Behavior behavior, boolean invert) {
    return (pieces, first) -> {
      List<String> out = new ArrayList<>(pieces.size() * 4);
      IntList bounds = new IntList();
      for (String piece : pieces) {
        bounds.clear();
        finder.find(piece, bounds);
        if (behavior == Behavior.ISOLATED) {
          isolate(piece, bounds, out);
        } else {
          split(piece, bounds, behavior, invert, out);
        }
      }
      return out;
    };
  }

  /** Matches and what is between them are pieces alike: the usual case, and the fastest. */
  private static void isolate(String piece, IntList bounds, List<String> out) {
    int at = 0;
    for (int i = 0; i < bounds.size(); i++) {
      int bound = bounds.get(i);
      if (bound > at) {
        out.add(at == 0 && bound == piece.length() ? piece : piece.substring(at, bound));
        at = bound;
      }
    }
    if (at < piece.length()) {
      out.add(at == 0 ? piece : piece.substring(at));
    }
  }

  private static void split(
      String piece, IntList bounds, Behavior behavior, boolean invert, List<String> out) {
    List<Integer> cuts = new ArrayList<>();
    List<Boolean> matched = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < bounds.size(); i += 2) {
      int start = bounds.get(i);
      int end = bounds.get(i + 1);
      if (start > at) {
        cuts.add(start);
        matched.add(invert);
        at = start;
      }
      if (end > start) { // an empty match only cuts
        cuts.add(end);
        matched.add(!invert);
        at = end;
      }
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
