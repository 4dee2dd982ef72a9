package io.moineau.cli;

import io.moineau.Generation;
import io.moineau.ModelCard;
import io.moineau.Moineau;
import io.moineau.Sampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which experts a text uses. */
@Command(
    name = "experts",
    header = "Which experts a text uses: per layer, as a table, JSON and an SVG heat map.",
    description = {
      "",
      "Runs the text through the model and counts what each layer's router chooses. 'effective' is",
      "exp of the entropy of the choices: how many experts would do if all were chosen equally often.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau experts model.gguf \"def sort(list):\"",
      "  moineau experts model.gguf -f letter.txt --svg experts.svg",
      "  moineau experts model.gguf \"Bonjour\" -n 64 --json"
    })
final class ExpertsCommand extends Job {
  @Parameters(
      paramLabel = "MODEL TEXT",
      arity = "0..*",
      description = "GGUF file, unless -m names it, and the text.")
  private List<String> words = List.of();

  @Mixin private ModelArguments model = new ModelArguments();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "A file with the text.")
  private @Nullable Path file;

  @Option(
      names = {"-n", "--predict"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Also count N tokens that the model goes on with, greedily (${DEFAULT-VALUE}).")
  private int generate;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "6",
      description = "Experts shown per layer (${DEFAULT-VALUE}).")
  private int top;

  @Option(names = "--svg", paramLabel = "FILE", description = "Write a heat map.")
  private @Nullable Path svg;

  @Option(names = "--json", description = "Print all counts and weights as JSON.")
  private boolean json;

  ExpertsCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    String text = text(model.takeModel(words));
    try (Moineau moineau = model.open(this)) {
      ModelCard card = moineau.card();
      if (card.numExperts() == 0) {
        throw new CliException(
            "model-has-no-experts",
            "this model has no experts",
            SafeText.ofLine(card.name()) + " (" + card.architecture() + ", dense)",
            "mixture-of-experts models",
            "name another file");
      }
      int[] tokens = moineau.tokenize(text);
      ExpertCounts counts =
          new ExpertCounts(card.numLayers(), card.numExperts(), card.numExpertsPerTok());
      moineau.onExperts(counts);
      try (Generation generation =
          moineau.generate(
              tokens, Sampling.greedy().withMaxTokens(Math.max(1, generate)).withIgnoreEos(true))) {
        generation.answer();
      }
      if (svg != null) {
        Files.writeString(svg, HeatMap.svg(counts, card.name() + ", " + tokens.length + " tokens"));
      }
      report(card, tokens.length, counts);
    }
    return ExitCode.OK;
  }

  private String text(List<String> rest) throws IOException {
    if (file != null) {
      if (!rest.isEmpty()) {
        throw usage("the text was given twice: as an argument and with -f");
      }
      return InputText.file(file);
    }
    if (rest.isEmpty() && streams().inTerminal()) {
      throw usage("no text was given: give one as an argument, with -f, or through a pipe");
    }
    String text =
        rest.isEmpty() ? InputText.all(streams().in(), "standard input") : String.join(" ", rest);
    if (text.isEmpty()) {
      throw usage("the text is empty");
    }
    return text;
  }

  private void report(ModelCard card, int numTokens, ExpertCounts counts) {
    if (json) {
      JsonOutput.print(
          streams().out(),
          out -> {
            out.writeStringField("model", card.name());
            out.writeNumberField("n_tokens", numTokens);
            out.writeNumberField("n_experts", card.numExperts());
            out.writeNumberField("n_experts_per_token", card.numExpertsPerTok());
            out.writeArrayFieldStart("layers");
            for (int layer = 0; layer < counts.numLayers(); layer++) {
              if (!counts.seen(layer)) {
                continue;
              }
              out.writeStartObject();
              out.writeNumberField("layer", layer);
              out.writeNumberField("effective_experts", counts.effective(layer));
              out.writeFieldName("counts");
              long[] of = counts.counts(layer);
              out.writeArray(of, 0, of.length);
              out.writeFieldName("weights");
              double[] weights = counts.weights(layer);
              out.writeArray(weights, 0, weights.length);
              out.writeEndObject();
            }
            out.writeEndArray();
          });
      return;
    }
    print(
        SafeText.ofLine(card.name())
            + ": "
            + numTokens
            + " tokens, "
            + card.numExpertsPerTok()
            + " of "
            + card.numExperts()
            + " experts per token");
    print("");
    counts.table(top).lines("").forEach(this::print);
    if (svg != null) {
      print("");
      print("heat map: " + svg);
    }
  }
}
