package io.moineau.cli;

import io.moineau.Evaluator;
import io.moineau.Moineau;
import java.io.IOException;
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
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau perplexity model.gguf -f wiki.test.raw",
      "  moineau perplexity model.gguf -f wiki.test.raw -c 2048 --chunks 20 --json"
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

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  PerplexityCommand(Streams streams) {
    super(streams);
  }

  /** Sums over the tokens scored. */
  private static final class Score {
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
      report(moineau, score(moineau, tokens, length, chunks), chunks, length);
    }
    return ExitCode.OK;
  }

  private Score score(Moineau moineau, int[] tokens, int length, int chunks) {
    int[] first = moineau.tokenize("", true, false);
    Evaluator evaluator = moineau.evaluator();
    Score score = new Score();
    try (ProgressBar bar = new ProgressBar(streams(), "perplexity", (long) chunks * length)) {
      bar.update(0, "");
      for (int c = 0; c < chunks; c++) {
        int[] chunk = Arrays.copyOfRange(tokens, c * length, (c + 1) * length);
        if (first.length > 0) {
          chunk[0] = first[0];
        }
        long before = (long) c * length;
        evaluator.evaluate(
            chunk,
            model.chunkTokens(moineau),
            (position, logits) -> {
              if (position >= length / 2 && position < length - 1) {
                score.add(negativeLogProbability(logits, chunk[position + 1]));
              }
              bar.update(
                  before + position + 1,
                  score.count == 0 ? "" : "now " + Figures.decimal(score.perplexity(), 4));
              return true;
            });
      }
    }
    return score;
  }

  /** Of {@code token} under the softmax of {@code logits}, in double precision. */
  static double negativeLogProbability(float[] logits, int token) {
    float max = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    return Math.log(sum) + max - logits[token];
  }

  private void report(Moineau moineau, Score score, int chunks, int length) {
    if (json) {
      JsonOutput.print(
          streams().out(),
          out -> {
            out.writeStringField("model", moineau.card().name());
            JsonOutput.number(out, "perplexity", score.perplexity());
            JsonOutput.number(out, "error", score.error());
            JsonOutput.number(
                out, "mean_negative_log_probability", score.negativeLog / score.count);
            out.writeNumberField("n_scored", score.count);
            out.writeNumberField("n_chunks", chunks);
            out.writeNumberField("n_ctx", length);
          });
      return;
    }
    print(
        "perplexity "
            + Figures.decimal(score.perplexity(), 4)
            + " ± "
            + Figures.decimal(score.error(), 4));
    print(
        "over "
            + Figures.grouped(score.count)
            + " tokens: the second halves of "
            + chunks
            + (chunks == 1 ? " chunk of " : " chunks of ")
            + length);
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
