package io.moineau;

import java.nio.file.Path;
import java.util.List;

/**
 * What was loaded, and how it runs.
 *
 * @param path the file (the first of a split model)
 * @param name the model's own name, or the file's where it has none
 * @param architecture such as {@code deepseek2}
 * @param parameters weights in all
 * @param activeParameters weights that take part for one token
 * @param quantization the type that most weight bytes have, such as {@code Q4_K}
 * @param fileBytes size of the file or files
 * @param vocabularySize tokens
 * @param numLayers layers
 * @param numExperts routed experts per layer; 0 for a dense model
 * @param numExpertsPerTok experts chosen per token; 0 for a dense model
 * @param trainedContextLength the context that the model was made for
 * @param contextLength the context in use
 * @param chatTemplate where the chat template comes from
 * @param answerFormat how reasoning and calls of tools are written, such as {@code hermes}; {@code
 *     generic} where the template does not say and the model is told
 * @param reasoning whether the chat template writes reasoning apart from what is said
 * @param tokenizer the tokenizer in a few words
 * @param provider kernels in use, such as {@code vector}
 * @param threads threads that compute
 * @param memory what was added up before the load
 * @param demonstration whether this is the embedded model, which is too small to be of use
 * @param loadNanos how long the load took
 * @param notes what was decided on the way and what would make it better, a line each
 */
public record ModelCard(
    Path path,
    String name,
    String architecture,
    long parameters,
    long activeParameters,
    String quantization,
    long fileBytes,
    int vocabularySize,
    int numLayers,
    int numExperts,
    int numExpertsPerTok,
    int trainedContextLength,
    int contextLength,
    TemplateSource chatTemplate,
    String answerFormat,
    boolean reasoning,
    String tokenizer,
    String provider,
    int threads,
    MemoryReport memory,
    boolean demonstration,
    long loadNanos,
    List<String> notes) {
  /** Copies the list. */
  public ModelCard {
    notes = List.copyOf(notes);
  }

  /** Where the chat template comes from. */
  public enum TemplateSource {
    /** The model's file. */
    MODEL,
    /** The caller's options. */
    OPTIONS,
    /** The file has none and its vocabulary has ChatML's tokens: ChatML is used. */
    CHATML,
    /** The file has none and there are no tokens for turns: messages are joined as plain text. */
    PLAIN
  }
}
