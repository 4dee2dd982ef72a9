package io.moineau.server.access;

import java.util.List;

/**
 * What an answer will take, as far as it is known before.
 *
 * @param modelNames every name of the model that is served
 * @param promptTokens of the prompt
 * @param maxTokens most tokens of the answer; -1: as many as the context holds
 * @param first whether it is the first answer of its request
 */
public record Ask(List<String> modelNames, long promptTokens, int maxTokens, boolean first) {
  /** Copies the list. */
  public Ask {
    modelNames = List.copyOf(modelNames);
  }
}
