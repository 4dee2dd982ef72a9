package io.moineau;

import io.moineau.engine.EngineException;
import io.moineau.kernels.Precision;
import io.moineau.tensor.DType;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How a model is loaded and run. Start from {@link #defaults()} and change what matters.
 *
 * @param contextLength tokens of context; 0 for the model's own or 4096, whichever is less, or what
 *     fits into memory
 * @param kvType element type of keys and values: F32, F16 or Q8_0
 * @param kvBlockTokens tokens per block of keys and values: 16 or 32
 * @param chunkTokens most tokens that are computed in one step
 * @param maxSequences most sequences that run at once
 * @param provider kernels: {@code auto}, {@code scalar}, {@code vector}; empty for what {@code
 *     MOINEAU_KERNELS} names, or else {@code auto}
 * @param threads threads that compute; 0 for one per physical core
 * @param precision how activations are held
 * @param memoryCheck what happens when memory is short
 * @param memoryLimitBytes memory to count with instead of the machine's; 0 for the machine's
 * @param seed seed for requests that name none; empty for a new one each time
 * @param chatTemplate Jinja source to use instead of the model's own; empty for the model's own
 * @param pages what is done with the pages of the mapped weights
 * @param adapters LoRA adapters that are added to the weights, in this order
 * @param speculation where drafts of tokens come from
 * @param batchInvariant whether a request gets the same bits whatever is computed beside it,
 *     however its prompt is cut and whatever of it was cached; costs speed, prompts most
 * @param serving manners when many ask at once
 * @param progress is told how the load goes on
 */
public record ModelOptions(
    int contextLength,
    DType kvType,
    int kvBlockTokens,
    int chunkTokens,
    int maxSequences,
    String provider,
    int threads,
    Precision precision,
    MemoryCheck memoryCheck,
    long memoryLimitBytes,
    OptionalLong seed,
    String chatTemplate,
    PageOptions pages,
    List<LoraOption> adapters,
    Speculation speculation,
    boolean batchInvariant,
    ServingOptions serving,
    LoadListener progress) {
  private static final ModelOptions DEFAULTS =
      new ModelOptions(
          0,
          DType.F16,
          32,
          512,
          1,
          "",
          0,
          Precision.DEFAULT,
          MemoryCheck.REFUSE,
          0,
          OptionalLong.empty(),
          "",
          PageOptions.defaults(),
          List.of(),
          Speculation.AUTO,
          false,
          ServingOptions.defaults(),
          (stage, fraction) -> {});

  /**
   * Checks the values.
   *
   * @throws EngineException {@code option-out-of-range} with the value and the range
   */
  public ModelOptions {
    Objects.requireNonNull(kvType, "kvType");
    Objects.requireNonNull(provider, "provider");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(memoryCheck, "memoryCheck");
    Objects.requireNonNull(seed, "seed");
    Objects.requireNonNull(chatTemplate, "chatTemplate");
    Objects.requireNonNull(pages, "pages");
    Objects.requireNonNull(speculation, "speculation");
    Objects.requireNonNull(serving, "serving");
    Objects.requireNonNull(progress, "progress");
    adapters = List.copyOf(adapters);
    check(contextLength >= 0, "contextLength", contextLength, "0 (automatic) or more");
    check(
        kvType == DType.F32 || kvType == DType.F16 || kvType == DType.Q8_0,
        "kvType",
        kvType,
        "F32, F16, Q8_0");
    check(kvBlockTokens == 16 || kvBlockTokens == 32, "kvBlockTokens", kvBlockTokens, "16, 32");
    check(chunkTokens >= 1 && chunkTokens <= 65_536, "chunkTokens", chunkTokens, "1 to 65536");
    check(maxSequences >= 1 && maxSequences <= 4096, "maxSequences", maxSequences, "1 to 4096");
    check(threads >= 0 && threads <= 4096, "threads", threads, "0 (automatic) to 4096");
    check(memoryLimitBytes >= 0, "memoryLimitBytes", memoryLimitBytes, "0 (automatic) or more");
    check(
        serving.kvTokens() == 0 || serving.kvTokens() >= contextLength,
        "serving.kvTokens",
        serving.kvTokens(),
        "0 (automatic), or at least the context of " + contextLength + " tokens");
  }

  private static void check(boolean right, String name, Object value, String allowed) {
    if (!right) {
      throw new EngineException(
          "option-out-of-range",
          "an option for loading a model is out of range",
          name + "=" + value,
          allowed,
          "correct it");
    }
  }

  /** F16 keys and values, every core, the best kernels, memory checked. */
  public static ModelOptions defaults() {
    return DEFAULTS;
  }

  /** The same with another context length; 0 for automatic. */
  public ModelOptions withContextLength(int value) {
    Draft draft = new Draft(this);
    draft.contextLength = value;
    return draft.seal();
  }

  /** The same with another type of keys and values. */
  public ModelOptions withKvType(DType value) {
    Draft draft = new Draft(this);
    draft.kvType = value;
    return draft.seal();
  }

  /** The same with another number of tokens per block of keys and values. */
  public ModelOptions withKvBlockTokens(int value) {
    Draft draft = new Draft(this);
    draft.kvBlockTokens = value;
    return draft.seal();
  }

  /** The same with another number of tokens per step. */
  public ModelOptions withChunkTokens(int value) {
    Draft draft = new Draft(this);
    draft.chunkTokens = value;
    return draft.seal();
  }

  /** The same with another number of sequences at once. */
  public ModelOptions withMaxSequences(int value) {
    Draft draft = new Draft(this);
    draft.maxSequences = value;
    return draft.seal();
  }

  /** The same with other kernels; empty for what the environment names, or the best. */
  public ModelOptions withProvider(String value) {
    Draft draft = new Draft(this);
    draft.provider = value;
    return draft.seal();
  }

  /** The same with another number of threads; 0 for automatic. */
  public ModelOptions withThreads(int value) {
    Draft draft = new Draft(this);
    draft.threads = value;
    return draft.seal();
  }

  /** The same with another precision. */
  public ModelOptions withPrecision(Precision value) {
    Draft draft = new Draft(this);
    draft.precision = value;
    return draft.seal();
  }

  /** The same with another answer to short memory. */
  public ModelOptions withMemoryCheck(MemoryCheck value) {
    Draft draft = new Draft(this);
    draft.memoryCheck = value;
    return draft.seal();
  }

  /** The same, counting with so much memory; 0 for the machine's. */
  public ModelOptions withMemoryLimitBytes(long value) {
    Draft draft = new Draft(this);
    draft.memoryLimitBytes = value;
    return draft.seal();
  }

  /** The same with a seed for requests that name none. */
  public ModelOptions withSeed(long value) {
    Draft draft = new Draft(this);
    draft.seed = OptionalLong.of(value);
    return draft.seal();
  }

  /** The same with another chat template; empty for the model's own. */
  public ModelOptions withChatTemplate(String value) {
    Draft draft = new Draft(this);
    draft.chatTemplate = value;
    return draft.seal();
  }

  /** The same with something else done with the pages of the weights. */
  public ModelOptions withPages(PageOptions value) {
    Draft draft = new Draft(this);
    draft.pages = value;
    return draft.seal();
  }

  /** The same with LoRA adapters. */
  public ModelOptions withAdapters(List<LoraOption> value) {
    Draft draft = new Draft(this);
    draft.adapters = value;
    return draft.seal();
  }

  /** The same with drafts from elsewhere, or none. */
  public ModelOptions withSpeculation(Speculation value) {
    Draft draft = new Draft(this);
    draft.speculation = value;
    return draft.seal();
  }

  /** The same, with the same bits for a request whatever is computed beside it, or not. */
  public ModelOptions withBatchInvariant(boolean value) {
    Draft draft = new Draft(this);
    draft.batchInvariant = value;
    return draft.seal();
  }

  /** The same with other manners when many ask at once. */
  public ModelOptions withServing(ServingOptions value) {
    Draft draft = new Draft(this);
    draft.serving = value;
    return draft.seal();
  }

  /** The same with a listener to the load. */
  public ModelOptions withProgress(LoadListener value) {
    Draft draft = new Draft(this);
    draft.progress = value;
    return draft.seal();
  }

  /** The context length if one was set. */
  public OptionalInt findContextLength() {
    return contextLength == 0 ? OptionalInt.empty() : OptionalInt.of(contextLength);
  }

  /** The components, open to change. */
  private static final class Draft {
    int contextLength;
    DType kvType;
    int kvBlockTokens;
    int chunkTokens;
    int maxSequences;
    String provider;
    int threads;
    Precision precision;
    MemoryCheck memoryCheck;
    long memoryLimitBytes;
    OptionalLong seed;
    String chatTemplate;
    PageOptions pages;
    List<LoraOption> adapters;
    Speculation speculation;
    boolean batchInvariant;
    ServingOptions serving;
    LoadListener progress;

    Draft(ModelOptions from) {
      contextLength = from.contextLength;
      kvType = from.kvType;
      kvBlockTokens = from.kvBlockTokens;
      chunkTokens = from.chunkTokens;
      maxSequences = from.maxSequences;
      provider = from.provider;
      threads = from.threads;
      precision = from.precision;
      memoryCheck = from.memoryCheck;
      memoryLimitBytes = from.memoryLimitBytes;
      seed = from.seed;
      chatTemplate = from.chatTemplate;
      pages = from.pages;
      adapters = from.adapters;
      speculation = from.speculation;
      batchInvariant = from.batchInvariant;
      serving = from.serving;
      progress = from.progress;
    }

    ModelOptions seal() {
      return new ModelOptions(
          contextLength,
          kvType,
          kvBlockTokens,
          chunkTokens,
          maxSequences,
          provider,
          threads,
          precision,
          memoryCheck,
          memoryLimitBytes,
          seed,
          chatTemplate,
          pages,
          adapters,
          speculation,
          batchInvariant,
          serving,
          progress);
    }
  }
}
