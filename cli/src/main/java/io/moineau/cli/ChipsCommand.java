package io.moineau.cli;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Kind;
import io.moineau.plan.chips.Measure;
import io.moineau.text.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The catalogue of chips: a list, or one with all its figures. */
@Command(
    name = "chips",
    header = "Accelerators and CPUs: peaks, memory, performance by the rules, with sources.",
    description = {
      "",
      "Without NAME, lists chips; with it, shows one with the source, date and quality of each figure.",
      "TPP is total processing performance and PD performance density, computed by the definition of",
      "the export rules from dense peaks. Where sources differ, the range is shown.",
      ""
    },
    footer = {
      "",
      "Quality: A a vendor's page or several sources that agree; B one other source or small",
      "conflicts; C an estimate, a roadmap, or strongly disputed.",
      "",
      "Examples:",
      "  moineau chips --country CN --sort tpp",
      "  moineau chips H20",
      "  moineau chips compare H20 910C MI300X --csv",
      "  moineau chips --catalogue my-chips --json"
    })
final class ChipsCommand extends Job {
  enum Order {
    NAME,
    TPP,
    PD,
    MEMORY,
    BANDWIDTH
  }

  @Parameters(paramLabel = "NAME", arity = "0..1", description = "A name, or how one begins.")
  private @Nullable String name;

  @Option(names = "--vendor", paramLabel = "TEXT", description = "Only vendors with this in them.")
  private @Nullable String vendor;

  @Option(names = "--country", paramLabel = "CC", description = "Only vendors of this country.")
  private @Nullable String country;

  @Option(names = "--kind", description = "Only gpu, consumer_gpu, npu, asic, cpu or system.")
  private @Nullable Kind kind;

  @Option(names = "--min-memory", paramLabel = "GB", description = "Only with as much memory.")
  private @Nullable BigDecimal memory;

  @Option(names = "--sort", description = "By name, or most first by tpp, pd, memory or bandwidth.")
  private @Nullable Order order;

  @Mixin private CatalogueArgument catalogue = new CatalogueArgument();

  @Option(names = "--json", description = "Print everything as JSON.")
  private boolean json;

  private ChipsCommand(Streams streams) {
    super(streams);
  }

  static CommandLine line(Streams streams) {
    return new CommandLine(new ChipsCommand(streams))
        .addSubcommand("compare", new ChipsCompareCommand(streams));
  }

  @Override
  int execute() {
    Catalogue all = catalogue.chips();
    if (name != null) {
      Chip chip = all.get(name);
      if (json) {
        print(Json.writeIndented(chip.json()));
      } else {
        new ChipCard(chip, all.version()).lines().forEach(this::print);
      }
      return ExitCode.OK;
    }
    List<Chip> chosen = new ArrayList<>(all.chips().stream().filter(this::wanted).toList());
    if (order != null) {
      chosen.sort(order());
    }
    if (json) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("version", all.version());
      tree.put("chips", chosen.stream().map(Chip::json).toList());
      print(Json.writeIndented(tree));
      return ExitCode.OK;
    }
    TextTable table =
        new TextTable(
            "chip", "vendor", "launch", ">TPP", ">PD", ">GB", ">GB/s", ">link GB/s", ">W", "");
    for (Chip chip : chosen) {
      table.row(
          chip.name(),
          chip.vendor(),
          chip.launch(),
          brief(chip.totalProcessingPerformance()),
          brief(chip.performanceDensity()),
          ChipCard.brief(chip.figure(Chip.Field.MEMORY_GB)),
          ChipCard.brief(chip.figure(Chip.Field.MEMORY_GBS)),
          ChipCard.brief(chip.figure(Chip.Field.LINK_GBS)),
          ChipCard.brief(chip.figure(Chip.Field.TDP_W)),
          chip.quality());
    }
    table.lines("").forEach(this::print);
    print("");
    print(chosen.size() + " chips of the catalogue of " + SafeText.ofLine(all.version()));
    return ExitCode.OK;
  }

  private boolean wanted(Chip chip) {
    return (vendor == null
            || chip.vendor().toLowerCase(Locale.ROOT).contains(vendor.toLowerCase(Locale.ROOT)))
        && (country == null || chip.country().equalsIgnoreCase(country))
        && (kind == null || chip.kind() == kind)
        && (memory == null
            || chip.figure(Chip.Field.MEMORY_GB)
                .filter(figure -> figure.low().compareTo(memory) >= 0)
                .isPresent());
  }

  private Comparator<Chip> order() {
    return order == Order.NAME
        ? Comparator.comparing(Chip::name)
        : Comparator.comparing(this::sortValue).reversed();
  }

  private BigDecimal sortValue(Chip chip) {
    Optional<BigDecimal> value =
        switch (order == null ? Order.NAME : order) {
          case NAME -> Optional.empty();
          case TPP -> chip.totalProcessingPerformance().map(Measure::high);
          case PD -> chip.performanceDensity().map(Measure::high);
          case MEMORY -> chip.figure(Chip.Field.MEMORY_GB).map(figure -> figure.high());
          case BANDWIDTH -> chip.figure(Chip.Field.MEMORY_GBS).map(figure -> figure.high());
        };
    return value.orElse(BigDecimal.ONE.negate());
  }

  private static String brief(Optional<Measure> measure) {
    return measure.map(ChipCard::brief).orElse("-");
  }
}
