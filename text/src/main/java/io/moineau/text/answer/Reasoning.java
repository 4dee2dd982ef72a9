package io.moineau.text.answer;

import java.util.List;

/**
 * What a model writes around its reasoning.
 *
 * @param open before it; stands at the beginning of the answer or the end of the prompt
 * @param close behind it
 * @param drops markers around what is said, which say nothing more
 */
record Reasoning(String open, String close, List<String> drops) {
  /** The pair that most families use. */
  static final Reasoning THINK = new Reasoning("<think>", "</think>", List.of());

  private static final List<Reasoning> OTHERS =
      List.of(
          new Reasoning("<seed:think>", "</seed:think>", List.of()),
          new Reasoning("[THINK]", "[/THINK]", List.of()),
          new Reasoning("<|START_THINKING|>", "<|END_THINKING|>", List.of()),
          new Reasoning("<|inner_prefix|>", "<|inner_suffix|>", List.of()),
          new Reasoning(
              "Here are my reasoning steps:",
              "[BEGIN FINAL RESPONSE]",
              List.of("[END FINAL RESPONSE]")));

  /** The markers that a chat template has. */
  static Reasoning of(String template) {
    for (Reasoning other : OTHERS) {
      if (template.contains(other.open)) {
        return other;
      }
    }
    for (String tag : List.of("response", "answer")) {
      if (template.contains("<" + tag + ">") && template.contains("</" + tag + ">")) {
        return new Reasoning(THINK.open, THINK.close, List.of("<" + tag + ">", "</" + tag + ">"));
      }
    }
    return THINK;
  }

  /** Whether a prompt ends inside the reasoning. */
  boolean isOpenAfter(String prompt) {
    return prompt.stripTrailing().endsWith(open);
  }
}
