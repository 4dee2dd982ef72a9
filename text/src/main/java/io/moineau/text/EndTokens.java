package io.moineau.text;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names of tokens that end an answer, whatever a file says of them (llama.cpp keeps the same list).
 */
final class EndTokens {
  private static final Set<String> NAMES =
      Set.of(
          "<|eot_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|return|>",
          "<|call|>",
          "<|flush|>",
          "<|calls|>",
          "<end_of_turn>",
          "<|endoftext|>",
          "<|end_of_text|>",
          "<|eom_id|>",
          "<EOT>",
          "_<EOT>",
          "[EOT]",
          "[EOS]",
          "<|end_of_role|>",
          "<|end\u2581of\u2581sentence|>",
          "<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
          "<end_of_utterance>",
          "<turn|>",
          "<|tool_response>",
          "<\uFF5Cend\u2581of\u2581turn\uFF5C>",
          "[e~[",
          "</s>");

  private EndTokens() {}

  /**
   * The ids of those of a vocabulary's tokens that end an answer. In gpt-oss' one {@code <|end|>}
   * ends a message, after which the same answer goes on in another channel.
   */
  static Set<Integer> among(List<AddedTokens.Added> added) {
    Map<String, Integer> ends = new LinkedHashMap<>();
    for (AddedTokens.Added token : added) {
      if (NAMES.contains(token.content())) {
        ends.put(token.content(), token.id());
      }
    }
    if (ends.containsKey("<|return|>") && ends.containsKey("<|call|>")) {
      ends.remove("<|end|>");
    }
    return new LinkedHashSet<>(ends.values());
  }
}
