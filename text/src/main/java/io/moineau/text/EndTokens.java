package io.moineau.text;

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

  static boolean isEnd(String token) {
    return NAMES.contains(token);
  }
}
