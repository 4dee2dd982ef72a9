package io.moineau.adapt;

import io.moineau.adapt.block.LearningRate;
import io.moineau.adapt.block.Optimizer;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.TrainableModel;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.vocabulary.BpeTrainer;
import io.moineau.engine.GgufTokenizerMetadata;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufWriter;
import io.moineau.kernels.CpuFeatures;
import io.moineau.kernels.dense.DenseProducts;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tokenizers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * Trains a model by a recipe, from text to a GGUF file.
 *
 * <p>A training is a function of recipe and data: the number of threads changes nothing, and one
 * that was stopped, or killed, goes on from its last checkpoint as if nothing had been.
 */
public final class Training implements AutoCloseable {
  /**
   * How to run.
   *
   * @param resume whether to go on from the run's checkpoint, if there is one
   * @param threads in place of the recipe's; 0 for those
   */
  public record Options(boolean resume, int threads) {}

  /**
   * What came of it.
   *
   * @param finished whether all steps were done; else it was stopped, and can go on
   * @param step steps done
   * @param file the model; there only where finished
   * @param log all steps
   */
  public record Result(boolean finished, int step, Path file, TrainingLog log) {}

  /**
   * What another model is like on the validation text.
   *
   * @param loss in nats per token
   * @param bitsPerByte of the text
   */
  public record Baseline(double loss, double bitsPerByte) {}

  private static final int NGRAM_ORDER = 5;
  private static final int SAMPLE_TOKENS = 80;
  private static final double SAMPLE_TEMPERATURE = 0.7;

  private final Recipe recipe;
  private final TrainingListener listener;
  private final RunFolder run;
  private final Workers workers;
  private final GgufFile vocabulary;
  private final Tokenizer tokenizer;
  private final Corpus corpus = new Corpus();
  private final Corpus validation = new Corpus();
  private final Corpus.Cursor cursor = new Corpus.Cursor();
  private final TrainableModel model;
  private final Optimizer optimizer;
  private final LearningRate rate;
  private final TokenBatch[] batches;
  private final long recipeSum;
  private final long dataSum;
  private final List<String> lastSamples = new ArrayList<>();
  private TrainingLog log = new TrainingLog();
  private int step;

  /**
   * Trains, or goes on training.
   *
   * @throws AdaptException {@code train-run-exists} if the run was begun and is not to be resumed;
   *     {@code train-recipe-changed} and {@code train-data-changed} if it was begun from others;
   *     {@code train-too-little-memory}; {@code train-bad-data}; {@code train-bad-vocabulary};
   *     {@code train-bad-checkpoint}; {@code train-checkpoint-failed}
   */
  public static Result run(Recipe recipe, Options options, TrainingListener listener) {
    try (Training training = new Training(recipe, options, listener)) {
      return training.run();
    }
  }

  /**
   * Writes the model as it is at the run's last checkpoint.
   *
   * @return the steps that it had
   */
  public static int export(Recipe recipe, Path file, TrainingListener listener) {
    if (!new RunFolder(recipe.run()).isBegun()) {
      throw new AdaptException(
          "train-no-checkpoint",
          "there is no checkpoint to export",
          recipe.run().toString(),
          "the folder of a run that was begun",
          "train first");
    }
    try (Training training = new Training(recipe, new Options(true, 0), listener)) {
      training.write(file);
      return training.step;
    }
  }

  /**
   * Learns an n-gram model (order {@value #NGRAM_ORDER}, Kneser-Ney) from the same tokens and reads
   * the same validation text, to compare with.
   *
   * @return what it is like on the validation text, in the measures of the log
   * @throws AdaptException {@code train-no-validation} if nothing is kept for validation
   */
  public static Baseline ngram(Recipe recipe, TrainingListener listener) {
    try (Training training = new Training(recipe, new Options(true, 0), listener)) {
      return training.ngram();
    }
  }

