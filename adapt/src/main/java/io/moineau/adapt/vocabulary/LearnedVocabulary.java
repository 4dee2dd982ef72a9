package io.moineau.adapt.vocabulary;

import io.moineau.format.GgufType;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A byte-level BPE vocabulary as GGUF holds it, with special tokens and a template for chats.
 *
 * @param family how text is cut, for {@code tokenizer.ggml.pre}
 * @param tokens text of each token, bytes spelled in GPT-2's characters
 * @param merges pairs in order of rank
 * @param numSpecial how many tokens at the end are special
 */
public record LearnedVocabulary(
    String family, List<String> tokens, List<String> merges, int numSpecial) {
  /** ChatML: each turn between {@code <|im_start|>} with the role and {@code <|im_end|>}. */
  public static final String CHAT_TEMPLATE =
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n'"
          + " + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
          + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

  private static final int NORMAL = 1;
  private static final int CONTROL = 3;

  /** Adds the keys of {@code tokenizer}. */
  public void writeTo(GgufWriter writer) {
    List<Long> types = new ArrayList<>(Collections.nCopies(tokens.size(), (long) NORMAL));
    for (int id = tokens.size() - numSpecial; id < tokens.size(); id++) {
      types.set(id, (long) CONTROL);
    }
    int end = tokens.indexOf(BpeTrainer.END_OF_TEXT);
    writer.metadata("tokenizer.ggml.model", GgufValue.string("gpt2"));
    writer.metadata("tokenizer.ggml.pre", GgufValue.string(family));
    writer.metadata("tokenizer.ggml.tokens", GgufValue.strings(tokens));
    writer.metadata("tokenizer.ggml.token_type", GgufValue.array(GgufType.INT32, types));
    writer.metadata("tokenizer.ggml.merges", GgufValue.strings(merges));
    writer.metadata("tokenizer.ggml.bos_token_id", GgufValue.uint32(end));
    writer.metadata("tokenizer.ggml.eos_token_id", GgufValue.uint32(end));
    writer.metadata(
        "tokenizer.ggml.eot_token_id", GgufValue.uint32(tokens.indexOf(BpeTrainer.TURN_END)));
    writer.metadata("tokenizer.ggml.padding_token_id", GgufValue.uint32(end));
    writer.metadata("tokenizer.ggml.add_bos_token", GgufValue.bool(true));
    writer.metadata("tokenizer.chat_template", GgufValue.string(CHAT_TEMPLATE));
  }
}
