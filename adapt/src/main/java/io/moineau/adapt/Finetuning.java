package io.moineau.adapt;

import io.moineau.adapt.block.LearningRate;
import io.moineau.adapt.block.Optimizer;
import io.moineau.adapt.block.Parameters;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.lora.LoraSettings;
import io.moineau.adapt.lora.LoraSettings.Part;
import io.moineau.adapt.lora.Target;
import io.moineau.adapt.lora.TunableModel;
import io.moineau.engine.GgufTokenizerMetadata;
import io.moineau.engine.peft.AdapterFiles;
import io.moineau.format.GgufFile;
import io.moineau.kernels.CpuFeatures;
import io.moineau.kernels.dense.Factors;
import io.moineau.model.Architectures;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tokenizers;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Fine-tunes a model on chats: low-rank changes (LoRA, arXiv 2106.09685) over weights that stay as
 * they are.
 *
 * <p>A run is a function of model, chats and options: the number of threads changes nothing, and
 * one that was stopped, or killed, goes on from its last checkpoint as if nothing had been.
 */
public final class Finetuning implements AutoCloseable {
  /**
   * What came of it.
   *
   * @param finished whether all steps were done; else it was stopped, and can go on
   * @param step steps done
   * @param file the adapter; there only where finished
   * @param lossBefore of the chats kept for validation, in nats per token; NaN where none are kept
   * @param lossAfter the same with the adapter; NaN where not finished
   * @param log all steps
   */
  public record Result(
      boolean finished,
      int step,
      Path file,
      double lossBefore,
      double lossAfter,
      TrainingLog log) {}

  /**
   * What a run would do.
   *
   * @param chats that are learnt from
   * @param validation chats kept aside
   * @param cut chats of which turns at the end are left out
   * @param leftOut chats of which not even the first answer fits the context
   * @param tokens that one pass reads
   * @param learnt of these, tokens that are learnt
   * @param steps in all
   * @param weights that get changes
   * @param parameters numbers that are learnt
   * @param bytes of heap for them, their optimiser and activations
   * @param seconds about how long it takes, by one part of a step that was measured
   */
  public record Plan(
      int chats,
      int validation,
      int cut,
      int leftOut,
      long tokens,
      long learnt,
      int steps,
      int weights,
      long parameters,
      long bytes,
      double seconds) {}

  private static final int DEFAULT_CONTEXT = 2048;
  private static final int MICRO_BATCH = 2048;
  private static final double WARMUP = 0.03; // part of the steps
  private static final int SECONDS_BETWEEN_CHECKPOINTS = 120;
  private static final int STEPS_BETWEEN_CHECKPOINTS = 50;

  private final FinetuneOptions options;
  private final TrainingListener listener;
  private final RunFolder run;
  private final GgufFile file;
  private final Workers workers;
  private final Tokenizer tokenizer;
  private final ChatCorpus corpus;
  private final ChatCorpus validation;
  private final TunableModel planned;
  private final int maxTokens;
  private final int steps;
  private final int stepsOfEpoch;
  private final long settingsSum;
  private final long dataSum;

  /**
   * Fine-tunes, or goes on with it.
   *
   * @param listener told of each step, on this thread; can stop the run
   * @throws AdaptException {@code finetune-bad-option}, {@code finetune-bad-data}, {@code
   *     finetune-no-template}, {@code finetune-template}, {@code finetune-unclear-turn}, {@code
   *     finetune-no-chats}, {@code finetune-unknown-architecture}, {@code finetune-no-targets},
   *     {@code finetune-output-exists}, {@code train-too-little-memory}, {@code train-run-exists},
   *     {@code train-recipe-changed}, {@code train-data-changed}, {@code train-bad-checkpoint},
   *     {@code train-checkpoint-failed}
   */
  public static Result run(FinetuneOptions options, TrainingListener listener) {
    try (Finetuning finetuning = new Finetuning(options, listener)) {
      return finetuning.run();
    }
  }

  /**
   * Reads everything, and says what {@link #run} would do; a part of a step is computed to guess
   * the time, and nothing is written.
   *
   * @throws AdaptException as {@link #run}, but for what concerns files that are written
   */
  public static Plan check(FinetuneOptions options, TrainingListener listener) {
    try (Finetuning finetuning = new Finetuning(options, listener)) {
      return finetuning.plan();
    }
  }

