package io.moineau.cli;

import io.moineau.Moineau;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Perplexity as {@code llama-perplexity} defines it: the text is cut into chunks of the context's
 * length, each is run on its own, and the second half of it is scored.
 */
@Command(
    name = "perplexity",
    header = "How well a model predicts a text: perplexity, lower is better.",
    description = {
      "",
      "As llama-perplexity defines it: the text's tokens are cut into chunks of the context's length;",
      "each chunk is evaluated on its own (its first token replaced by BOS where the model has one);",
      "the tokens of its second half are scored; the result is exp of the mean negative log-probability.",
      "Figures can be compared only with the same context, text and tokenizer.",
      "",
      "--against-exact runs every chunk once more with 32-bit activations and says how far the",
      "distributions are apart (Kullback-Leibler divergence): what the default precision costs.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau perplexity model.gguf -f wiki.test.raw",
      "  moineau perplexity model.gguf -f wiki.test.raw -c 2048 --chunks 20 --json",
      "  moineau perplexity model.gguf -f wiki.test.raw --against-exact"
    })
final class PerplexityCommand extends Job {
  private static final int DEFAULT_CONTEXT = 512;

  @Parameters(
      paramLabel = "MODEL [FILE]",
      arity = "0..2",
      description = "GGUF file, unless -m names it, and the text, unless -f names it.")
  private List<String> words = List.of();