  private Baseline ngram() {
    NgramModel ngrams = new NgramModel(NGRAM_ORDER, recipe.model().vocabSize());
    corpus.each(ngrams::add);
    ngrams.finish();
    double[] sum = new double[3]; // nats, tokens, bytes
    validation.each((tokens, from, to) -> {
      for (int i = from + 1; i < to; i++) {
        if (validation.isCounted(i)) {
          sum[0] -= Math.log(ngrams.probability(tokens, from, i));
          sum[1]++;
          sum[2] += tokenizer.isSpecial(tokens[i]) ? 0 : tokenizer.bytes(tokens[i]).length;
        }
      }
    });
    if (sum[1] == 0) {
      throw new AdaptException(
          "train-no-validation",
          "nothing is kept for validation",
          "validation=" + recipe.validationPart(),
          "more than 0",
          "set validation in a recipe of its own, and begin anew");
    }
    return new Baseline(sum[0] / sum[1], sum[0] / Math.log(2) / sum[2]);
  }

  private Training(Recipe recipe, Options options, TrainingListener listener) {
    this.recipe = recipe;
    this.listener = listener;
    run = new RunFolder(recipe.run());
    if (!options.resume()) {
      run.checkNew("this training", "folder (run) in the recipe");
    }
    run.make();
    CRC32C crc = new CRC32C();
    crc.update(recipe.source().getBytes(StandardCharsets.UTF_8));
    recipeSum = crc.getValue();
    int threads = options.threads() > 0 ? options.threads() : recipe.training().threads();
    Recipe.TrainingPart how = recipe.training();
    workers = new Workers(threads > 0 ? threads : CpuFeatures.get().usableCores(), how.products());
    try {
      model = TrainingMemory.model(recipe, workers);
      checkMemory();
      vocabulary = vocabulary();
      tokenizer = Tokenizers.fromGguf(new GgufTokenizerMetadata(vocabulary.metadata()));
      readCorpus();
      dataSum = corpus.checksum();
      // What reading the text left behind would lie among the weights until the end of the run.
      System.gc();
      model.allocate(recipe.seed());
      Optimizer.Settings settings =
          new Optimizer.Settings(
              0.9f, 0.95f, 1e-8f, (float) how.weightDecay(), (float) how.clip(), how.muon());
      optimizer = new Optimizer(workers, model.parameters(), settings);
      rate = new LearningRate(how.learningRate(), how.warmupSteps(), how.steps(), how.floor());
      batches = new TokenBatch[how.batchTokens() / how.microBatchTokens()];
      for (int i = 0; i < batches.length; i++) {
        batches[i] = new TokenBatch(how.microBatchTokens());
      }
      if (run.isBegun()) {
        resume();
      }
    } catch (RuntimeException | Error e) {
      workers.close();
      throw e;
    }
  }

  private void checkMemory() {
    long bytes = TrainingMemory.of(model).bytes();
    listener.remark(
        String.format(
            java.util.Locale.ROOT,
            "%.2f M parameters; %d MB for weights, gradients, moments and activations; products of %s"
                + " by %s",
            model.parameters().size() / 1e6,
            bytes >> 20,
            recipe.training().products().name().toLowerCase(java.util.Locale.ROOT),
            DenseProducts.describe(recipe.training().products())));
    TrainingMemory.checkHeap(bytes, "choose a smaller model or microBatchTokens");
  }

  /** The run's own copy of the vocabulary: taken or learnt when the run begins. */
  private GgufFile vocabulary() {
    if (!java.nio.file.Files.exists(run.vocabulary())) {
      GgufWriter writer = new GgufWriter();
      if (recipe.vocabulary().from().isPresent()) {
        try (GgufFile from = GgufFile.open(recipe.vocabulary().from().get())) {
          for (String key : from.metadata().keys()) {
            if (key.startsWith("tokenizer.")) {
              from.metadata().findValue(key).ifPresent(value -> writer.metadata(key, value));
            }
          }
        }
      } else {
        BpeTrainer trainer = new BpeTrainer(recipe.vocabulary().family());
        for (int i = 0; i < recipe.data().size(); i++) {
          listener.preparing("read words", i, recipe.data().size());
          Documents.read(recipe.data().get(i), document -> learn(trainer, document));
        }
        listener.preparing("learn the vocabulary", 0, 1);
        trainer.learn(recipe.vocabulary().size()).writeTo(writer);
      }
      writer.write(run.vocabulary());
    }
    return GgufFile.open(run.vocabulary());
  }

