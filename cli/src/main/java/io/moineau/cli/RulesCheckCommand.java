package io.moineau.cli;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.rules.Answer;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Rule;
import io.moineau.plan.rules.Rules;
import io.moineau.plan.rules.Status;
import io.moineau.plan.rules.Weighed;
import io.moineau.text.Json;
import java.time.Clock;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the rules say of one case on one day. */
@Command(
    name = "check",
    header = "May this chip go there, to them, on that day? Every rule that was weighed, with why.",
    description = {
      "",
      "Three answers on the delivery (by its numbers; letters to firms; party and destination) are",
      "shown apart, and so are renting, use of what is held, and what the buyer's country asks.",
      "After the last verified day the answer is unknown. This is no legal advice.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau rules check --chip H20 --to CN --end-user-hq CN --date 2025-08-01",
      "  moineau rules check --chip H100 --to MY --end-user-hq CN --date 2026-02-01",
      "  moineau rules check --set tpp=4700 --set pd=5 --set datacentre=true --to SA --json"
    })
final class RulesCheckCommand extends Job {
  @Option(names = "--to", paramLabel = "CC", description = "Country that it goes to.")
  private @Nullable String to;

  @Mixin private CaseArguments arguments = new CaseArguments();

  @Option(names = "--date", paramLabel = "DAY", description = "The day of delivery (today).")
  private @Nullable String date;

  @Mixin private CatalogueArgument catalogue = new CatalogueArgument();

  @Option(names = "--all", description = "Also show rules that had ended or had not begun.")
  private boolean all;

  @Option(names = "--brief", description = "Of the rules, only those that counted.")
  private boolean brief;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  RulesCheckCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    LocalDate day = date == null ? LocalDate.now(Clock.systemUTC()) : Rules.date(date);
    Catalogue chips = catalogue.chips();
    Facts facts = arguments.facts(chips, to);
    if (facts.text("to").isEmpty()) {
      throw usage("say where it goes: --to CC");
    }
    if (!arguments.hasChip() && !facts.json().containsKey("tpp")) {
      throw usage("say which chip: --chip NAME, or its numbers with --set tpp=...");
    }
    Assessment assessment = catalogue.rules().check(facts, day);
    if (json) {
      print(Json.writeIndented(assessment.json()));
    } else {
      print(assessment);
    }
    return ExitCode.OK;
  }

  private void print(Assessment assessment) {
    print(SafeText.ofLine(CaseArguments.title(assessment.facts()) + ", on " + assessment.date()));
    print("");
    TextTable table = new TextTable("question", "answer");
    for (Answer answer : assessment.answers()) {
      table.row(answer.aspect().words(), answer.verdict().words());
    }
    table.row("", "");
    table.row("strictest of the first three", assessment.strictest().words());
    table.lines("  ").forEach(this::print);
    if (!assessment.paragraphs().isEmpty()) {
      print("");
      print("  listed in: " + String.join(", ", assessment.paragraphs()));
    }
    if (!assessment.asOfLastVerified().isEmpty()) {
      print("");
      print("  as it was on " + assessment.lastVerified() + ", the last verified day:");
      TextTable then = new TextTable("", "");
      assessment
          .asOfLastVerified()
          .forEach(answer -> then.row(answer.aspect().words(), answer.verdict().words()));
      then.lines("    ").forEach(this::print);
    }
    for (Answer answer : assessment.answers()) {
      print(answer);
    }
    if (!assessment.watch().isEmpty()) {
      print("");
      print("days to watch");
      for (Rule.Watch watch : assessment.watch()) {
        print(SafeText.ofLine("  " + watch.date() + "  " + watch.text()));
      }
    }
    print("");
    assessment.remarks().forEach(remark -> print(SafeText.ofLine(remark)));
    assessment
        .facts()
        .text("chip")
        .flatMap(name -> catalogue.chips().find(name))
        .filter(chip -> chip.launchedAfter(assessment.date()))
        .ifPresent(chip -> print("its launch is later: " + SafeText.ofLine(chip.launch())));
    print(Assessment.DISCLAIMER);
  }

  private void print(Answer answer) {
    print("");
    print(answer.aspect().words() + ": " + answer.verdict().words());
    answer.reasons().forEach(reason -> print(SafeText.ofLine("  - " + reason)));
    if (!answer.conditions().isEmpty()) {
      print("  on these conditions:");
      answer.conditions().forEach(condition -> print(SafeText.ofLine("    - " + condition)));
    }
    for (Weighed one : answer.rules()) {
      boolean isOver = one.status() == Status.ENDED || one.status() == Status.NOT_YET;
      if (one.counts() || all || (!brief && !isOver)) {
        print(one);
      }
    }
  }

  private void print(Weighed one) {
    Rule rule = one.rule();
    String sign = one.counts() ? "*" : " ";
    print(
        SafeText.ofLine(
            "  "
                + sign
                + " "
                + rule.id()
                + " ("
                + rule.title()
                + "): "
                + one.status().words()
                + (one.note().isEmpty() ? "" : "; " + one.note())));
    if (!one.condition().isEmpty()) {
      print(SafeText.ofLine("      " + one.condition() + " -> " + one.met().text()));
    }
    String citation = rule.citation().isEmpty() ? "" : rule.citation() + "; ";
    print(
        SafeText.ofLine(
            "      " + citation + "evidence " + rule.evidence() + ", verified " + rule.verified()));
  }
}
