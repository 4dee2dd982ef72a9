package io.moineau;

import io.moineau.engine.Engine;
import io.moineau.engine.EngineException;
import io.moineau.engine.EngineLimits;
import io.moineau.engine.GgufTokenizerMetadata;
import io.moineau.engine.MachineMemory;
import io.moineau.engine.MemoryBudget;
import io.moineau.engine.ModelPass;
import io.moineau.engine.peft.AdapterFiles;
import io.moineau.engine.prefix.PrefixStore;
import io.moineau.engine.speculation.Speculator;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufMetadata;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.NodePlan;
import io.moineau.kernels.PageLoader;
import io.moineau.kernels.PagedKv;
import io.moineau.model.Architectures;
import io.moineau.model.LanguageModel;
import io.moineau.model.LoraAdapter;
import io.moineau.model.MlaAttention;
import io.moineau.model.ModelConfig;
import io.moineau.model.Workspace;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tokenizers;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Opens a file and puts together what runs it: metadata, memory budget, kernels, weights,
 * tokenizer, template, engine. Whatever was opened is closed again if a later step fails.
 */
final class ModelLoader {
  /** What a load gives. */
  record Loaded(
      Engine engine,
      ModelText text,
      ModelPass pass,
      ModelCard card,
      int maxOutputs,
      Pooling pooling,
      Deque<AutoCloseable> resources) {}

  /** Floats of logits that an evaluation may keep of one step. */
  private static final int EVALUATED_LOGITS = 1 << 24;

  private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final ModelOptions options;
  private final boolean demonstration;
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final List<String> notes = new ArrayList<>();
  private final long startedAt = System.nanoTime();

  ModelLoader(Path path, ModelOptions options, boolean demonstration) {
    this.path = path;
    this.options = options;
    this.demonstration = demonstration;
  }

  Loaded load() {
    try {
      return open();
    } catch (RuntimeException | Error e) {
      closeAll(resources, e);
      throw e;
    }
  }

