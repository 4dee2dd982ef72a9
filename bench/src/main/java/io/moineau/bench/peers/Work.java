package io.moineau.bench.peers;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that is measured.
 *
 * @param kind what is done
 * @param size tokens of the prompt, tokens generated, or sequences at once
 */
record Work(Kind kind, int size) {
  /** Tokens that each sequence begins with. */
  static final int STREAM_PROMPT = 16;

  /** Tokens that each sequence then goes on for, which are what is counted. */
  static final int STREAM_STEPS = 32;

  private static final Pattern NAME = Pattern.compile("(pp|tg|streams) ?([0-9]{1,7})");

  /** What is done. */
  enum Kind {
    /** A prompt in one go. */
    PROMPT("pp"),
    /** Tokens one after the other, from an empty context. */
    GENERATE("tg"),
    /** Several sequences at once, one token each per step. */
    STREAMS("streams ");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  /** {@code pp512}, {@code tg128}, {@code streams 8}. */
  String name() {
    return kind.prefix + size;
  }

  /** Tokens that one measurement counts. */
  int tokens() {
    return kind == Kind.STREAMS ? size * STREAM_STEPS : size;
  }

  /** The work of a name. */
  static Optional<Work> fromName(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    for (Kind kind : Kind.values()) {
      if (kind.prefix.strip().equals(matcher.group(1))) {
        return Optional.of(new Work(kind, Integer.parseInt(matcher.group(2))));
      }
    }
    return Optional.empty();
  }
}
