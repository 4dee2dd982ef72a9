package io.moineau.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that are found in a text as they are written, before anything is split: the longest that
 * begins leftmost.
 *
 * <p>A trie over UTF-16 units; what a user wrote is passed over.
 */
final class AddedTokens {
  /**
   * A token and how it is found.
   *
   * @param special whether it controls the model
   * @param singleWord whether it must stand between characters of no word
   * @param stripLeft whether white space before it goes with it
   * @param stripRight whether white space after it goes with it
   */
  record Added(
      int id,
      String content,
      boolean special,
      boolean singleWord,
      boolean stripLeft,
      boolean stripRight) {}

  /** A found token and the units that it takes. */
  record Match(int start, int end, Added token) {}

  private static final class Node {
    final Map<Character, Node> next = new HashMap<>(4);
    @Nullable Added token; // null where no token ends
  }

  private final Node root = new Node();
  private final boolean[] first = new boolean[1 << 16];
  private boolean empty = true;

  /** {@code normalizer} is what the texts in which tokens are found went through. */
  AddedTokens(List<Added> tokens, TextNormalizer normalizer) {
    for (Added token : tokens) {
      String content = normalizer.apply(token.content());
      if (content.isEmpty()) {
        continue;
      }
      Node node = root;
      for (int i = 0; i < content.length(); i++) {
        node = node.next.computeIfAbsent(content.charAt(i), c -> new Node());
      }
      if (node.token == null) {
        node.token = token;
      }
      first[content.charAt(0)] = true;
      empty = false;
    }
  }

  /**
   * Matches in order.
   *
   * @param forbidden parts of the text, in order, that no special token may touch
   * @param special whether special tokens are looked for at all
   */
  List<Match> find(String text, List<Span> forbidden, boolean special) {
    List<Match> matches = new ArrayList<>();
    if (empty) {
      return matches;
    }
    int span = 0;
    int at = 0;
    while (at < text.length()) {
      while (span < forbidden.size() && forbidden.get(span).end() <= at) {
        span++;
      }
      @Nullable Match match = null;
      if (first[text.charAt(at)]) {
        int limit = span < forbidden.size() ? forbidden.get(span).start() : text.length();
        match = longest(text, at, limit, special);
      }
      if (match == null) {
        at++;
      } else {
        int floor = matches.isEmpty() ? 0 : matches.get(matches.size() - 1).end();
        match = stretch(text, match, floor);
        matches.add(match);
        at = match.end();
      }
    }
    return matches;
  }

  private @Nullable Match longest(String text, int at, int limit, boolean special) {
    @Nullable Match best = null;
    Node node = root;
    for (int i = at; i < text.length(); i++) {
      node = node.next.get(text.charAt(i));
      if (node == null) {
        break;
      }
      Added token = node.token;
      if (token != null && allowed(text, at, i + 1, limit, special, token)) {
        best = new Match(at, i + 1, token);
      }
    }
    return best;
  }

  private static boolean allowed(
      String text, int start, int end, int limit, boolean special, Added token) {
    if (token.special() && (!special || end > limit)) {
      return false;
    }
    return !token.singleWord()
        || ((start == 0 || !isWord(text.codePointBefore(start)))
            && (end == text.length() || !isWord(text.codePointAt(end))));
  }

  private static Match stretch(String text, Match match, int floor) {
    int start = match.start();
    int end = match.end();
    while (match.token().stripLeft() && start > floor && isSpace(text.charAt(start - 1))) {
      start--;
    }
    while (match.token().stripRight() && end < text.length() && isSpace(text.charAt(end))) {
      end++;
    }
    return new Match(start, end, match.token());
  }

  private static boolean isWord(int c) {
    return Character.isLetterOrDigit(c)
        || c == '_'
        || Character.getType(c) == Character.NON_SPACING_MARK;
  }

  private static boolean isSpace(char c) {
    return TextNormalizer.isWhiteSpace(c);
  }

  /** Whether a token is nothing but white space, as it is or as SentencePiece writes it. */
  static boolean isBlank(String content) {
    return content.chars().allMatch(c -> c == '\u2581' || TextNormalizer.isWhiteSpace(c));
  }
}