  private static void learn(BpeTrainer trainer, Documents.Document document) {
    switch (document) {
      case Documents.Document.Text text -> trainer.add(text.text());
      case Documents.Document.Chat chat ->
          chat.turns().forEach(turn -> trainer.add(turn.role() + "\n" + turn.content()));
    }
  }

  private void readCorpus() {
    for (int i = 0; i < recipe.data().size(); i++) {
      listener.preparing("read text", i, recipe.data().size());
      Recipe.Source source = recipe.data().get(i);
      Documents.read(
          source,
          document -> {
            if (isKept(document)) {
              validation.add(tokenizer, document, 1);
            } else {
              corpus.add(tokenizer, document, source.repeat());
            }
          });
    }
    listener.remark(
        corpus.size()
            + " tokens in "
            + corpus.documents()
            + " documents; "
            + validation.size()
            + " tokens kept for validation");
    if (corpus.size() < 2) {
      throw new AdaptException(
          "train-bad-data",
          "there is no text to learn from",
          recipe.data().size() + " files with " + corpus.documents() + " documents",
          "at least one document of two tokens",
          "give more text, or a smaller validation");
    }
  }

  /**
   * Whether a document is for validation. Its text decides, so that one that comes twice, or as a
   * text and as an answer, is not learnt in one place and validated on in another.
   */
  private boolean isKept(Documents.Document document) {
    StringBuilder said = new StringBuilder();
    switch (document) {
      case Documents.Document.Text text -> said.append(text.text());
      case Documents.Document.Chat chat -> {
        for (Documents.Turn turn : chat.turns()) {
          if (turn.role().equals("assistant")) {
            said.append(turn.content());
          }
        }
      }
    }
    CRC32C crc = new CRC32C();
    crc.update(said.toString().getBytes(StandardCharsets.UTF_8));
    long seed = (long) recipe.seed() << 32 | crc.getValue();
    return new SplittableRandom(seed).nextDouble() < recipe.validationPart();
  }

  private void resume() {
    Checkpoint checkpoint =
        run.read(
            recipeSum,
            dataSum,
            "the recipe",
            model.parameters().values(),
            optimizer.first(),
            optimizer.second());
    step = checkpoint.step();
    cursor.epoch = checkpoint.epoch();
    cursor.entry = checkpoint.entry();
    cursor.offset = checkpoint.offset();
    optimizer.resumeAt(step);
    log = TrainingLog.parse(run.readLog(), step);
    listener.remark("goes on after step " + step);
  }

  private Result run() {
    Recipe.TrainingPart how = recipe.training();
    long start = System.nanoTime();
    double before = log.rows().isEmpty() ? 0 : log.rows().getLast().seconds();
    int saved = run.isBegun() ? step : -1;
    while (step < how.steps() && !listener.stops()) {
      TrainingLog.Row row = step(before, start);
      log.add(row);
      listener.step(row, how.steps());
      if (how.sampleEvery() > 0 && step % how.sampleEvery() == 0) {
        sample();
      }
      if (step % how.checkpointEvery() == 0) {
        save();
        saved = step;
      }
    }
    if (saved != step) {
      save();
    }
    boolean finished = step >= how.steps();
    if (finished) {
      write(recipe.out());
    }
    return new Result(finished, step, recipe.out(), log);
  }

