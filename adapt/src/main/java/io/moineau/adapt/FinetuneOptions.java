package io.moineau.adapt;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a fine-tuning is to do; {@link #of} has values that suit most.
 *
 * @param model GGUF file whose weights stay as they are
 * @param data files of chats, JSON lines
 * @param out the adapter: a GGUF file, or a folder for {@link Format#PEFT}
 * @param format of the adapter
 * @param rank of the changes: columns of B, rows of A
 * @param alpha what is added to a weight is {@code alpha / rank * B A}
 * @param epochs passes over the chats
 * @param learningRate highest rate; a short warm-up leads to it, half a cosine to zero
 * @param batch chats of a step
 * @param context tokens of a chat at most, longer ones are cut at the end of a turn; 0 for 2048, or
 *     what the model was trained for if that is less
 * @param targets parts of the model that are changed
 * @param validation part of the chats that is kept aside
 * @param seed of everything random
 * @param resume whether to go on from the run's checkpoint, if there is one
 * @param threads 0 for one per core; the result is the same for any number
 * @param products what the factors of products are rounded to
 */
public record FinetuneOptions(
    Path model,
    List<Path> data,
    Path out,
    Format format,
    int rank,
    float alpha,
    int epochs,
    double learningRate,
    int batch,
    int context,
    Set<Target> targets,
    double validation,
    long seed,
    boolean resume,
    int threads,
    Products products) {
  /** What the factors of products are rounded to; sums and what is learnt are floats always. */
  public enum Products {
    /** Not at all. */
    FLOAT32,
    /** 8 bits of precision: faster where the processor multiplies them, with a little noise. */
    BFLOAT16;

    /** As the command line has it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How the adapter is written. */
  public enum Format {
    /** llama.cpp's form: one file. */
    GGUF,
    /** PEFT's: a folder with safetensors and a configuration. */
    PEFT
  }

  /** Parts of a model; those that it does not have are passed over. */
  public enum Target {
    /** Projections of attention. */
    ATTENTION,
    /** The feed-forward part of layers without experts. */
    DENSE,
    /** The experts that every token uses. */
    SHARED_EXPERTS,
    /** The experts that a router chooses. */
    ROUTED_EXPERTS;

    /** As the command line has it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Checks the numbers.
   *
   * @throws AdaptException {@code finetune-bad-option}
   */
  public FinetuneOptions {
    data = List.copyOf(data);
    targets = Set.copyOf(targets);
    check("rank", rank, rank >= 1 && rank <= 1024, "1 to 1024");
    check("alpha", alpha, alpha > 0 && alpha <= 1e6, "more than 0, at most 1000000");
    check("epochs", epochs, epochs >= 1 && epochs <= 10_000, "1 to 10000");
    check("learning-rate", learningRate, learningRate > 0 && learningRate <= 1, "more than 0 to 1");
    check("batch", batch, batch >= 1 && batch <= 4096, "1 to 4096 chats");
    check(
        "context", context, context == 0 || context >= 8 && context <= 1 << 20, "0, or 8 or more");
    check("validation", validation, validation >= 0 && validation <= 0.9, "0 to 0.9");
    check("threads", threads, threads >= 0 && threads <= 4096, "0 to 4096");
    check("data", data.size(), !data.isEmpty(), "at least one file");
    check("targets", targets.size(), !targets.isEmpty(), "at least one part");
  }

  private static void check(String name, Number value, boolean right, String allowed) {
    if (!right) {
      throw new AdaptException(
          "finetune-bad-option",
          "a fine-tuning cannot be done so",
          name + " is " + value,
          allowed,
          "correct it");
    }
  }

  /** The usual values: rank 16, alpha 32, 3 epochs, rate 2e-4, 8 chats a step, all parts. */
  public static FinetuneOptions of(Path model, Path data, Path out) {
    return new FinetuneOptions(
        model,
        List.of(data),
        out,
        Format.GGUF,
        16,
        32,
        3,
        2e-4,
        8,
        0,
        EnumSet.allOf(Target.class),
        0.05,
        1,
        false,
        0,
        Products.FLOAT32);
  }

  /** The same with another rank and alpha. */
  public FinetuneOptions withRank(int newRank, float newAlpha) {
    return with(format, newRank, newAlpha, epochs, learningRate, batch, resume, threads);
  }

  /** The same in another form. */
  public FinetuneOptions withFormat(Format newFormat) {
    return with(newFormat, rank, alpha, epochs, learningRate, batch, resume, threads);
  }

  /** The same with so many passes. */
  public FinetuneOptions withEpochs(int newEpochs) {
    return with(format, rank, alpha, newEpochs, learningRate, batch, resume, threads);
  }

  /** The same with another highest rate. */
  public FinetuneOptions withLearningRate(double newRate) {
    return with(format, rank, alpha, epochs, newRate, batch, resume, threads);
  }

  /** The same with so many chats in a step. */
  public FinetuneOptions withBatch(int newBatch) {
    return with(format, rank, alpha, epochs, learningRate, newBatch, resume, threads);
  }

  /** The same, going on from a checkpoint if there is one. */
  public FinetuneOptions withResume(boolean newResume) {
    return with(format, rank, alpha, epochs, learningRate, batch, newResume, threads);
  }

  /** The same on so many threads. */
  public FinetuneOptions withThreads(int newThreads) {
    return with(format, rank, alpha, epochs, learningRate, batch, resume, newThreads);
  }

  /** The same with factors of products rounded so. */
  public FinetuneOptions withProducts(Products newProducts) {
    return new FinetuneOptions(
        model,
        data,
        out,
        format,
        rank,
        alpha,
        epochs,
        learningRate,
        batch,
        context,
        targets,
        validation,
        seed,
        resume,
        threads,
        newProducts);
  }

  private FinetuneOptions with(
      Format newFormat,
      int newRank,
      float newAlpha,
      int newEpochs,
      double newRate,
      int newBatch,
      boolean newResume,
      int newThreads) {
    return new FinetuneOptions(
        model,
        data,
        out,
        newFormat,
        newRank,
        newAlpha,
        newEpochs,
        newRate,
        newBatch,
        context,
        targets,
        validation,
        seed,
        newResume,
        newThreads,
        products);
  }

  /** The folder of the run, beside the adapter: checkpoint, log, report. */
  public Path run() {
    String name = String.valueOf(out.getFileName());
    String stem = name.endsWith(".gguf") ? name.substring(0, name.length() - 5) : name;
    return out.resolveSibling(stem + ".run");
  }

  /** All that the result depends on but the model and the chats, a line each. */
  String settings() {
    return String.format(
        Locale.ROOT,
        """
        rank: %d
        alpha: %s
        epochs: %d
        learning-rate: %s
        batch: %d
        context: %d
        targets: %s
        validation: %s
        seed: %d
        products: %s
        """,
        rank,
        alpha,
        epochs,
        learningRate,
        batch,
        context,
        targets.stream().map(Target::word).sorted().collect(Collectors.joining(", ")),
        validation,
        seed,
        products.word());
  }
}
