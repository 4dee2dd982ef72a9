package io.moineau.adapt;

import io.moineau.format.GgufFile;
import io.moineau.kernels.dense.Factors;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MlaConfig;
import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;
import io.moineau.model.RopeConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * What to train, from what, and how: a YAML file, checked when it is read.
 *
 * @param source text of the file
 * @param name of the model
 * @param seed of first weights, order of documents and samples
 * @param out the GGUF file to write
 * @param run folder of checkpoints, log and report
 * @param data files of text
 * @param validationPart part of the documents that is kept for validation
 * @param vocabulary how text becomes tokens
 * @param model shape; its vocabulary size is that of {@code vocabulary}
 * @param tieWordEmbeddings whether the embedding is the output matrix too
 * @param training steps and rates
 * @param samples texts that the model goes on from now and then
 * @param mtp multi-token prediction; empty for a model without
 */
public record Recipe(
    String source,
    String name,
    int seed,
    Path out,
    Path run,
    List<Source> data,
    double validationPart,
    VocabularyPart vocabulary,
    ModelConfig model,
    boolean tieWordEmbeddings,
    TrainingPart training,
    List<String> samples,
    Optional<MtpPart> mtp) {

  /** How documents lie in a file. */
  public enum Format {
    /** Texts, divided by lines {@code <|endoftext|>}. */
    TEXT,
    /** Texts whose lines begin with {@code User: } or {@code Assistant: }, divided the same way. */
    CHAT,
    /** On each line an object with {@code text} or {@code messages}. */
    JSONL,
    /** Rules that texts are made from. */
    GRAMMAR
  }

  /**
   * A file of documents.
   *
   * @param file which may end in .gz
   * @param format how documents lie in it
   * @param repeat how often each document comes in one pass over the data
   * @param answerTo questions that texts are to be answers to, one after the other; none to leave
   *     them texts
   * @param documents how many are made from a grammar; 0 for files of other kinds
   * @param seed of what is made from a grammar
   */
  public record Source(
      Path file, Format format, int repeat, List<String> answerTo, int documents, int seed) {}

  /**
   * How text becomes tokens.
   *
   * @param from a GGUF file whose vocabulary is taken; empty to learn one
   * @param size tokens to learn
   * @param family how text is cut
   */
  public record VocabularyPart(Optional<Path> from, int size, String family) {}

  /**
   * How to train.
   *
   * @param steps steps of the optimiser
   * @param batchTokens tokens of a step
   * @param microBatchTokens tokens computed at once; divides {@code batchTokens}
   * @param products what the factors of products are rounded to
   * @param muon whether matrices are moved by Muon rather than AdamW
   * @param learningRate the highest
   * @param warmupSteps steps until it is reached
   * @param floor part of it at the end
   * @param weightDecay times the rate
   * @param clip highest norm of the gradients
   * @param balanceSpeed what the routers' bias moves by
   * @param threads threads; 0 for one per processor
   * @param checkpointEvery steps between checkpoints
   * @param validateEvery steps between validations
   * @param sampleEvery steps between samples; 0 for none
   */
  public record TrainingPart(
      int steps,
      int batchTokens,
      int microBatchTokens,
      Factors products,
      boolean muon,
      double learningRate,
      int warmupSteps,
      double floor,
      double weightDecay,
      double clip,
      double balanceSpeed,
      int threads,
      int checkpointEvery,
      int validateEvery,
      int sampleEvery) {}

  /**
   * A layer that learns to predict the token after next.
   *
   * @param weight of its loss beside the model's
   * @param exported whether the GGUF file has the layer
   */
  public record MtpPart(double weight, boolean exported) {
    /** Steps until {@link #weightAt} falls, as a part of all. */
    private static final double EARLY = 2.0 / 3;

    /**
     * The weight in a step: a third of it in the last third. DeepSeek-V3 (arXiv 2412.19437, section
     * 4.2) began with 0.3 and went on with 0.1 for the last 4.8 of 14.8 T tokens.
     */
    public double weightAt(int step, int steps) {
      return step < EARLY * steps ? weight : weight / 3;
    }
  }

  /**
   * Reads a recipe. Paths in it are relative to its folder.
   *
   * @throws AdaptException {@code train-no-recipe} if it cannot be read, {@code train-bad-recipe}
   *     with line and what is allowed
   */
  public static Recipe read(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AdaptException(
          "train-no-recipe",
          "a recipe cannot be read",
          file + " (" + e.getMessage() + ")",
          "a YAML file in UTF-8",
          "check the name");
    }
    Path folder = file.toAbsolutePath().getParent();
    return parse(text, file.toString(), folder == null ? Path.of("") : folder);
  }

  /** The same from a text; {@code folder} is where relative paths begin. */
  public static Recipe parse(String text, String file, Path folder) {
    Node root;
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(file).build();
      root =
          new Composer(settings, new ParserImpl(settings, new StreamReader(settings, text)))
              .getSingleNode()
              .orElseThrow(() -> notYaml(file, "it is empty"));
    } catch (YamlEngineException e) {
      throw notYaml(file, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
    return new RecipeParts(folder, new RecipeSection(file, "", root)).recipe(text);
  }

  private static AdaptException notYaml(String file, String why) {
    return new AdaptException(
        "train-bad-recipe",
        "the recipe is no YAML",
        file + ": " + why,
        "keys and values, as in docs/training.md",
        "correct it; nothing was begun");
  }

  /** Reads the parts. */
  private static final class RecipeParts {
    private static final int MANY = 1 << 20;
    private final Path folder;
    private final RecipeSection root;

    RecipeParts(Path folder, RecipeSection root) {
      this.folder = folder;
      this.root = root;
    }

    Recipe recipe(String text) {
      String name = root.text("name", "model");
      Path out = folder.resolve(root.text("out", name + ".gguf"));
      Path run = folder.resolve(root.text("run", name + ".run"));
      int seed = root.integer("seed", 0, Integer.MAX_VALUE, 1);
      double validation = root.number("validation", 0, 0.5, 0.01);
      List<Source> data = new ArrayList<>();
      for (RecipeSection part : root.sections("data")) {
        data.add(source(part, seed));
      }
      VocabularyPart vocabulary = vocabulary(root.section("vocabulary"));
      RecipeSection shape = root.section("model");
      ModelConfig model = model(shape, vocabulary.size());
      boolean tied = shape.flag("tieWordEmbeddings", true);
      RecipeSection how = root.section("training");
      Optional<MtpPart> mtp = mtp(shape, how, model);
      shape.end();
      TrainingPart training = training(how, model);
      how.end();
      List<String> samples = root.texts("samples");
      root.end();
      return new Recipe(
          text,
          name,
          seed,
          out,
          run,
          data,
          validation,
          vocabulary,
          model,
          tied,
          training,
          samples,
          mtp);
    }

    /**
     * llama.cpp (v0.5.0) knows such a layer in a deepseek2 file, and refuses others that have it.
     */
    private Optional<MtpPart> mtp(RecipeSection shape, RecipeSection how, ModelConfig model) {
      boolean layer = shape.integer("numNextnPredictLayers", 0, 1, 0) > 0;
      for (RecipeSection part : layer ? List.<RecipeSection>of() : List.of(root, how)) {
        String key = part == root ? "exportMtp" : "mtpWeight";
        if (part.has(key)) {
          throw part.bad(key, "given", "nothing where model.numNextnPredictLayers is 0");
        }
      }
      double weight = how.number("mtpWeight", 0.001, 10, 0.3);
      boolean exported = root.flag("exportMtp", model.mla().isPresent());
      return layer ? Optional.of(new MtpPart(weight, exported)) : Optional.empty();
    }

    private Source source(RecipeSection part, int seed) {
      String name = part.text("file", "");
      Path file = folder.resolve(name);
      if (name.isEmpty() || !Files.isReadable(file) || Files.isDirectory(file)) {
        throw part.bad("file", name.isEmpty() ? "missing" : name, "a file that can be read");
      }
      boolean lines = name.endsWith(".jsonl") || name.endsWith(".jsonl.gz");
      String usual = lines ? "jsonl" : name.endsWith(".grammar") ? "grammar" : "text";
      String format = part.choice("format", usual, "text", "chat", "jsonl", "grammar");
      boolean grammar = format.equals("grammar");
      if (!grammar && part.has("documents")) {
        throw part.bad("documents", "given for " + format, "format: grammar");
      }
      Source source =
          new Source(
              file,
              Format.valueOf(format.toUpperCase(Locale.ROOT)),
              part.integer("repeat", 1, 100, 1),
              part.texts("answerTo"),
              grammar ? part.integer("documents", 1, 10_000_000) : 0,
              seed);
      if (!source.answerTo().isEmpty() && source.format() != Format.TEXT && !grammar) {
        throw part.bad("answerTo", "given for " + format, "format: text or grammar");
      }
      part.end();
      return source;
    }

    private VocabularyPart vocabulary(RecipeSection part) {
      Optional<Path> from = Optional.empty();
      if (part.has("from")) {
        Path file = folder.resolve(part.text("from", ""));
        if (!Files.isReadable(file)) {
          throw part.bad("from", part.text("from", ""), "a GGUF file that can be read");
        }
        from = Optional.of(file);
      }
      String family = part.text("family", "qwen2");
      int size = from.isPresent() ? tokens(from.get()) : part.integer("size", 259, 1 << 18);
      part.end();
      return new VocabularyPart(from, size, family);
    }

    private static int tokens(Path file) {
      try (GgufFile vocabulary = GgufFile.open(file)) {
        return vocabulary
            .metadata()
            .findStrings("tokenizer.ggml.tokens")
            .map(List::size)
            .orElseThrow(() ->
                new AdaptException(
                    "train-bad-vocabulary",
                    "a file has no vocabulary",
                    file + " has no tokenizer.ggml.tokens",
                    "a GGUF file of a model",
                    "name another file, or leave out vocabulary.from to learn one"));
      }
    }

    private ModelConfig model(RecipeSection part, int vocabSize) {
      boolean latent = part.choice("attention", "mla", "mla", "gqa").equals("mla");
      int hidden = part.integer("hiddenSize", 8, MANY);
      int heads = part.integer("numAttentionHeads", 1, 4096);
      int layers = part.integer("numHiddenLayers", 1, 1024);
      int context = part.integer("contextLength", 8, MANY, 512);
      int experts = part.integer("nRoutedExperts", 0, 4096, 0);
      Optional<MoeConfig> moe =
          experts == 0 ? Optional.empty() : Optional.of(experts(part, experts, layers));
      int width = part.integer("intermediateSize", 0, MANY, 0);
      boolean dense = moe.map(m -> m.firstKDenseReplace() > 0).orElse(true);
      if (dense && width == 0) {
        throw part.bad("intermediateSize", "missing", "at least 1 where a layer is dense");
      }
      double theta = part.number("ropeTheta", 2, 1e9, 10_000);
      float eps = (float) part.number("rmsNormEps", 1e-12, 0.1, 1e-6);
      if (latent) {
        int rope = even(part, "qkRopeHeadDim", part.integer("qkRopeHeadDim", 2, 4096));
        int nope = part.integer("qkNopeHeadDim", 1, 4096);
        int value = part.integer("vHeadDim", 1, 4096);
        int lora = part.integer("kvLoraRank", 1, 65_536);
        int query = part.integer("qLoraRank", 0, 65_536, 0);
        float scale = (float) (1 / Math.sqrt(nope + rope));
        return new ModelConfig(
            "deepseek2",
            vocabSize,
            context,
            hidden,
            layers,
            width,
            heads,
            heads,
            nope + rope,
            value,
            eps,
            scale,
            0,
            rope(rope, theta, false, context),
            moe,
            Optional.of(new MlaConfig(query, lora, nope, rope, value)));
      }
      int kvHeads = part.integer("numKeyValueHeads", 1, heads, heads);
      if (heads % kvHeads != 0) {
        throw part.bad("numKeyValueHeads", kvHeads, "a divisor of numAttentionHeads=" + heads);
      }
      int dim = even(part, "headDim", part.integer("headDim", 2, 4096));
      String architecture = moe.isEmpty() ? "qwen3" : softmax(moe) ? "qwen3moe" : "dots1";
      return new ModelConfig(
          architecture,
          vocabSize,
          context,
          hidden,
          layers,
          width,
          heads,
          kvHeads,
          dim,
          dim,
          eps,
          (float) (1 / Math.sqrt(dim)),
          0,
          rope(dim, theta, true, context),
          moe,
          Optional.empty());
    }

    private static boolean softmax(Optional<MoeConfig> moe) {
      return moe.map(m -> m.scoring() == Scoring.SOFTMAX).orElse(false);
    }

    private static int even(RecipeSection part, String key, int value) {
      if (value % 2 != 0) {
        throw part.bad(key, value, "an even number");
      }
      return value;
    }

    private static RopeConfig rope(int dim, double theta, boolean neox, int context) {
      return new RopeConfig(dim, theta, neox, 1, false, context, 1, 32, 1);
    }

    private static MoeConfig experts(RecipeSection part, int experts, int layers) {
      int used = part.integer("numExpertsPerTok", 1, experts);
      int width = part.integer("moeIntermediateSize", 1, MANY);
      int shared = part.integer("nSharedExperts", 0, 64, 0);
      int dense = part.integer("firstKDenseReplace", 0, layers, 0);
      boolean softmax =
          part.choice("scoringFunc", "sigmoid", "sigmoid", "softmax").equals("softmax");
      float scale = (float) part.number("routedScalingFactor", 0.01, 100, 1);
      if (softmax && (shared > 0 || dense > 0 || scale != 1)) {
        throw part.bad(
            "scoringFunc",
            "softmax with shared experts, dense layers or a scale",
            "sigmoid, or none of these");
      }
      return new MoeConfig(
          experts,
          used,
          width,
          shared * width,
          dense,
          1,
          softmax ? Scoring.SOFTMAX : Scoring.SIGMOID,
          true,
          scale,
          1,
          1);
    }

    private static TrainingPart training(RecipeSection part, ModelConfig model) {
      int micro = part.integer("microBatchTokens", 8, MANY, 2048);
      int batch = part.integer("batchTokens", 8, 1 << 26, micro);
      if (batch % micro != 0) {
        throw part.bad("batchTokens", batch, "a multiple of microBatchTokens=" + micro);
      }
      if (micro < model.contextLength()) {
        throw part.bad(
            "microBatchTokens", micro, "at least model.contextLength=" + model.contextLength());
      }
      int steps = part.integer("steps", 1, Integer.MAX_VALUE - 1);
      return new TrainingPart(
          steps,
          batch,
          micro,
          part.choice("products", "float32", "float32", "bfloat16").equals("bfloat16")
              ? Factors.BFLOAT16
              : Factors.FLOAT32,
          part.choice("optimizer", "adamw", "adamw", "muon").equals("muon"),
          part.number("learningRate", 0, 10, 1e-3),
          part.integer("warmupSteps", 0, steps, Math.min(steps, 50)),
          part.number("floor", 0, 1, 0.1),
          part.number("weightDecay", 0, 10, 0.1),
          part.number("clip", 1e-9, 1e9, 1),
          part.number("balanceSpeed", 0, 1, 1e-3),
          part.integer("threads", 0, 4096, 0),
          part.integer("checkpointEvery", 1, Integer.MAX_VALUE - 1, 100),
          part.integer("validateEvery", 1, Integer.MAX_VALUE - 1, 100),
          part.integer("sampleEvery", 0, Integer.MAX_VALUE - 1, 100));
    }
  }
}
