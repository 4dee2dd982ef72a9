package io.moineau.cli;

import io.moineau.plan.capacity.Calibration;
import io.moineau.plan.capacity.Device;
import io.moineau.plan.capacity.Limits;
import io.moineau.plan.capacity.ModelSource;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.capacity.Software;
import io.moineau.plan.capacity.WeightType;
import io.moineau.plan.capacity.Workload;
import io.moineau.plan.chips.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Will a model run on some chips, and how fast. */
@Command(
    name = "plan",
    header = "Whether a model fits on chips, how fast it runs there, and what bounds it.",
    description = {
      "",
      "Estimates throughput, latency, memory, energy and cost, and searches the best layout and",
      "batch within the limits. Every estimate is a range, with published measurements beside it.",
      "Nothing is run. Of a CPU, a chip is a socket with its memory.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau plan --model deepseek-r1 --chip h20 --count 16 --input 4096 --output 1024"
          + " --ttft 2s --tpot 50ms",
      "  moineau plan --model qwen3-30b-a3b --chip \"EPYC 9965\" --count 2 --weights q4_k_m",
      "  moineau plan --model model.gguf --chip \"Xeon 6980P\" --html report.html",
      "  moineau plan --model folder/config.json --chip h200 --count 8 --price-chip-hour 2.5 --json",
      "  moineau plan --sweep sweep.yaml --csv rows.csv",
      "  moineau plan --fleet fleet.yaml --demand demand.yaml --html report.html"
    })
