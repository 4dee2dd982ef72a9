package io.moineau.plan.placement;

import io.moineau.plan.PlanException;
import io.moineau.plan.audit.Meaning;
import io.moineau.plan.capacity.Limits;
import io.moineau.plan.capacity.ModelShape;
import io.moineau.plan.capacity.ModelSource;
import io.moineau.plan.capacity.WeightType;
import io.moineau.plan.capacity.Workload;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Precision;
import io.moineau.plan.placement.Demand.Licence;
import io.moineau.plan.placement.Demand.Quota;
import io.moineau.plan.placement.Demand.Traffic;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Verdict;
import io.moineau.plan.yaml.Scalar;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a demand. */
final class DemandReader {
  private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());
  private static final Pattern TIME = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?) ?(ms|s)");
  private static final String TIMES = "a time such as 2s or 50ms";
  private static final double HOURS_OF_MONTH = 8760.0 / 12;
  private static final int MOST = 100_000_000;

  private final Path folder;
  private final Catalogue catalogue;

  private DemandReader(Path folder, Catalogue catalogue) {
    this.folder = folder;
    this.catalogue = catalogue;
  }

  static Demand read(Path file, Catalogue catalogue) {
    Path parent = file.toAbsolutePath().getParent();
    return new DemandReader(parent == null ? Path.of("") : parent, catalogue)
        .read(YamlFile.read(file));
  }

  static Demand parse(String text, String name, Path folder, Catalogue catalogue) {
    return new DemandReader(folder, catalogue).read(YamlFile.parse(text, name));
  }

  private Demand read(YamlSection file) {
    String format = file.text("moineau-demand");
    if (!format.equals("1")) {
      throw file.bad("moineau-demand", "is " + format, "1");
    }
    Optional<String> hq = country(file, "end_user_hq");
    List<Traffic> traffic = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (YamlSection part : file.sections("workloads")) {
      Traffic one = traffic(part, hq);
      if (!names.add(one.name())) {
        throw part.bad("name", "is " + one.name() + ", as that of another", "names that differ");
      }
      traffic.add(one);
    }
    if (traffic.isEmpty()) {
      throw file.bad("workloads", "is missing or empty", "a list of at least one workload");
    }
    OptionalDouble perHour = OptionalDouble.empty();
    OptionalDouble toBuy = OptionalDouble.empty();
    double years = 4;
    Optional<YamlSection> budget = file.section("budget");
    if (budget.isPresent()) {
      YamlSection part = budget.get();
      perHour = number(part, "usd_per_hour");
      OptionalDouble perMonth = number(part, "usd_per_month");
      if (perHour.isPresent() && perMonth.isPresent()) {
        throw part.bad("usd_per_month", "stands beside usd_per_hour", "one of both");
      }
      if (perMonth.isPresent()) {
        perHour = OptionalDouble.of(perMonth.getAsDouble() / HOURS_OF_MONTH);
      }
      toBuy = number(part, "usd_to_buy");
      years = positive(part, "write_off_years").orElse(years);
      part.end();
    }
    Optional<Quota> quota = file.section("quota").map(DemandReader::quota);
    List<Licence> licences = new ArrayList<>();
    for (YamlSection part : file.sections("licences")) {
      licences.add(licence(part));
    }
    Demand demand =
        new Demand(
            file.file(),
            file.date("date"),
            hq,
            perHour,
            toBuy,
            years,
            quota,
            licences,
            accepted(file),
            facts(file),
            traffic);
    file.end();
    return demand;
  }

  private Traffic traffic(YamlSection part, Optional<String> hq) {
    String name = part.text("name");
    ModelShape model = model(part.text("model"));
    int input =
        whole(part, "input").orElseThrow(() -> missing(part, "input", "tokens of a prompt"));
    int output =
        whole(part, "output").orElseThrow(() -> missing(part, "output", "tokens of an answer"));
    double cached = part(part, "cached").orElse(0);
    if (input < 1 || output < 1 || cached == 1) {
      throw part.bad(
          cached == 1 ? "cached" : input < 1 ? "input" : "output",
          "is " + (cached == 1 ? "1" : "0"),
          cached == 1 ? "0 to below 1" : "1 or more tokens");
    }
    OptionalDouble requests = positive(part, "requests_per_second");
    OptionalDouble tokens = positive(part, "output_tokens_per_second");
    if (requests.isPresent() == tokens.isPresent()) {
      throw part.bad(
          tokens.isPresent() ? "output_tokens_per_second" : "requests_per_second",
          tokens.isPresent() ? "stands beside requests_per_second" : "is missing",
          "one of requests_per_second, output_tokens_per_second");
    }
    double rate = requests.isPresent() ? requests.getAsDouble() : tokens.getAsDouble() / output;
    List<WeightType> weights = part.texts("weights").stream().map(WeightType::of).toList();
    double drafts = number(part, "accepted_drafts").orElse(1);
    if (drafts < 1 || drafts > 16) {
      throw part.bad("accepted_drafts", "is " + Numbers.plain(drafts), "1 (no drafts) to 16");
    }
    OptionalInt least = whole(part, "least_replicas");
    OptionalInt most = whole(part, "most_replicas");
    if (least.isPresent() && most.isPresent() && least.getAsInt() > most.getAsInt()) {
      throw contradiction(
          part.file() + " line " + part.line() + ", workload " + name,
          "least_replicas " + least.getAsInt() + " is above most_replicas " + most.getAsInt());
    }
    List<String> countries = new ArrayList<>();
    for (Scalar one : part.scalars("countries")) {
      if (!COUNTRIES.contains(one.value())) {
        throw one.bad("is " + one.value(), "countries in two letters, such as CN");
      }
      countries.add(one.value());
    }
    if (part.has("countries") && countries.isEmpty()) {
      throw part.bad("countries", "is empty", "at least one country, or no such key for anywhere");
    }
    Traffic traffic =
        new Traffic(
            name,
            part.file() + " line " + part.line(),
            model,
            weights,
            new Workload(input, output, cached),
            new Limits(time(part, "ttft"), time(part, "tpot")),
            drafts,
            rate,
            part(part, "least").orElse(1),
            Math.max(1, whole(part, "priority").orElse(1)),
            List.copyOf(countries),
            country(part, "end_user_hq").or(() -> hq),
            least,
            most);
    part.end();
    return traffic;
  }

  /** A preset, or a file beside the demand. */
  private ModelShape model(String name) {
    Path beside = folder.resolve(name);
    boolean isFile = !name.isEmpty() && Files.exists(beside) && !Files.exists(Path.of(name));
    return ModelSource.of(isFile ? beside.toString() : name).shape();
  }

  private static PlanException missing(YamlSection part, String key, String allowed) {
    return part.bad(key, "is missing", allowed);
  }

  /** What the demand itself makes impossible, before anything is solved. */
  static PlanException contradiction(String where, String what) {
    return new PlanException(
        "plan-contradiction",
        "the demand contradicts itself or the fleet",
        where + ": " + what,
        "bounds that something can be within",
        "change one of them");
  }

  private static Quota quota(YamlSection part) {
    String place = part.file() + " line " + part.line();
    String pool = part.text("pool", "computing");
    if (!List.of("computing", "storage", "together").contains(pool)) {
      throw part.bad("pool", "is " + pool, "computing, storage, together");
    }
    String unit = part.text("unit", "chips");
    List<String> units = new ArrayList<>(List.of("chips", "value"));
    if (pool.equals("storage")) {
      units.add("TB");
    }
    if (pool.equals("computing")) {
      for (Precision precision : Precision.values()) {
        units.add(precision.key());
      }
    }
    if (!units.contains(unit)) {
      throw part.bad("unit", "is " + unit, String.join(", ", units));
    }
    Quota quota =
        new Quota(
            place,
            country(part, "country")
                .orElseThrow(() -> missing(part, "country", "whose sites keep it, such as CN")),
            pool,
            unit,
            part.choice("domestic", Meaning.class).orElse(Meaning.VENDOR),
            part(part, "share").orElse(0.5),
            part.flag("or_equal").orElse(false));
    if (quota.share() == 1 && !quota.orEqual()) {
      throw contradiction(place, "a share of more than 100 %");
    }
    part.end();
    return quota;
  }

  private Licence licence(YamlSection part) {
    String use = part.text("for", "shipping");
    if (!use.equals("shipping") && !use.equals("renting")) {
      throw part.bad("for", "is " + use, "shipping, renting");
    }
    Licence licence =
        new Licence(
            catalogue.get(part.text("chip")).name(),
            country(part, "to").orElseThrow(() -> missing(part, "to", "a country, such as CN")),
            use.equals("renting"));
    part.end();
    return licence;
  }

  private static Set<Verdict> accepted(YamlSection file) {
    Set<Verdict> accepted = EnumSet.of(Verdict.NO_LICENCE);
    for (Scalar one : file.scalars("accept")) {
      accepted.add(
          switch (one.value()) {
            case "exception" -> Verdict.EXCEPTION_POSSIBLE;
            case "manual" -> Verdict.MANUAL;
            case "unknown" -> Verdict.UNKNOWN;
            default -> throw one.bad("is " + one.value(), "exception, manual, unknown");
          });
    }
    return accepted;
  }

  private static Map<String, String> facts(YamlSection file) {
    Map<String, String> facts = new LinkedHashMap<>();
    Optional<YamlSection> section = file.section("facts");
    if (section.isPresent()) {
      for (String key : section.get().keys()) {
        String value = section.get().text(key);
        try {
          Facts.none().with(key, value);
        } catch (PlanException e) {
          throw section.get().bad(key, "is " + value + ": " + e.what(), e.allowed());
        }
        facts.put(key, value);
      }
    }
    return facts;
  }

  private static Optional<String> country(YamlSection part, String key) {
    Optional<Scalar> code = part.scalar(key, "a country in two letters, such as CN");
    if (code.isPresent() && !COUNTRIES.contains(code.get().value())) {
      throw code.get().bad("is " + code.get().value(), "a country in two letters, such as CN");
    }
    return code.map(Scalar::value);
  }

  private static OptionalDouble time(YamlSection part, String key) {
    Optional<Scalar> text = part.scalar(key, TIMES);
    if (text.isEmpty()) {
      return OptionalDouble.empty();
    }
    Matcher matcher = TIME.matcher(text.get().value());
    if (!matcher.matches()) {
      throw text.get().bad("is " + text.get().value(), TIMES);
    }
    double number =
        Double.parseDouble(matcher.group(1)) / (matcher.group(2).equals("s") ? 1 : 1000);
    if (number <= 0) {
      throw text.get().bad("is " + text.get().value(), "more than 0");
    }
    return OptionalDouble.of(number);
  }

  private static OptionalDouble number(YamlSection part, String key) {
    Optional<BigDecimal> number = part.number(key);
    return number.isPresent()
        ? OptionalDouble.of(number.get().doubleValue())
        : OptionalDouble.empty();
  }

  private static OptionalDouble positive(YamlSection part, String key) {
    OptionalDouble number = number(part, key);
    if (number.isPresent() && number.getAsDouble() <= 0) {
      throw part.bad(key, "is 0", "more than 0");
    }
    return number;
  }

  private static OptionalDouble part(YamlSection part, String key) {
    OptionalDouble number = number(part, key);
    if (number.isPresent() && number.getAsDouble() > 1) {
      throw part.bad(key, "is " + Numbers.plain(number.getAsDouble()), "a part from 0 to 1");
    }
    return number;
  }

  private static OptionalInt whole(YamlSection part, String key) {
    Optional<BigDecimal> number = part.number(key);
    if (number.isEmpty()) {
      return OptionalInt.empty();
    }
    boolean isWhole = number.get().stripTrailingZeros().scale() <= 0;
    if (!isWhole || number.get().compareTo(BigDecimal.valueOf(MOST)) > 0) {
      throw part.bad(key, "is " + number.get(), "a whole number up to " + MOST);
    }
    return OptionalInt.of(number.get().intValue());
  }
}