  static void closeAll(Deque<AutoCloseable> resources, Throwable because) {
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception e) {
        because.addSuppressed(e);
      }
    }
  }

  private <T extends AutoCloseable> T own(T resource) {
    resources.push(resource);
    return resource;
  }

  private Loaded open() {
    progress("reading the file", 0);
    GgufFile file = own(GgufFile.open(path));
    GgufMetadata metadata = file.metadata();
    ModelConfig config = Architectures.config(file);
    progress("adding up memory", 0.1);
    MemoryBudget budget = MemoryBudget.plan(needs(file, config), options, machine());
    notes.addAll(budget.notes());
    progress("reading the tokenizer", 0.15);
    ModelText text = readText(metadata, config);
    progress("choosing kernels", 0.4);
    Kernels kernels = own(Kernels.open(kernelOptions()));
    notes.addAll(kernels.whyNotBetter());
    warnOnce(kernels.whyNotBetter());
    progress("binding weights", 0.5);
    WeightPages pages =
        new WeightPages(PageLoader.here(), options.pages(), options.progress(), notes);
    GgufFile placed = options.pages().repack() ? pages.place(file, own(Arena.ofShared())) : file;
    NodePlan plan = pages.plan(placed, kernels.nodes(), kernels.pinning());
    kernels.homes(plan);
    if (placed == file) {
      pages.prepare(file, machine(), plan);
    } else {
      pages.copy(file, placed, plan);
    }
    LanguageModel model = own(LanguageModel.load(placed, kernels, adapters(file), ownDrafts(file)));
    progress("reserving keys and values", 0.8);
    int context = budget.report().contextLength();
    EngineLimits limits =
        new EngineLimits(
            context,
            options.kvBlockTokens(),
            Math.toIntExact(budget.report().kvTokens() / options.kvBlockTokens()),
            Math.min(options.chunkTokens(), Math.max(context, options.maxSequences())),
            options.maxSequences());
    PagedKv kv = model.newKv(options.kvType(), limits.blockTokens(), limits.numBlocks());
    pages.spread(kv, plan, kernels.nodes());
    ModelPass pass =
        own(
            new ModelPass(
                model, kv, model.newWorkspace(limits.chunkTokens()), options.batchInvariant()));
    Engine engine =
        own(
            new Engine(
                pass,
                limits,
                text.tokenizer().endOfGenerationIds(),
                options.speculation(),
                options.serving(),
                prefixStore(file, kernels, kv)));
    engine.start();
    ModelCard card = card(file, config, text, kernels, budget);
    progress("ready", 1);
    int maxOutputs = Math.clamp(EVALUATED_LOGITS / config.vocabSize(), 1, limits.chunkTokens());
    return new Loaded(engine, text, pass, card, maxOutputs, pooling(metadata, config), resources);
  }

  /** Where blocks outlive the process, if that is asked for. */
  private @Nullable PrefixStore prefixStore(GgufFile file, Kernels kernels, PagedKv kv) {
    PrefixCacheOptions cache = options.serving().prefixCache();
    if (cache.folder().isEmpty()) {
      return null;
    }
    // Other kernels round otherwise, and tokens must not depend on what was there before.
    String settings =
        "1 " // of the form of a block
            + kv.type()
            + " "
            + kv.blockTokens()
            + " "
            + kv.blockBytes()
            + " "
            + kernels.providerName()
            + " "
            + options.precision();
    return new PrefixStore(
        cache.folder().get(),
        cache.folderBytes(),
        ModelFingerprint.of(file, options, settings),
        kv.blockTokens(),
        kv.blockBytes(),
        note -> System.getLogger("io.moineau").log(System.Logger.Level.WARNING, note));
  }

  private static Pooling pooling(GgufMetadata metadata, ModelConfig config) {
    return metadata
        .findInteger(config.architecture() + ".pooling_type")
        .flatMap(Pooling::ofGguf)
        .orElse(Pooling.MEAN);
  }

  private List<LoraAdapter> adapters(GgufFile file) {
    List<LoraAdapter> adapters = new ArrayList<>();
    for (LoraOption option : options.adapters()) {
      LoraAdapter adapter = own(AdapterFiles.open(option.file(), option.scale(), file, notes::add));
      adapters.add(adapter);
      notes.add(
          "Adapter "
              + option.file().getFileName()
              + ": rank "
              + adapter.rank()
              + ", added to "
              + adapter.size()
              + " weights with scale "
              + option.scale()
              + ".");
    }
    return adapters;
  }

  private void progress(String stage, double fraction) {
    options.progress().progress(stage, fraction);
  }

  private MachineMemory machine() {
    return options.memoryLimitBytes() > 0
        ? new MachineMemory(options.memoryLimitBytes(), "the limit that was set")
        : MachineMemory.now();
  }

  private MemoryBudget.Needs needs(GgufFile file, ModelConfig config) {
    long scratch = Workspace.bytes(config, options.chunkTokens(), outputs());
    boolean nextn = ownDrafts(file);
    if (nextn) {
      scratch += Workspace.nextnBytes(config, options.chunkTokens());
    }
    return new MemoryBudget.Needs(
        file.path().getFileName().toString(),
        file.fileBytes() + MlaAttention.copiedBytes(config, file),
        config.contextLength(),
        type -> config.kvBytesPerToken(type) + (nextn ? config.kvBytesPerLayer(type) : 0),
        scratch);
  }

  /** Whether the file's layer for the token after next is loaded. */
  private boolean ownDrafts(GgufFile file) {
    boolean there = Architectures.hasNextn(file);
    if (!there && options.speculation() == Speculation.MTP) {
      throw new EngineException(
          "speculation-no-mtp",
          "the model has no layer of its own to draft tokens with",
          path.getFileName() + ": no blk.N.nextn tensors that this architecture can run",
          "AUTO, NONE, NGRAM",
          "take a file with nextn_predict_layers (multi-token prediction), or another speculation");
    }
    return there
        && (options.speculation() == Speculation.AUTO || options.speculation() == Speculation.MTP);
  }

  /** Logits that a step keeps at most: of each sequence, and of each drafted token. */
  private int outputs() {
    int drafted = options.speculation() == Speculation.NONE ? 0 : Speculator.MOST_PER_STEP;
    return Math.addExact(options.maxSequences(), drafted);
  }

  private KernelOptions kernelOptions() {
    KernelOptions kernels =
        KernelOptions.defaults().withThreads(options.threads()).withPrecision(options.precision());
    return options.provider().isEmpty() ? kernels : kernels.withProvider(options.provider());
  }

  /** Tells each line once per process: programs open models again and again. */
  private static void warnOnce(List<String> lines) {
    for (String line : lines) {
      if (WARNED.add(line)) {
        System.getLogger("io.moineau").log(System.Logger.Level.WARNING, line);
      }
    }
  }

  private ModelText readText(GgufMetadata metadata, ModelConfig config) {
    Tokenizer tokenizer = Tokenizers.fromGguf(new GgufTokenizerMetadata(metadata));
    if (tokenizer.vocabularySize() > config.vocabSize()) {
      throw new EngineException(
          "vocabulary-mismatch",
          "the tokenizer has more tokens than the model has logits",
          path.getFileName()
              + ": tokenizer "
              + tokenizer.vocabularySize()
              + ", model "
              + config.vocabSize(),
          "at most as many",
          "the file is damaged; convert it again");
    }
    ModelText text =
        ModelText.of(
            tokenizer,
            options.chatTemplate(),
            metadata.findString("tokenizer.chat_template").orElse(""));
    switch (text.source()) {
      case CHATML ->
          notes.add(
              "The file has no chat template; its vocabulary has ChatML's tokens, so ChatML is"
                  + " used.");
      case PLAIN ->
          notes.add(
              "The file has no chat template: messages are joined as plain text, which the model"
                  + " continues.");
      default -> {}
    }
    return text;
  }

  private ModelCard card(
      GgufFile file, ModelConfig config, ModelText text, Kernels kernels, MemoryBudget budget) {
    GgufMetadata metadata = file.metadata();
    return new ModelCard(
        file.path(),
        metadata.findString("general.name").orElse(file.path().getFileName().toString()),
        config.architecture(),
        parameters(file),
        activeParameters(file, config),
        quantization(file),
        file.fileBytes(),
        config.vocabSize(),
        config.numHiddenLayers(),
        config.moe().map(ModelConfig.MoeConfig::nRoutedExperts).orElse(0),
        config.moe().map(ModelConfig.MoeConfig::numExpertsPerTok).orElse(0),
        config.contextLength(),
        budget.report().contextLength(),
        text.source(),
        text.format().name(),
        text.format().hasReasoning(),
        text.tokenizer().describe(),
        kernels.providerName(),
        kernels.threads(),
        budget.report(),
        demonstration,
        System.nanoTime() - startedAt,
        notes);
  }

  private static long elements(TensorView tensor) {
    return tensor.rows() * tensor.columns();
  }

  private static long parameters(GgufFile file) {
    return file.tensors().values().stream().mapToLong(ModelLoader::elements).sum();
  }

  /**
   * Weights that take part for one token: of routed experts the share that is used, and of the
   * embedding one row unless it is the output matrix too.
   */
  private static long activeParameters(GgufFile file, ModelConfig config) {
    double used =
        config.moe().map(moe -> (double) moe.numExpertsPerTok() / moe.nRoutedExperts()).orElse(1.0);
    double active = 0;
    for (TensorView tensor : file.tensors().values()) {
      if (tensor.name().contains("_exps.")) {
        active += elements(tensor) * used;
      } else if (tensor.name().equals("token_embd.weight")
          && file.find("output.weight").isPresent()) {
        active += tensor.columns();
      } else {
        active += elements(tensor);
      }
    }
    return Math.round(active);
  }

  /** The type that most bytes of weights have. */
  static String quantization(GgufFile file) {
    Map<DType, Long> bytes = new EnumMap<>(DType.class);
    for (TensorView tensor : file.tensors().values()) {
      bytes.merge(tensor.type(), tensor.data().byteSize(), Long::sum);
    }
    return bytes.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(entry -> entry.getKey().name())
        .orElse("");
  }
}
