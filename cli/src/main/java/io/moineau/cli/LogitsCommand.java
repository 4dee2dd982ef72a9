package io.moineau.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.moineau.Evaluator;
import io.moineau.ModelCard;
import io.moineau.Moineau;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Logits of given tokens, to compare engines. */
@Command(
    name = "logits",
    header = "Logits of given tokens and the greedy continuation, to compare engines.",
    description = {
      "",
      "Feeds the tokens as they are (no BOS is added) and prints the best next token after each,",
      "the logits after the last, and the -n tokens that follow when the best is taken each time,",
      "whether or not they end a turn. The gap is the best minus the second-best logit.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau logits model.gguf --tokens 1,403,407,261 -n 16",
      "  moineau logits model.gguf --prompt \"Once upon\" -n 16 --json > a.json",
      "  moineau logits model.gguf --tokens 1,2,3 --provider scalar --kv-type f32 --chunk-size 1 --json"
    })
final class LogitsCommand extends Job {
  @Parameters(paramLabel = "MODEL", arity = "0..1", description = "GGUF file, unless -m names it.")
  private List<String> words = List.of();

  @Mixin private ModelArguments model = new ModelArguments();

  @Option(
      names = "--tokens",
      paramLabel = "IDS",
      description = "Token ids, separated by commas or spaces.")
  private String tokens = "";

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      description = "A text instead of ids; the model's own special tokens are added.")
  private String prompt = "";

  @Option(
      names = {"-n", "--predict"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Tokens of greedy continuation (${DEFAULT-VALUE}).")
  private int numGreedy;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many of the last logits the text form shows (${DEFAULT-VALUE}).")
  private int top;

  @Option(names = "--json", description = "All last logits and everything else as JSON.")
  private boolean json;

  LogitsCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    if (!model.takeModel(words).isEmpty()) {
      throw usage("unexpected argument: " + words.getFirst());
    }
    if (tokens.isBlank() == prompt.isEmpty()) {
      throw usage("give the tokens (--tokens 1,2,3) or a text (--prompt TEXT), one of them");
    }
    if (numGreedy < 0) {
      throw usage("-n is " + numGreedy + ", but must be 0 or more");
    }
    int[] given = tokens.isBlank() ? new int[0] : TokenList.parse(tokens, "--tokens", this);
    try (Moineau moineau = model.open(this)) {
      int[] ids = tokens.isBlank() ? moineau.tokenize(prompt) : given;
      Evaluator.Evaluation result =
          moineau.evaluator().evaluate(ids, model.chunkTokens(moineau), numGreedy);
      if (json) {
        JsonOutput.print(streams().out(), out -> write(out, moineau, ids, result));
      } else {
        print(moineau, ids, result);
      }
    }
    return ExitCode.OK;
  }

  private void write(JsonGenerator out, Moineau moineau, int[] ids, Evaluator.Evaluation result)
      throws IOException {
    ModelCard card = moineau.card();
    out.writeStringField("model", card.name());
    out.writeStringField("architecture", card.architecture());
    out.writeStringField("provider", card.provider());
    out.writeStringField("kv_type", card.memory().kvType().toString());
    out.writeNumberField("chunk_size", model.chunkTokens(moineau));
    out.writeNumberField("vocab_size", card.vocabularySize());
    JsonOutput.array(out, "tokens", ids);
    JsonOutput.array(out, "last_logits", result.lastLogits());
    integers(out, "position_argmax", result.positionArgmax());
    floats(out, "position_gap", result.positionGap());
    integers(out, "greedy", result.greedy());
    floats(out, "greedy_gap", result.greedyGap());
  }

  private static void integers(JsonGenerator out, String name, List<Integer> values)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (int value : values) {
      out.writeNumber(value);
    }
    out.writeEndArray();
  }

  private static void floats(JsonGenerator out, String name, List<Float> values)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (float value : values) {
      out.writeNumber(value);
    }
    out.writeEndArray();
  }

  private void print(Moineau moineau, int[] ids, Evaluator.Evaluation result) {
    TextTable table = new TextTable(">position", ">token", "text", ">best next", "text", ">gap");
    for (int i = 0; i < ids.length; i++) {
      int best = result.positionArgmax().get(i);
      table.row(
          i,
          ids[i],
          moineau.token(ids[i]),
          best,
          moineau.token(best),
          Figures.decimal(result.positionGap().get(i), 4));
    }
    table.lines("").forEach(this::print);
    print("");
    print("last logits, the highest " + top + ":");
    TextTable highest = new TextTable(">token", "text", ">logit");
    for (int id : highest(result.lastLogits(), top)) {
      highest.row(id, moineau.token(id), Figures.decimal(result.lastLogits()[id], 4));
    }
    highest.lines("").forEach(this::print);
    if (!result.greedy().isEmpty()) {
      int[] greedy = result.greedy().stream().mapToInt(Integer::intValue).toArray();
      print("");
      print("greedy: " + TokenList.format(greedy));
      print("text:   " + SafeText.ofLine(moineau.detokenize(greedy, false)));
    }
  }

  private static int[] highest(float[] logits, int count) {
    return java.util.stream.IntStream.range(0, logits.length)
        .boxed()
        .sorted((a, b) -> Float.compare(logits[b], logits[a]))
        .limit(Math.max(0, count))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