  @Mixin private ModelArguments model = new ModelArguments();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "The text; standard input if no file is named.")
  private @Nullable Path file;

  @Option(
      names = "--chunks",
      paramLabel = "N",
      defaultValue = "0",
      description = "Stop after N chunks; 0: the whole text.")
  private int mostChunks;

  @Option(names = "--against-exact", description = "Compare with --precision exact; see above.")
  private boolean againstExact;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  PerplexityCommand(Streams streams) {
    super(streams);
  }

  /** Sums over the tokens scored. */
  private static final class Sums {
    double negativeLog;
    double squares;
    long count;

    void add(double value) {
      negativeLog += value;
      squares += value * value;
      count++;
    }

    double perplexity() {
      return Math.exp(negativeLog / count);
    }

    /** Standard error of the perplexity, as llama-perplexity has it. */
    double error() {
      double mean = negativeLog / count;
      double variance = squares / count - mean * mean;
      return count < 2 || variance <= 0 ? 0 : Math.sqrt(variance / (count - 1)) * perplexity();
    }
  }

  private static final class Score {
    final Sums own = new Sums();
    final Sums exact = new Sums();
    final Divergence divergence = new Divergence();

    String remark() {
      return own.count == 0 ? "" : "now " + Figures.decimal(own.perplexity(), 4);
    }
  }

  @Override
  int execute() throws IOException {
    String text = text();
    int length = model.contextOr(DEFAULT_CONTEXT);
    if (length < 4) {
      throw usage("--context is " + length + ", but must be 4 or more here");
    }
    try (Moineau moineau = model.open(this)) {
      int[] tokens = moineau.tokenize(text, true, false);
      int chunks = tokens.length / length;
      if (chunks < 1 || tokens.length < 2 * length) {
        throw new CliException(
            "text-too-short",
            "the text is too short for a perplexity",
            tokens.length + " tokens with a context of " + length,
            "at least " + 2 * length + " tokens",
            "use a longer text or a smaller --context");
      }
      chunks = mostChunks > 0 ? Math.min(chunks, mostChunks) : chunks;
      if (againstExact) {
        try (Moineau exact = model.openExact(this)) {
          report(moineau, score(moineau, exact, tokens, length, chunks), chunks, length);
        }
      } else {
        report(moineau, score(moineau, null, tokens, length, chunks), chunks, length);
      }
    }
    return ExitCode.OK;
  }

  private Score score(
      Moineau moineau, @Nullable Moineau exact, int[] tokens, int length, int chunks) {
    int[] first = moineau.tokenize("", true, false);
    Score score = new Score();
    int passes = exact == null ? 1 : 2;
    try (ProgressBar bar =
            new ProgressBar(streams(), "perplexity", (long) chunks * length * passes);
        Arena arena = Arena.ofShared()) {
      bar.update(0, "");
      int numTokens = moineau.card().vocabularySize();
      // off the heap: half a context of distributions may be many megabytes
      MemorySegment exactLogits =
          exact == null ? MemorySegment.NULL : arena.allocate(4L * numTokens * length, Float.BYTES);
      float[] row = new float[exact == null ? 0 : numTokens];
      for (int c = 0; c < chunks; c++) {
        int[] chunk = Arrays.copyOfRange(tokens, c * length, (c + 1) * length);
        if (first.length > 0) {
          chunk[0] = first[0];
        }
        long before = (long) c * length * passes;
        if (exact != null) {
          exact
              .evaluator()
              .evaluate(
                  chunk,
                  model.chunkTokens(exact),
                  (position, logits) -> {
                    if (isScored(position, length)) {
                      long to = 4L * numTokens * position;
                      MemorySegment.copy(
                          logits, 0, exactLogits, ValueLayout.JAVA_FLOAT, to, numTokens);
                      score.exact.add(negativeLogProbability(logits, chunk[position + 1]));
                    }
                    bar.update(before + position + 1, score.remark());
                    return true;
                  });
        }
        moineau
            .evaluator()
            .evaluate(
                chunk,
                model.chunkTokens(moineau),
                (position, logits) -> {
                  if (isScored(position, length)) {
                    score.own.add(negativeLogProbability(logits, chunk[position + 1]));
                    if (exact != null) {
                      long from = 4L * numTokens * position;
                      MemorySegment.copy(
                          exactLogits, ValueLayout.JAVA_FLOAT, from, row, 0, numTokens);
                      score.divergence.add(row, logits, chunk[position + 1]);
                    }
                  }
                  bar.update(before + (long) (passes - 1) * length + position + 1, score.remark());
                  return true;
                });
      }
    }
    return score;
  }

  private static boolean isScored(int position, int length) {
    return position >= length / 2 && position < length - 1;
  }

  /** Of {@code token} under the softmax of {@code logits}, in double precision. */
  static double negativeLogProbability(float[] logits, int token) {
    return Divergence.logOfSum(logits) - logits[token];
  }

  private void report(Moineau moineau, Score score, int chunks, int length) {
    Sums own = score.own;
    if (json) {
      JsonOutput.print(
          streams().out(),
          out -> {
            out.writeStringField("model", moineau.card().name());
            JsonOutput.number(out, "perplexity", own.perplexity());
            JsonOutput.number(out, "error", own.error());
            JsonOutput.number(out, "mean_negative_log_probability", own.negativeLog / own.count);
            out.writeNumberField("n_scored", own.count);
            out.writeNumberField("n_chunks", chunks);
            out.writeNumberField("n_ctx", length);
            if (againstExact) {
              JsonOutput.number(out, "exact_perplexity", score.exact.perplexity());
              JsonOutput.number(out, "kl_divergence", score.divergence.mean());
              JsonOutput.number(out, "kl_divergence_error", score.divergence.error());
              JsonOutput.number(out, "kl_divergence_median", score.divergence.quantile(0.5));
              JsonOutput.number(out, "kl_divergence_99", score.divergence.quantile(0.99));
              JsonOutput.number(out, "kl_divergence_max", score.divergence.quantile(1));
              JsonOutput.number(out, "same_top", score.divergence.sameTop());
              JsonOutput.number(out, "probability_rms_error", score.divergence.probabilityError());
            }
          });
      return;
    }
    print(perplexity("perplexity ", own));
    print(
        "over "
            + Figures.grouped(own.count)
            + " tokens: the second halves of "
            + chunks
            + (chunks == 1 ? " chunk of " : " chunks of ")
            + length);
    if (againstExact) {
      Divergence divergence = score.divergence;
      print(perplexity("with --precision exact ", score.exact));
      print(
          "KL divergence from exact %.6f ± %.6f nats; median %.6f, 99 %% below %.6f, most %.6f"
              .formatted(
                  divergence.mean(),
                  divergence.error(),
                  divergence.quantile(0.5),
                  divergence.quantile(0.99),
                  divergence.quantile(1)));
      print(
          "the same token on top in %.2f %%; probability of the text's token ± %.3f %%"
              .formatted(100 * divergence.sameTop(), 100 * divergence.probabilityError()));
    }
  }

  private static String perplexity(String title, Sums sums) {
    return title + Figures.decimal(sums.perplexity(), 4) + " ± " + Figures.decimal(sums.error(), 4);
  }

  private String text() throws IOException {
    List<String> rest = model.takeModel(words);
    if (file == null && rest.size() == 1) {
      file = Path.of(rest.removeFirst());
    }
    if (!rest.isEmpty()) {
      throw usage("unexpected argument: " + rest.getFirst());
    }
    if (file != null) {
      return InputText.file(file);
    }
    if (streams().inTerminal()) {
      throw usage("no text was given: name a file with -f, or pipe one in");
    }
    return InputText.all(streams().in(), "standard input");
  }
}
