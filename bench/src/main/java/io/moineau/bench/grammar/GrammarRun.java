package io.moineau.bench.grammar;

import io.moineau.Answer;
import io.moineau.Generation;
import io.moineau.GenerationRequest;
import io.moineau.Message;
import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.ResponseFormat;
import io.moineau.Sampling;
import io.moineau.text.Json;
import io.moineau.text.TokenConstraint;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tokenizers;
import io.moineau.text.grammar.Grammar;
import io.moineau.text.grammar.GrammarVocabulary;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * What structured output costs. Without arguments: time a token of the embedded model with and
 * without a schema, in turns. With tokenizer files: time to make masks over their vocabularies.
 *
 * <p>Times are CPU time of the threads that do the work, as machines are busy; rounds alternate:
 * compare ratios within one run.
 */
public final class GrammarRun {
  private static final int ROUNDS = 40;
  private static final int TOKENS = 100;

  private static final Set<String> ENGINE = Set.of("moineau-engine", "moineau-masks");
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final String SCHEMA =
      """
      {"type": "object", "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "tags": {"type": "array", "items": {"enum": ["small", "brown", "shy"]}, "maxItems": 5},
        "email": {"type": "string", "format": "email"},
        "note": {"type": "string", "maxLength": 2000},
        "children": {"type": "array", "items": {"$ref": "#"}}},
       "required": ["name", "age", "children"], "additionalProperties": false}\
      """;

  private static final String DOCUMENT =
      """
      {"name": "Anna Lind", "age": 41, "tags": ["small", "shy"], "email": "anna.lind@example.org", \
      "note": "She feeds the sparrows in the yard each morning, before the caf\u00e9 opens.", \
      "children": [{"name": "Bo \\"the wren\\"", "age": 7, "children": []}]}\
      """;

  private GrammarRun() {}

  /** The main. */
  public static void main(String[] args) {
    if (args.length == 0) {
      speed();
      return;
    }
    for (String file : args) {
      masks(Path.of(file));
    }
  }

  private static void masks(Path file) {
    Tokenizer tokenizer = Tokenizers.fromTokenizerJson(file);
    long start = cpu();
    GrammarVocabulary vocabulary = GrammarVocabulary.of(tokenizer);
    print("%s: %s", file, tokenizer.describe());
    print("  vocabulary          %8.1f ms", (cpu() - start) / 1e6);
    Object schema = Json.parse(SCHEMA);
    for (int round = 0; round < 4; round++) {
      start = cpu();
      Grammar grammar = Grammar.ofJsonSchema(schema == null ? Boolean.TRUE : schema);
      print("  schema compiled     %8.2f ms", (cpu() - start) / 1e6);
      walk(grammar, vocabulary, tokenizer, "cold");
      for (int i = 0; i < 20; i++) {
        walk(grammar, vocabulary, tokenizer, "");
      }
      walk(grammar, vocabulary, tokenizer, "warm");
    }
  }

  private static void walk(
      Grammar grammar, GrammarVocabulary vocabulary, Tokenizer tokenizer, String name) {
    int[] tokens = tokenizer.encode(DOCUMENT, false, false);
    long[] mask = new long[Math.ceilDiv(tokenizer.vocabularySize(), Long.SIZE)];
    double[] micros = new double[tokens.length];
    TokenConstraint constraint = grammar.constraint(vocabulary);
    for (int i = 0; i < tokens.length; i++) {
      long start = cpu();
      constraint.allowed(mask);
      constraint.accept(tokens[i]);
      micros[i] = (cpu() - start) / 1e3;
    }
    if (!constraint.canEnd()) {
      throw new IllegalStateException("the document does not keep to the schema");
    }
    if (!name.isEmpty()) {
      double[] sorted = micros.clone();
      Arrays.sort(sorted);
      print(
          "  %s step: median %7.1f us, mean %8.1f us, largest %8.1f us (%d tokens)",
          name,
          sorted[sorted.length / 2],
          Arrays.stream(sorted).average().orElse(0),
          sorted[sorted.length - 1],
          tokens.length);
    }
  }

  private static long cpu() {
    return THREADS.getCurrentThreadCpuTime();
  }

  private static void speed() {
    ResponseFormat format =
        new ResponseFormat.JsonSchema(
            "text",
            Objects.requireNonNull(
                Json.parse(
                    """
                    {"type": "object", "properties": {"text": {"type": "string", "minLength": 2000}},
                     "required": ["text"], "additionalProperties": false}\
                    """)));
    try (Moineau moineau = Moineau.openDefault(ModelOptions.defaults().withThreads(1))) {
      List<Double> free = new ArrayList<>();
      List<Double> bound = new ArrayList<>();
      for (int round = -5; round < ROUNDS; round++) {
        double without = microsPerToken(moineau, ResponseFormat.TEXT);
        double with = microsPerToken(moineau, format);
        if (round >= 0) {
          free.add(without);
          bound.add(with);
        }
      }
      print("CPU time a token on one thread, %d rounds in turns, %d tokens each:", ROUNDS, TOKENS);
      print("  free text   median %8.1f us, least %8.1f us", median(free), least(free));
      print("  schema      median %8.1f us, least %8.1f us", median(bound), least(bound));
      print(
          "  ratio       median %8.3f,    least %8.3f",
          median(bound) / median(free), least(bound) / least(free));
      print("masks alone:          %8.1f us a token", maskMicros(moineau, format));
    }
  }

  private static double microsPerToken(Moineau moineau, ResponseFormat format) {
    int[] prompt = moineau.promptTokens(List.of(Message.user("Tell me a story about a sparrow.")));
    Sampling sampling = Sampling.defaults().withSeed(1).withMaxTokens(TOKENS).withIgnoreEos(true);
    GenerationRequest request = GenerationRequest.of(prompt, sampling).withContinues(false);
    long start = engineCpu();
    GenerationRequest asked =
        moineau.constraint(format).map(request::withConstraint).orElse(request);
    try (Generation generation = moineau.generate(asked)) {
      Answer answer = generation.answer();
      if (answer.tokens().size() != TOKENS) {
        throw new IllegalStateException("tokens=" + answer.tokens().size());
      }
      return (engineCpu() - start) / 1e3 / TOKENS;
    }
  }

  /** CPU time of the threads that compute and that make masks; those of the compiler are others. */
  private static long engineCpu() {
    long sum = 0;
    for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
      if (thread != null && ENGINE.contains(thread.getThreadName())) {
        sum += Math.max(0, THREADS.getThreadCpuTime(thread.getThreadId()));
      }
    }
    return sum;
  }

  /** What allowed() and accept() take on average in the middle of a long text. */
  private static double maskMicros(Moineau moineau, ResponseFormat format) {
    int[] tokens =
        moineau.tokenize("{\"text\": \"" + "a small bird sat in a tree. ".repeat(30), false, false);
    double micros = 0;
    for (int round = 0; round < 5; round++) {
      TokenConstraint constraint = moineau.constraint(format).orElseThrow();
      long[] mask = new long[Math.ceilDiv(moineau.card().vocabularySize(), Long.SIZE)];
      long start = cpu();
      for (int token : tokens) {
        constraint.allowed(mask);
        constraint.accept(token);
      }
      micros = (cpu() - start) / 1e3 / tokens.length;
    }
    return micros;
  }

  /** Stands for a machine that does nothing else. */
  private static double least(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
