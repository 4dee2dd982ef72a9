package io.moineau.cli;

import io.moineau.plan.rules.Answer;
import io.moineau.plan.rules.Aspect;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Rules;
import io.moineau.text.Json;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What changed between two days. */
@Command(
    name = "diff",
    header = "What changed between two days: rules, and the answers on a chip.",
    description = {""},
    footer = {
      "",
      "Examples:",
      "  moineau rules diff --from 2025-01-01 --to 2026-02-01",
      "  moineau rules diff --from 2023-11-16 --to 2023-11-17 --chip A800 --destination CN"
    })
final class RulesDiffCommand extends Job {
  @Option(names = "--from", paramLabel = "DAY", description = "The first day.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "DAY", description = "The second day.")
  private @Nullable String to;

  @Option(names = "--chip", paramLabel = "NAME", description = "Also compare the answers on it.")
  private @Nullable String chip;

  @Option(
      names = "--destination",
      paramLabel = "CC",
      defaultValue = "CN",
      description = "Country that the chip goes to, and seat of its user (${DEFAULT-VALUE}).")
  private String destination = "CN";

  @Mixin private CatalogueArgument catalogue = new CatalogueArgument();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  RulesDiffCommand(Streams streams) {
    super(streams);
  }

  /** The last day for which what the thresholds say is verified. */
  static LocalDate lastVerified(Rules rules) {
    return rules.check(Facts.none(), rules.begins()).lastVerified();
  }

  @Override
  int execute() {
    if (from == null || to == null) {
      throw usage("give both days: --from DAY --to DAY");
    }
    LocalDate first = Rules.date(from);
    LocalDate second = Rules.date(to);
    if (!first.isBefore(second)) {
      throw usage("--from must be before --to");
    }
    Rules rules = catalogue.rules();
    List<Rules.Change> changes = rules.diff(first, second);
    List<String[]> answers = new ArrayList<>();
    if (chip != null) {
      Facts facts =
          Facts.of(catalogue.chips().get(chip))
              .with("to", destination)
              .with("end_user_hq", destination);
      Assessment before = rules.check(facts, first);
      Assessment after = rules.check(facts, second);
      for (Aspect aspect : List.of(Aspect.NUMBERS, Aspect.LETTERS, Aspect.PARTY)) {
        answers.add(
            new String[] {
              aspect.words(), words(before.answer(aspect)), words(after.answer(aspect))
            });
      }
    }
    if (json) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("from", first.toString());
      tree.put("to", second.toString());
      tree.put("rules", changes.stream().map(Rules.Change::json).toList());
      tree.put("answers", answers.stream().map(List::of).toList());
      tree.put("note", Assessment.DISCLAIMER);
      print(Json.writeIndented(tree));
      return ExitCode.OK;
    }
    TextTable table = new TextTable("rule", "on " + first, "on " + second, "title");
    for (Rules.Change change : changes) {
      table.row(
          change.rule().id(),
          change.before().words(),
          change.after().words(),
          change.rule().title());
    }
    table.lines("").forEach(this::print);
    if (!answers.isEmpty()) {
      print("");
      TextTable verdicts =
          new TextTable(
              SafeText.ofLine(chip + " to " + destination), "on " + first, "on " + second);
      answers.forEach(row -> verdicts.row((Object[]) row));
      verdicts.lines("").forEach(this::print);
    }
    print("");
    print(Assessment.DISCLAIMER);
    return ExitCode.OK;
  }

  private static String words(Answer answer) {
    return answer.verdict().words();
  }
}
