package io.moineau.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** Tokens by id and ids by token; where a token stands twice, the first id counts. */
final class Vocabulary {
  private final String[] tokens; // "" where an id is not used
  private final Map<String, Integer> ids;

  Vocabulary(List<String> tokens) {
    this.tokens = tokens.toArray(new String[0]);
    this.ids = HashMap.newHashMap(this.tokens.length);
    for (int i = 0; i < this.tokens.length; i++) {
      ids.putIfAbsent(this.tokens[i], i);
    }
  }

  private Vocabulary(String[] tokens, Map<String, Integer> ids) {
    this.tokens = tokens;
    this.ids = ids;
  }

  /** The same, in which {@code hidden} ids are not found by their text. */
  Vocabulary without(Set<Integer> hidden) {
    if (hidden.isEmpty()) {
      return this;
    }
    Map<String, Integer> kept = new HashMap<>(ids);
    for (int id : hidden) {
      kept.remove(token(id), id);
    }
    return new Vocabulary(tokens, kept);
  }

  int size() {
    return tokens.length;
  }

  String token(int id) {
    if (id < 0 || id >= tokens.length) {
      throw new TextException(
          "token-out-of-range",
          "a token id is not in the vocabulary",
          "id=" + id,
          "0 to " + (tokens.length - 1),
          "use ids of this tokenizer");
    }
    return tokens[id];
  }

  /** The id of a token, or -1. */
  int id(String token) {
    Integer id = ids.get(token);
    return id == null ? -1 : id;
  }

  OptionalInt find(String token) {
    int id = id(token);
    return id < 0 || token.isEmpty() ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