final class PlanCommand extends Job {
  private static final double MOST_USD = 1e6;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "A preset such as deepseek-r1, a .gguf, a config.json, or its folder.")
  private @Nullable String model;

  @Option(names = "--chip", paramLabel = "NAME", description = "A chip of the catalogue.")
  private @Nullable String chip;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many chips (${DEFAULT-VALUE}).")
  private int count = 1;

  @Option(
      names = "--input",
      paramLabel = "TOKENS",
      defaultValue = "1024",
      description = "Tokens of a prompt (${DEFAULT-VALUE}).")
  private int input = 1024;

  @Option(
      names = "--output",
      paramLabel = "TOKENS",
      defaultValue = "1024",
      description = "Tokens of an answer (${DEFAULT-VALUE}).")
  private int output = 1024;

  @Option(names = "--ttft", paramLabel = "TIME", description = "Most until the first token: 2s.")
  private @Nullable String ttft;

  @Option(names = "--tpot", paramLabel = "TIME", description = "Most for each next token: 50ms.")
  private @Nullable String tpot;

  @Option(
      names = "--nearly-all",
      description = "99 of 100 requests that arrive at random keep these limits, not the mean.")
  private boolean nearlyAll;

  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      description = "Their type: bf16, fp8, int4, q4_k_m, ... (the file's, or what fits best).")
  private @Nullable String weights;

  @Option(
      names = "--kv",
      paramLabel = "TYPE",
      description = "Type of keys and values (8 bits with weights of 8 bits or less, or bf16).")
  private @Nullable String kv;

  @Option(
      names = "--cached",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "Share of the prompt that a prefix cache has: 0 to below 1.")
  private double cached;

  @Option(
      names = "--mtp",
      paramLabel = "TOKENS",
      defaultValue = "1",
      description = "Tokens that a step yields with drafts, on average: 1.7 (no drafts: 1).")
  private double accepted = 1;

  @Option(names = "--price-chip-hour", paramLabel = "USD", description = "Price of a chip an hour.")
  private @Nullable Double priceChipHour;

  @Option(names = "--price-kwh", paramLabel = "USD", description = "Price of energy beside that.")
  private @Nullable Double priceKwh;

  @Option(
      names = "--software",
      paramLabel = "SORT",
      defaultValue = "general",
      description = {
        "general (SGLang, vLLM), tuned (made for this model on this chip), or eager",
        "(a port that starts each operator on its own); or a program's name, such as",
        "vllm-ascend (${DEFAULT-VALUE})."
      })
  private String software = "general";

  @Option(
      names = "--as-of",
      paramLabel = "DATE",
      description = {
        "Software of that month, 2025-09: it was slower on chips that were new",
        "(software that knows the chip well)."
      })
  private String asOf = "";

  @Option(
      names = "--layout",
      paramLabel = "TEXT",
      description = "Only this layout: \"TP8 x DP2, EP16\".")
  private @Nullable String layout;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Only so many requests in flight, in all.")
  private @Nullable Double batch;

  @Mixin private CatalogueArgument catalogue = new CatalogueArgument();

  @Mixin private SweepArguments sweep = new SweepArguments();

  @Mixin private PlacementArguments placement = new PlacementArguments();

  @Option(names = "--all", description = "Show every choice, and throughput against latency.")
  private boolean all;

  @Option(names = "--html", paramLabel = "FILE", description = "Write a report with charts.")
  private @Nullable Path html;

  @Option(names = "--json", description = "Print everything as JSON.")
  private boolean json;

  PlanCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    if (placement.isAsked()) {
      return placement.run(this, catalogue, planner(Software.of(software)), html, json);
    }
    placement.check(this);
    if (sweep.isAsked()) {
      return sweep.run(this, catalogue.chips(), all, json);
    }
    sweep.check(this);
    if (model == null || chip == null) {
      throw usage("name a model and a chip: --model deepseek-r1 --chip h20 --count 16");
    }
    ModelSource source = ModelSource.of(model);
    Question question = question(source, chip);
    Software served = served(chip);
    PlanAnswer answer =
        PlanAnswer.of(
            question, source, planner(served), layout, batch, chosen(question, source, served));
    if (html != null) {
      answer.writeHtml(html);
    }
    if (json) {
      print(answer.json());
      return ExitCode.OK;
    }
    answer.text(all).forEach(this::print);
    if (html != null) {
      print(SafeText.ofLine("report: " + html));
    }
    return ExitCode.OK;
  }

  /** Of the program that serves on a chip; of a fleet, of one on no chip in particular. */
  private Planner planner(Software served) {
    return served.equals(Software.USUAL)
        ? Planner.standard()
        : new Planner(Calibration.standard(), served);
  }

  private Software served(String name) throws IOException {
    Catalogue chips = catalogue.chips();
    return Software.of(software, asOf, chips.get(name), chips);
  }

  /** What nobody gave, and the program that serves. */
  private List<String> chosen(Question question, ModelSource source, Software served) {
    List<String> chosen = new ArrayList<>();
    chosen.add(
        switch (served.kind()) {
          case GENERAL -> "a program for many models serves (SGLang, vLLM); see --software";
          case TUNED -> "a program made for this model on this chip serves";
          case EAGER -> "a port serves that starts each operator on its own";
        });
    if (served.youth() > 0) {
      chosen.add("as of " + asOf + " its software for experts was not yet what it became");
    }
    if (weights == null && source.weightType().isEmpty()) {
      boolean fits = question.weightBytes() < question.count() * question.device().memoryBytes();
      chosen.add(
          "weights are taken in "
              + question.weights().name()
              + (fits ? ", the widest usual type that fits" : "")
              + "; --weights names another");
    }
    if (kv == null) {
      chosen.add("keys and values are taken in " + question.kv().name() + "; --kv names another");
    }
    return chosen;
  }

  private Question question(ModelSource source, String name) {
    Question.Builder builder =
        Question.of(source.shape(), Device.of(catalogue.chips().get(name)), count)
            .workload(new Workload(input, output, cached))
            .limits(new Limits(seconds("--ttft", ttft), seconds("--tpot", tpot), nearlyAll))
            .acceptedDrafts(accepted)
            .usdPerChipHour(price("--price-chip-hour", priceChipHour))
            .usdPerKwh(price("--price-kwh", priceKwh));
    if (weights != null) {
      builder.weights(WeightType.of(weights));
    } else {
      source.weightType().ifPresent(builder::weights);
    }
    if (kv != null) {
      builder.kv(WeightType.of(kv));
    }
    return builder.build();
  }

  private static OptionalDouble seconds(String option, @Nullable String text) {
    return text == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(Durations.seconds(option, text));
  }

  private static OptionalDouble price(String option, @Nullable Double usd) {
    if (usd != null && !(usd >= 0 && usd <= MOST_USD)) {
      throw new CliException(
          "bad-price", "this is no price", option + " " + usd, "0 to " + (long) MOST_USD, "");
    }
    return usd == null ? OptionalDouble.empty() : OptionalDouble.of(usd);
  }
}
