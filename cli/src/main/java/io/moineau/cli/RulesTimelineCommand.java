package io.moineau.cli;

import io.moineau.plan.rules.Aspect;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Timeline;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the rules say of one case over time. */
@Command(
    name = "timeline",
    header = "The same over time: a table, JSON or an SVG picture.",
    description = {"", "From the first day of the data to the last verified one.", ""},
    footer = {
      "",
      "Examples:",
      "  moineau rules timeline --chip H20 --to CN --end-user-hq CN --svg h20.svg"
    })
final class RulesTimelineCommand extends Job {
  @Option(
      names = "--to",
      paramLabel = "CC",
      defaultValue = "CN",
      description = "Country that it goes to (${DEFAULT-VALUE}).")
  private String to = "CN";

  @Mixin private CaseArguments arguments = new CaseArguments();

  @Mixin private CatalogueArgument catalogue = new CatalogueArgument();

  @Option(names = "--svg", paramLabel = "FILE", description = "Write a picture.")
  private @Nullable Path svg;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  RulesTimelineCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    Facts facts = arguments.facts(catalogue.chips(), to);
    if (!arguments.hasChip() && !facts.json().containsKey("tpp")) {
      throw usage("say which chip: --chip NAME, or its numbers with --set tpp=...");
    }
    Timeline timeline = catalogue.rules().timeline(facts);
    if (svg != null) {
      Files.writeString(svg, timeline.svg(CaseArguments.title(facts)));
    }
    if (json) {
      print(Json.writeIndented(timeline.json()));
      return ExitCode.OK;
    }
    print(SafeText.ofLine(CaseArguments.title(facts)));
    print("");
    TextTable table =
        new TextTable(
            "from",
            Aspect.NUMBERS.words(),
            Aspect.LETTERS.words(),
            Aspect.PARTY.words(),
            "what changed");
    for (Timeline.Span span : timeline.spans()) {
      int rows = Math.max(1, span.events().size());
      for (int i = 0; i < rows; i++) {
        String event = i < span.events().size() ? span.events().get(i) : "";
        table.row(
            i == 0 ? span.from() : "",
            i == 0 ? answer(span, Aspect.NUMBERS) : "",
            i == 0 ? answer(span, Aspect.LETTERS) : "",
            i == 0 ? answer(span, Aspect.PARTY) : "",
            event);
      }
    }
    table.row(timeline.ends().plusDays(1), "unknown", "unknown", "unknown", "not verified");
    table.lines("").forEach(this::print);
    print("");
    if (svg != null) {
      print("picture: " + svg);
    }
    print(Assessment.DISCLAIMER);
    return ExitCode.OK;
  }

  private static String answer(Timeline.Span span, Aspect aspect) {
    return Objects.requireNonNull(span.answers().get(aspect)).words();
  }
}
