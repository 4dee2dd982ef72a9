package io.moineau.cli;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.rules.Facts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A chip and what is to be done with it. */
final class CaseArguments {
  @Option(names = "--chip", paramLabel = "NAME", description = "A chip of the catalogue.")
  private @Nullable String chip;

  @Option(
      names = "--end-user-hq",
      paramLabel = "CC",
      description = "Country of the end user's seat, or of its ultimate parent's.")
  private @Nullable String headquarters;

  @Option(names = "--from", paramLabel = "CC", description = "Country it is shipped from (US).")
  private @Nullable String from;

  @Option(
      names = "--purpose",
      paramLabel = "WORD",
      description =
          "datacentre (taken if not given), supercomputer, military, research, gaming, other.")
  private @Nullable String purpose;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = {
        "Another fact, or another value for one: tpp=4750, dram_bw=1300..1500, listed_share=30,",
        "us_item=false, state_funded=true ...; a wrong name lists all."
      })
  private List<String> facts = List.of();

  /** Whether a chip of the catalogue was named. */
  boolean hasChip() {
    return chip != null;
  }

  /** What is given, with the figures of the chip. */
  Facts facts(Catalogue catalogue, @Nullable String to) {
    Facts all =
        chip == null
            ? Facts.none().with("chip", "a chip by its numbers")
            : Facts.of(catalogue.get(chip));
    all = with(all, "to", to);
    all = with(all, "end_user_hq", headquarters);
    all = with(all, "from", from);
    if (purpose != null) {
      all = all.with("purpose", purpose);
    }
    for (String fact : facts) {
      int equals = fact.indexOf('=');
      String name = equals < 0 ? fact : fact.substring(0, equals);
      all = all.with(name.strip(), equals < 0 ? "" : fact.substring(equals + 1).strip());
    }
    return all;
  }

  private static Facts with(Facts facts, String name, @Nullable String country) {
    return country == null ? facts : facts.with(name, country.toUpperCase(Locale.ROOT));
  }

  /** In words: {@code H20 96GB to CN, end user of CN}. */
  static String title(Facts facts) {
    List<String> parts = new ArrayList<>();
    parts.add(
        facts.text("chip").orElse("a chip") + facts.text("to").map(t -> " to " + t).orElse(""));
    facts.text("end_user_hq").ifPresent(hq -> parts.add("end user of " + hq));
    facts.text("purpose").ifPresent(word -> parts.add("for: " + word));
    return String.join(", ", parts);
  }
}