  private TrainingLog.Row step(double secondsBefore, long startNanos) {
    Recipe.TrainingPart how = recipe.training();
    int counted = 0;
    for (TokenBatch batch : batches) {
      corpus.fill(cursor, recipe.seed(), recipe.model().contextLength(), batch);
      counted += batch.counted();
    }
    model.balance(0); // forgets what validation and samples counted
    double mtpWeight = recipe.mtp().map(mtp -> mtp.weightAt(step, how.steps())).orElse(0.0);
    double loss = 0;
    double mtpLoss = 0;
    int mtpCounted = 0;
    for (TokenBatch batch : batches) {
      TrainableModel.Evaluation sums =
          model.gradients(batch, 1f / Math.max(1, counted), (float) mtpWeight);
      loss += sums.loss();
      mtpLoss += sums.mtpLoss();
      mtpCounted += sums.mtpCounted();
    }
    double most = 0;
    double least = Double.NaN;
    for (long[] load : model.expertLoad()) {
      double sum = 0;
      long high = 0;
      long low = Long.MAX_VALUE;
      for (long tokens : load) {
        sum += tokens;
        high = Math.max(high, tokens);
        low = Math.min(low, tokens);
      }
      most = Math.max(most, high * load.length / sum);
      least =
          Double.isNaN(least) ? low * load.length / sum : Math.min(least, low * load.length / sum);
    }
    double learningRate = rate.at(step);
    double norm = optimizer.step(learningRate);
    model.balance((float) how.balanceSpeed());
    step++;
    boolean validates = step % how.validateEvery() == 0 || step == how.steps();
    Validation checked =
        validates ? Validation.of(model, validation, tokenizer, batches[0]) : Validation.NONE;
    double seconds = secondsBefore + (System.nanoTime() - startNanos) / 1e9;
    return new TrainingLog.Row(
        step,
        (long) step * how.batchTokens(),
        loss / Math.max(1, counted),
        norm,
        learningRate,
        seconds,
        Double.isNaN(least) ? Double.NaN : most,
        least,
        checked.loss(),
        checked.bitsPerByte(),
        recipe.mtp().isPresent() ? mtpLoss / Math.max(1, mtpCounted) : Double.NaN,
        checked.mtpAccepted());
  }

  private void sample() {
    lastSamples.clear();
    SplittableRandom random = new SplittableRandom(recipe.seed());
    for (String text : recipe.samples()) {
      int[] start = tokenizer.encode(text, true, true);
      int context = recipe.model().contextLength();
      int[] tokens = java.util.Arrays.copyOf(start, start.length + SAMPLE_TOKENS);
      int n = start.length;
      while (n < tokens.length && n < context) {
        int next = next(tokens, n, random);
        if (isEnd(next)) {
          break;
        }
        tokens[n++] = next;
      }
      String said = tokenizer.decode(java.util.Arrays.copyOf(tokens, n), true);
      lastSamples.add(said);
      listener.sample(step, said);
    }
  }

  private boolean isEnd(int token) {
    for (int end : tokenizer.endOfGenerationIds()) {
      if (end == token) {
        return true;
      }
    }
    return false;
  }

  private int next(int[] tokens, int n, SplittableRandom random) {
    TokenBatch batch = batches[0];
    batch.clear();
    batch.beginSegment();
    for (int i = 0; i < n; i++) {
      batch.add(tokens[i], TokenBatch.NO_TARGET);
    }
    float[] logits = model.logits(batch, n - 1);
    double max = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp((logit - max) / SAMPLE_TEMPERATURE);
    }
    double left = random.nextDouble() * sum;
    for (int id = 0; id < logits.length; id++) {
      left -= Math.exp((logits[id] - max) / SAMPLE_TEMPERATURE);
      if (left <= 0) {
        return id;
      }
    }
    return logits.length - 1;
  }

  /** The log goes first: rows after a checkpoint's step are left out when it is read. */
  private void save() {
    run.write("log.csv", log.csv());
    run.write("loss.svg", TrainingReport.loss(log.rows()));
    run.write("experts.svg", TrainingReport.experts(log.rows()));
    run.write("report.html", TrainingReport.html(recipe, log.rows(), lastSamples));
    new Checkpoint(step, cursor.epoch, cursor.entry, cursor.offset, recipeSum, dataSum)
        .write(
            run.checkpoint(), model.parameters().values(), optimizer.first(), optimizer.second());
  }

  private void write(Path file) {
    boolean nextn = recipe.mtp().map(Recipe.MtpPart::exported).orElse(false);
    GgufExport.writer(model, vocabulary.metadata(), recipe.name(), nextn).write(file);
  }

  @Override
  public void close() {
    vocabulary.close();
    workers.close();
  }
}
