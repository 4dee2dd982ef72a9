package io.moineau.testkit;

/** The kinds of {@link TinyModel}: each a second or less to make, and to run a prompt through. */
public final class TinyModels {
  /** Tokens of the vocabularies here. */
  public static final int VOCABULARY_SIZE = 512;

  /** A chat template for the special tokens of {@link TinyVocabulary#byteLevelBpe}. */
  public static final String CHAT_TEMPLATE =
      "{{ bos_token }}{% for message in messages %}"
          + "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
          + "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

  private TinyModels() {}

  /** Llama 3 style: dense, grouped-query attention, byte-level BPE. */
  public static TinyModel llama(long seed) {
    return new TinyModel("llama", seed, bpe(seed, "llama-bpe")).chatTemplate(CHAT_TEMPLATE);
  }

  /** Llama 2 style: as {@link #llama}, with a SentencePiece vocabulary and no chat template. */
  public static TinyModel llamaSentencePiece(long seed) {
    return new TinyModel("llama", seed, TinyVocabulary.sentencePiece(seed, VOCABULARY_SIZE));
  }

  /** Mixtral style: 8 experts, 2 used. */
  public static TinyModel mixtral(long seed) {
    return llama(seed).experts(8, 2, 0);
  }

  /** Qwen 3 MoE: queries and keys normalised per head, 8 experts, 3 used. */
  public static TinyModel qwen3moe(long seed) {
    return new TinyModel("qwen3moe", seed, bpe(seed, "qwen2"))
        .heads(4, 2, 32)
        .experts(8, 3, 32)
        .chatTemplate(CHAT_TEMPLATE);
  }

  /** DeepSeek V3: MLA with compressed queries, sigmoid gating with bias and groups, YaRN. */
  public static TinyModel deepseekV3(long seed) {
    return new TinyModel("deepseek2", seed, bpe(seed, "llama-bpe"))
        .qLoraRank(32)
        .experts(8, 3, 32)
        .shared(1, 1)
        .groups(4, 2)
        .chatTemplate(CHAT_TEMPLATE);
  }

  /** DeepSeek V2 Lite: MLA with plain queries, softmax gating, two shared experts, YaRN. */
  public static TinyModel deepseekV2Lite(long seed) {
    return new TinyModel("deepseek2", seed, bpe(seed, "llama-bpe"))
        .experts(6, 3, 32)
        .shared(2, 1)
        .chatTemplate(CHAT_TEMPLATE);
  }

  private static TinyVocabulary bpe(long seed, String preTokenizer) {
    return TinyVocabulary.byteLevelBpe(seed, VOCABULARY_SIZE, preTokenizer);
  }
}
