package io.moineau.cli;

import io.moineau.MemoryCheck;
import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.NumaMode;
import io.moineau.PageOptions;
import io.moineau.Speculation;
import io.moineau.kernels.Precision;
import io.moineau.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model, and how it is loaded: the same words in every command that runs one. */
final class ModelArguments {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "FILE",
      description = "GGUF file (of a split model, any of its files). May also stand without -m.")
  private @Nullable Path model;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads that compute; 0: one per physical core.")
  private int threads;

  @Option(
      names = {"-c", "--context", "--ctx-size"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Tokens of context; 0: the model's own or 4096, whichever is less.")
  private int context;

  @Option(
      names = {"--kv-type", "--cache-type"},
      paramLabel = "TYPE",
      defaultValue = "f16",
      description = "Type of keys and values: f32, f16, q8_0 (${DEFAULT-VALUE}).")
  private String kvType = "f16";

  @Option(
      names = {"--chunk-size", "--ubatch-size"},
      paramLabel = "N",
      defaultValue = "512",
      description = "Prompt tokens computed in one step (${DEFAULT-VALUE}).")
  private int chunkTokens;

  @Option(
      names = "--provider",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Kernels: scalar, vector, x86 or auto (MOINEAU_KERNELS, else auto).")
  private String provider = "";

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      defaultValue = "default",
      description =
          "default: activations rounded to 8 bits beside quantised weights; exact: 32-bit floats.")
  private String precision = "default";

  @Option(
      names = "--memory-limit",
      paramLabel = "SIZE",
      defaultValue = "",
      description = "Memory to count with, such as 8G, instead of the machine's.")
  private String memoryLimit = "";

  @Option(
      names = "--ignore-memory",
      description = "Load even what does not seem to fit into memory.")
  private boolean ignoreMemory;

  @Option(
      names = "--populate",
      negatable = true,
      description =
          "Read the weights into memory before the first prompt, or (--no-populate) when needed;"
              + " by default on a terminal, where they fit.")
  private @Nullable Boolean populate;

  @Option(
      names = "--huge-pages",
      description = "Ask the system for huge pages for the weights; it says how many it gave.")
  private boolean hugePages;

  @Option(
      names = "--batch-invariant",
      description =
          "The same bits for a request whatever is computed beside it, however its prompt is cut and"
              + " whatever of it was cached; slower, prompts most.")
  private boolean batchInvariant;

  @Option(
      names = "--numa",
      paramLabel = "MODE",
      defaultValue = "off",
      description =
          "off, or distribute: on several nodes of memory, each holds a share of the weights.")
  private String numa = "off";

  @Option(
      names = "--repack",
      description =
          "Copy the weights to memory of their own in huge pages: as much more memory as the file"
              + " has, for fewer misses of address translation; what it took is said.")
  private boolean repack;

  @Option(
      names = "--speculation",
      paramLabel = "NAME",
      defaultValue = "auto",
      description =
          "Drafts of tokens that the model checks several at a time: auto (while they pay), none,"
              + " ngram (what followed the same words before), mtp (the file's own layer for it)."
              + " The answer is the same.")
  private String speculation = "auto";

  @Option(
      names = "--chat-template",
      paramLabel = "FILE",
      description = "Jinja file to use instead of the model's own chat template.")
  private @Nullable Path chatTemplate;

  @Option(
      names = {"--lora", "--lora-scaled"},
      paramLabel = "FILE[:SCALE]",
      description =
          "A LoRA adapter, and how much of it (1): GGUF, or PEFT's folder or .safetensors, which is"
              + " converted in memory; may be given several times.")
  private List<String> adapters = List.of();

  /** The model given by option, or empty. */
  Optional<Path> model() {
    return Optional.ofNullable(model);
  }

  /**
   * Takes the model out of the arguments that stand without an option: the first of them, if no
   * {@code -m} was given and it is a file, a directory or ends in .gguf. What is left is returned.
   */
  List<String> takeModel(List<String> words) {
    List<String> rest = new ArrayList<>(words);
    if (model == null && !rest.isEmpty() && looksLikeModel(rest.getFirst())) {
      model = Path.of(rest.removeFirst());
    }
    return rest;
  }

  /** Takes a word as the model, whatever it looks like: a missing file is then told as such. */
  void takeNamed(String word) {
    model = Path.of(word);
  }

  private static boolean looksLikeModel(String word) {
    if (word.toLowerCase(Locale.ROOT).endsWith(".gguf")) {
      return true;
    }
    try {
      return !word.isBlank() && word.length() < 4096 && Files.exists(Path.of(word));
    } catch (java.nio.file.InvalidPathException e) {
      return false;
    }
  }

  /** Threads asked for; 0 for one per physical core. */
  int threads() {
    return threads;
  }

  /** The options of a load. */
  ModelOptions options(Job job) throws IOException {
    ModelOptions options =
        ModelOptions.defaults()
            .withThreads(threads)
            .withContextLength(context)
            .withKvType(kvType(job))
            .withChunkTokens(chunkTokens)
            .withProvider(provider)
            .withPrecision(precision(job))
            .withMemoryLimitBytes(bytes(job))
            .withPages(pages(job))
            .withSpeculation(speculation(job))
            .withBatchInvariant(batchInvariant)
            .withAdapters(adapters.stream().map(LoraArgument::parse).toList())
            .withMemoryCheck(ignoreMemory ? MemoryCheck.WARN : MemoryCheck.REFUSE);
    if (chatTemplate != null) {
      options = options.withChatTemplate(InputText.file(chatTemplate));
    }
    return options;
  }

  private Speculation speculation(Job job) {
    return switch (speculation.toLowerCase(Locale.ROOT)) {
      case "auto" -> Speculation.AUTO;
      case "none" -> Speculation.NONE;
      case "ngram" -> Speculation.NGRAM;
      case "mtp" -> Speculation.MTP;
      default ->
          throw job.usage(
              "--speculation is " + speculation + ", but can be auto, none, ngram or mtp");
    };
  }

  private PageOptions pages(Job job) {
    boolean first = populate == null ? job.streams().errTerminal() : populate;
    NumaMode mode =
        switch (numa.toLowerCase(Locale.ROOT)) {
          case "off" -> NumaMode.OFF;
          case "distribute" -> NumaMode.DISTRIBUTE;
          default -> throw job.usage("--numa is " + numa + ", but can be off or distribute");
        };
    return PageOptions.defaults()
        .withPopulate(first)
        .withHuge(hugePages)
        .withNuma(mode)
        .withRepack(repack);
  }

  /** The context asked for, or {@code otherwise}, which is then what the load uses. */
  int contextOr(int otherwise) {
    if (context == 0) {
      context = otherwise;
    }
    return context;
  }

  /** How many prompt tokens one step computes: never more than the context of the model. */
  int chunkTokens(Moineau moineau) {
    return Math.min(chunkTokens, moineau.card().contextLength());
  }

  DType kvType(Job job) {
    return switch (kvType.toLowerCase(Locale.ROOT)) {
      case "f32" -> DType.F32;
      case "f16" -> DType.F16;
      case "q8_0" -> DType.Q8_0;
      default -> throw job.usage("--kv-type is " + kvType + ", but can be f32, f16 or q8_0");
    };
  }

  private Precision precision(Job job) {
    return switch (precision.toLowerCase(Locale.ROOT)) {
      case "default" -> Precision.DEFAULT;
      case "exact" -> Precision.EXACT;
      default -> throw job.usage("--precision is " + precision + ", but can be default or exact");
    };
  }

  private long bytes(Job job) {
    if (memoryLimit.isEmpty()) {
      return 0;
    }
    String text = memoryLimit.strip().toUpperCase(Locale.ROOT);
    int shift =
        switch (text.charAt(text.length() - 1)) {
          case 'K' -> 10;
          case 'M' -> 20;
          case 'G' -> 30;
          case 'T' -> 40;
          default -> 0;
        };
    try {
      double number = Double.parseDouble(shift == 0 ? text : text.substring(0, text.length() - 1));
      double bytes = number * (1L << shift);
      if (bytes >= 1 && bytes < 1L << 60) {
        return (long) bytes;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw job.usage("--memory-limit is " + memoryLimit + ", but must be a size such as 512M or 8G");
  }

  /**
   * Opens the model that was named, or the embedded one. With a terminal the stages of the load are
   * shown on standard error while they last.
   */
  Moineau open(Job job) throws IOException {
    return open(job, options(job));
  }

  /** The same with options that the command adds. */
  Moineau open(Job job, UnaryOperator<ModelOptions> more) throws IOException {
    return open(job, more.apply(options(job)));
  }

  /** The same with 32-bit activations, whatever {@code --precision} says. */
  Moineau openExact(Job job) throws IOException {
    return open(job, options(job).withPrecision(Precision.EXACT));
  }

  private Moineau open(Job job, ModelOptions options) throws IOException {
    try (LoadLine line = new LoadLine(job.streams())) {
      ModelOptions shown = options.withProgress(line);
      return model == null ? Moineau.openDefault(shown) : Moineau.open(model, shown);
    }
  }

  /** Opens the model for a command that makes no sense with the embedded one. */
  Moineau openNamed(Job job) throws IOException {
    if (model == null) {
      throw job.usage("no model was named: give a GGUF file");
    }
    return open(job);
  }
}