  private Finetuning(FinetuneOptions options, TrainingListener listener) {
    this.options = options;
    this.listener = listener;
    run = new RunFolder(options.run());
    file = GgufFile.open(options.model());
    workers = newWorkers();
    try {
      int most = Architectures.config(file).contextLength();
      int context = options.context() > 0 ? options.context() : Math.min(DEFAULT_CONTEXT, most);
      if (context > most) {
        listener.remark(
            "the model was trained for "
                + most
                + " tokens of context; chats of up to "
                + context
                + " are learnt");
      }
      tokenizer = Tokenizers.fromGguf(new GgufTokenizerMetadata(file.metadata()));
      corpus = new ChatCorpus(context);
      read(context);
      dataSum = corpus.checksum();
      int kept = (int) Math.round(options.validation() * corpus.size());
      if (options.validation() > 0 && corpus.size() > 1) {
        kept = Math.clamp(kept, 1, corpus.size() - 1);
      }
      int longest = corpus.longest();
      validation = corpus.split(kept, options.seed());
      stepsOfEpoch = (corpus.size() + options.batch() - 1) / options.batch();
      steps = Math.multiplyExact(stepsOfEpoch, options.epochs());
      maxTokens = Math.max(longest, Math.min(MICRO_BATCH, longest * options.batch()));
      planned = TunableModel.plan(file, settings(), workers, maxTokens, longest);
      if (options.format() == FinetuneOptions.Format.PEFT) {
        AdapterFiles.checkPeft(planned.targets().stream().map(Target::weight).toList(), file);
      }
      CRC32C crc = new CRC32C();
      crc.update(options.settings().getBytes(StandardCharsets.UTF_8));
      for (MemorySegment mapping : file.mappings()) {
        long size = mapping.byteSize();
        long part = Math.min(size, 1 << 20);
        crc.update(mapping.asSlice(0, part).asByteBuffer());
        crc.update(mapping.asSlice(size - part, part).asByteBuffer());
      }
      settingsSum = crc.getValue();
      checkMemory();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private Workers newWorkers() {
    try {
      int threads = options.threads() > 0 ? options.threads() : CpuFeatures.get().usableCores();
      boolean rounded = options.products() == FinetuneOptions.Products.BFLOAT16;
      return new Workers(threads, rounded ? Factors.BFLOAT16 : Factors.FLOAT32);
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private LoraSettings settings() {
    Set<Part> parts = EnumSet.noneOf(Part.class);
    for (FinetuneOptions.Target target : options.targets()) {
      parts.add(
          switch (target) {
            case ATTENTION -> Part.ATTENTION;
            case DENSE -> Part.DENSE_FFN;
            case SHARED_EXPERTS -> Part.SHARED_EXPERTS;
            case ROUTED_EXPERTS -> Part.ROUTED_EXPERTS;
          });
    }
    return new LoraSettings(options.rank(), options.alpha(), parts, options.seed());
  }

  private void read(int context) {
    String source = file.metadata().findString("tokenizer.chat_template").orElse("");
    ChatEncoder encoder = new ChatEncoder(tokenizer, source);
    for (Path path : options.data()) {
      List<ChatReader.Chat> chats = ChatReader.read(path);
      for (int i = 0; i < chats.size(); i++) {
        if (i % 100 == 0) {
          listener.preparing("read chats", i, chats.size());
        }
        corpus.add(encoder.encode(chats.get(i)));
      }
    }
    if (corpus.size() == 0) {
      throw new AdaptException(
          "finetune-no-chats",
          "there is nothing to learn from",
          options.data() + " have " + corpus.leftOut() + " chats, of which none fits",
          "at least one chat whose first answer ends within " + context + " tokens",
          "give more chats, or a larger context");
    }
    listener.remark(
        corpus.size()
            + " chats, "
            + corpus.tokens()
            + " tokens, of which "
            + corpus.learnt()
            + " are learnt");
    if (corpus.cut() + corpus.leftOut() > 0) {
      listener.remark(
          String.format(
              Locale.ROOT,
              "beyond the context of %d tokens: the last turns of %d chats, and %d chats whose"
                  + " first answer does not fit, are left out",
              context,
              corpus.cut(),
              corpus.leftOut()));
    }
  }

  /** Bytes that the run needs on the heap, but for its chats. */
  private long bytes() {
    Parameters parameters = planned.parameters();
    return 8L * parameters.size() + Optimizer.stateBytes(parameters) + planned.activationBytes();
  }

  private void checkMemory() {
    listener.remark(
        String.format(
            Locale.ROOT,
            "%.2f M parameters for %d weights; %d MB for them, gradients, moments and activations;"
                + " the model's %d MB are read where they lie",
            planned.parameters().size() / 1e6,
            planned.targets().size(),
            bytes() >> 20,
            file.fileBytes() >> 20));
    TrainingMemory.checkHeap(bytes(), "choose a smaller rank, context or fewer targets");
  }

  private void checkOutput() {
    if (!options.resume()) {
      run.checkNew("this fine-tuning", "output");
    }
    if (Files.exists(options.out()) && !run.isBegun()) {
      throw new AdaptException(
          "finetune-output-exists",
          "the output is there already",
          options.out().toString(),
          "a new name",
          "name another, or delete it");
    }
    run.make();
  }

  private Plan plan() {
    double perToken;
    try (TunableModel model =
        TunableModel.open(file, settings(), workers, maxTokens, planSegment())) {
      TokenBatch batch = new TokenBatch(maxTokens);
      for (int chat = 0; chat < corpus.size() && batch.room() >= corpus.length(chat); chat++) {
        corpus.fill(chat, batch);
      }
      // The compiler has done its work after a few; a large model takes its time anyway.
      long begin = System.nanoTime();
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < 16 && (i == 0 || System.nanoTime() - begin < 5_000_000_000L); i++) {
        long start = System.nanoTime();
        model.gradients(batch, 1f / Math.max(1, batch.counted()));
        best = Math.min(best, (System.nanoTime() - start) / 1e9);
      }
      perToken = best / batch.size();
    }
    return new Plan(
        corpus.size(),
        validation.size(),
        corpus.cut(),
        corpus.leftOut(),
        corpus.tokens(),
        corpus.learnt(),
        steps,
        planned.targets().size(),
        planned.parameters().size(),
        bytes(),
        perToken
            * ((double) corpus.tokens() * options.epochs()
                + validation.tokens() * (options.epochs() + 1) / 4.0));
  }

  private int planSegment() {
    return Math.max(corpus.longest(), validation.longest());
  }

  private Result run() {
    checkOutput();
    try (TunableModel model =
        TunableModel.open(file, settings(), workers, maxTokens, planSegment())) {
      return new Loop(model).run();
    }
  }

  /** The steps of a run. */
  private final class Loop {
    private final TunableModel model;
    private final Optimizer optimizer;
    private final LearningRate rate;
    private final TokenBatch batch = new TokenBatch(maxTokens);
    private TrainingLog log = new TrainingLog();
    private int step;

    Loop(TunableModel model) {
      this.model = model;
      Optimizer.Settings adam = new Optimizer.Settings(0.9f, 0.999f, 1e-8f, 0, 1, false);
      optimizer = new Optimizer(workers, model.parameters(), adam);
      int warmup = (int) Math.ceil(WARMUP * steps);
      rate = new LearningRate(options.learningRate(), warmup, steps, 0);
      if (run.isBegun()) {
        resume();
      } else {
        double[] before = validate();
        log.add(row(0, 0, Double.NaN, Double.NaN, Double.NaN, 0, before));
        if (!Double.isNaN(before[0])) {
          listener.remark(
              String.format(Locale.ROOT, "validation before: loss %.4f nats per token", before[0]));
        }
      }
    }

    private void resume() {
      Checkpoint checkpoint =
          run.read(
              settingsSum,
              dataSum,
              "the model or an option",
              model.parameters().values(),
              optimizer.first(),
              optimizer.second());
      step = checkpoint.step();
      optimizer.resumeAt(step);
      log = TrainingLog.parse(run.readLog(), step);
      listener.remark("goes on after step " + step);
    }

    Result run() {
      long start = System.nanoTime();
      double before = log.rows().isEmpty() ? 0 : log.rows().getLast().seconds();
      int saved = Finetuning.this.run.isBegun() ? step : -1;
      long savedAt = start;
      while (step < steps && !listener.stops()) {
        TrainingLog.Row row = step(before, start);
        log.add(row);
        listener.step(row, steps);
        long now = System.nanoTime();
        if (step % STEPS_BETWEEN_CHECKPOINTS == 0
            || now - savedAt > SECONDS_BETWEEN_CHECKPOINTS * 1_000_000_000L) {
          save();
          saved = step;
          savedAt = now;
        }
      }
      if (saved != step) {
        save();
      }
      boolean finished = step >= steps;
      if (finished) {
        write();
      }
      List<TrainingLog.Row> rows = log.rows();
      return new Result(
          finished,
          step,
          options.out(),
          rows.isEmpty() ? Double.NaN : rows.getFirst().validationLoss(),
          finished ? rows.getLast().validationLoss() : Double.NaN,
          log);
    }

    private TrainingLog.Row step(double secondsBefore, long startNanos) {
      int epoch = step / stepsOfEpoch;
      int[] order = corpus.order(options.seed(), epoch);
      int from = step % stepsOfEpoch * options.batch();
      int to = Math.min(order.length, from + options.batch());
      int counted = 0;
      long tokens = log.rows().isEmpty() ? 0 : log.rows().getLast().tokens();
      for (int i = from; i < to; i++) {
        counted += corpus.counted(order[i]);
        tokens += corpus.length(order[i]);
      }
      float scale = 1f / Math.max(1, counted);
      double loss = 0;
      batch.clear();
      for (int i = from; i < to; i++) {
        if (batch.room() < corpus.length(order[i])) {
          loss += model.gradients(batch, scale);
          batch.clear();
        }
        corpus.fill(order[i], batch);
      }
      loss += model.gradients(batch, scale);
      double learningRate = rate.at(step);
      double norm = optimizer.step(learningRate);
      step++;
      double[] checked = step % stepsOfEpoch == 0 ? validate() : NOTHING;
      return row(
          step,
          tokens,
          loss / Math.max(1, counted),
          norm,
          learningRate,
          secondsBefore + (System.nanoTime() - startNanos) / 1e9,
          checked);
    }

    private TrainingLog.Row row(
        int number,
        long tokens,
        double loss,
        double norm,
        double learningRate,
        double seconds,
        double[] checked) {
      return new TrainingLog.Row(
          number,
          tokens,
          loss,
          norm,
          learningRate,
          seconds,
          Double.NaN,
          Double.NaN,
          checked[0],
          checked[1],
          Double.NaN,
          Double.NaN);
    }

    /** Nats per token and bits per byte of what is learnt in the chats kept for validation. */
    private double[] validate() {
      double loss = 0;
      long counted = 0;
      long bytes = 0;
      batch.clear();
      for (int chat = 0; chat < validation.size(); chat++) {
        if (batch.room() < validation.length(chat)) {
          loss += model.loss(batch);
          batch.clear();
        }
        int first = batch.size();
        validation.fill(chat, batch);
        for (int i = first; i < batch.size(); i++) {
          int target = batch.target(i);
          if (target != TokenBatch.NO_TARGET) {
            counted++;
            bytes += tokenizer.isSpecial(target) ? 0 : tokenizer.bytes(target).length;
          }
        }
      }
      if (batch.size() > 0) {
        loss += model.loss(batch);
      }
      return counted == 0
          ? NOTHING
          : new double[] {loss / counted, loss / Math.log(2) / Math.max(1, bytes)};
    }

    /** The log goes first: rows after a checkpoint's step are left out when it is read. */
    private void save() {
      RunFolder folder = Finetuning.this.run;
      folder.write("log.csv", log.csv());
      folder.write("loss.svg", TrainingReport.loss(log.rows()));
      folder.write(
          "report.html",
          TrainingReport.html(
              String.valueOf(options.out().getFileName()),
              steps,
              log.rows(),
              new ArrayList<>(),
              "Options",
              "model: " + file.path() + "\ndata: " + options.data() + "\n" + options.settings()));
      new Checkpoint(step, step / stepsOfEpoch, step % stepsOfEpoch, 0, settingsSum, dataSum)
          .write(
              folder.checkpoint(),
              model.parameters().values(),
              optimizer.first(),
              optimizer.second());
    }

    private void write() {
      boolean peft = options.format() == FinetuneOptions.Format.PEFT;
      Path gguf = peft ? Finetuning.this.run.folder().resolve("adapter.gguf") : options.out();
      AdapterExport.writer(
              model.parameters(),
              model.config().architecture(),
              options.alpha(),
              String.valueOf(options.out().getFileName()))
          .write(gguf);
      if (peft) {
        AdapterFiles.toPeft(gguf, file, options.out());
      }
    }
  }

  private static final double[] NOTHING = {Double.NaN, Double.NaN};

  @Override
  public void close() {
    workers.close();
    file.close();
  }
}
