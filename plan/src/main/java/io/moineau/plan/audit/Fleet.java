package io.moineau.plan.audit;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.chips.Precision;
import io.moineau.plan.yaml.Scalar;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Sites and the chips in them.
 *
 * @param sites in the order of the file
 * @param candidates chips that may be bought for a site that names none of its own; empty for what
 *     the catalogue has of the site's country
 * @param limits of what may be changed
 */
public record Fleet(List<Site> sites, List<Offer> candidates, ChangeLimits limits) {
  /** Beyond this a count is a slip of the hand; sums of such counts are exact in a double. */
  static final BigDecimal MOST = BigDecimal.valueOf(1_000_000_000);

  private static final Pattern COUNT = Pattern.compile("[0-9]{1,30}");
  private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());

  /** Sites without anything said of changes. */
  public Fleet(List<Site> sites) {
    this(sites, List.of(), ChangeLimits.NONE);
  }

  /**
   * A site.
   *
   * @param name its name
   * @param country where it is
   * @param region may be empty
   * @param owner public or private; empty where it is not known
   * @param stateFunded whether any money of the state is in it, if known
   * @param completion part that is built, 0 to 1, if known
   * @param items chips in it
   * @param powerKw most power that its chips may draw together, in kilowatts, if there is a limit
   * @param usdPerKwh price of energy, if known
   * @param mayAdd chips that may be bought for it
   */
  public record Site(
      String name,
      String country,
      String region,
      String owner,
      Optional<Boolean> stateFunded,
      Optional<BigDecimal> completion,
      List<Item> items,
      Optional<BigDecimal> powerKw,
      Optional<BigDecimal> usdPerKwh,
      List<Offer> mayAdd) {}

  /**
   * Chips that may be bought for a site.
   *
   * @param item the chips; their count is the most that may be bought
   * @param from country that they are shipped from; empty where it is not said
   */
  public record Offer(Item item, String from) {}

  /**
   * Chips of one kind at a site.
   *
   * @param name of the chip
   * @param storage whether it stores rather than computes
   * @param count how many
   * @param vendorCountry country of the vendor
   * @param foundry who makes it; may be empty
   * @param foundryCountry where it is made; empty where that is not known or disputed
   * @param ownership per cent of the vendor that is owned in the site's country, if known
   * @param price of one, in any currency that is the same throughout, if known
   * @param peaks dense peaks of one, T/s
   * @param terabytes capacity of one, for storage, if known
   * @param usdPerHour what an hour of one costs while it is used, without energy, if known
   * @param removable how many may be taken away, if it is said
   */
  public record Item(
      String name,
      boolean storage,
      BigDecimal count,
      String vendorCountry,
      String foundry,
      String foundryCountry,
      Optional<BigDecimal> ownership,
      Optional<Figure> price,
      Map<Precision, Figure> peaks,
      Optional<BigDecimal> terabytes,
      Optional<BigDecimal> usdPerHour,
      Optional<BigDecimal> removable) {
    /** How many may be taken away; none where it is not said. */
    public BigDecimal mayRemove() {
      return removable.orElse(BigDecimal.ZERO);
    }

    /** Another number of the same, without a limit on how many may be taken away. */
    Item times(BigDecimal number) {
      return new Item(
          name,
          storage,
          number,
          vendorCountry,
          foundry,
          foundryCountry,
          ownership,
          price,
          peaks,
          terabytes,
          usdPerHour,
          Optional.empty());
    }

    /** The same at another price. */
    Item withPrice(Optional<Figure> other) {
      return new Item(
          name,
          storage,
          count,
          vendorCountry,
          foundry,
          foundryCountry,
          ownership,
          other,
          peaks,
          terabytes,
          usdPerHour,
          removable);
    }
  }

  /**
   * Reads a file that begins with {@code moineau-fleet: 1}.
   *
   * @throws io.moineau.plan.PlanException {@code plan-bad-file} or {@code plan-unknown-chip}
   */
  public static Fleet read(Path file, Catalogue catalogue) {
    return read(YamlFile.read(file), catalogue);
  }

  /** The same from a text; errors call it {@code name}. */
  public static Fleet parse(String text, String name, Catalogue catalogue) {
    return read(YamlFile.parse(text, name), catalogue);
  }

  private static Fleet read(YamlSection file, Catalogue catalogue) {
    String format = file.text("moineau-fleet");
    if (!format.equals("1")) {
      throw file.bad("moineau-fleet", "is " + format, "1");
    }
    List<Site> sites = new ArrayList<>();
    for (YamlSection part : file.sections("sites")) {
      Site site = site(part, catalogue);
      if (sites.stream().anyMatch(one -> one.name().equals(site.name()))) {
        throw part.bad("name", "is " + site.name() + " for the second time", "each name once");
      }
      sites.add(site);
    }
    if (sites.isEmpty()) {
      throw file.bad("sites", "is missing or empty", "a list of at least one site");
    }
    List<Offer> candidates = new ArrayList<>();
    for (YamlSection part : file.sections("candidates")) {
      candidates.add(candidate(part, catalogue));
    }
    if (file.has("candidates") && candidates.isEmpty()) {
      throw file.bad(
          "candidates", "is empty", "at least one; without the key, those of the catalogue");
    }
    ChangeLimits limits = file.section("change").map(ChangeLimits::read).orElse(ChangeLimits.NONE);
    file.end();
    return new Fleet(List.copyOf(sites), List.copyOf(candidates), limits);
  }

  /** A chip of the catalogue, or storage by its name, of which {@code most} may be bought. */
  private static Offer candidate(YamlSection part, Catalogue catalogue) {
    BigDecimal most = part.has("most") ? count(part, "most") : MOST;
    Item item =
        part.has("chip") ? computing(part, catalogue, most, Optional.empty()) : storage(part, most);
    Offer offer = new Offer(item, country(part, "from").orElse(""));
    part.end();
    return offer;
  }

  private static Site site(YamlSection part, Catalogue catalogue) {
    String owner = part.text("owner", "");
    if (!List.of("", "public", "private").contains(owner)) {
      throw part.bad("owner", "is " + owner, "public, private");
    }
    Optional<BigDecimal> completion = part.number("completion");
    if (completion.isPresent() && completion.get().compareTo(BigDecimal.ONE) > 0) {
      throw part.bad("completion", "is " + completion.get(), "a part from 0 to 1, such as 0.3");
    }
    List<Item> items = new ArrayList<>();
    for (YamlSection item : part.sections("chips")) {
      BigDecimal count = count(item, "count");
      items.add(computing(item, catalogue, count, removable(item, count)));
      item.end();
    }
    for (YamlSection item : part.sections("storage")) {
      items.add(storage(item, count(item, "count")));
      item.end();
    }
    List<Offer> offers = new ArrayList<>();
    for (YamlSection offer : part.sections("may_add")) {
      Item item = computing(offer, catalogue, count(offer, "most"), Optional.empty());
      offers.add(new Offer(item, country(offer, "from").orElse("")));
      offer.end();
    }
    if (items.isEmpty() && offers.isEmpty()) {
      throw part.bad("chips", "is missing or empty", "at least one chip, here or under storage");
    }
    Site site =
        new Site(
            part.text("name"),
            country(part, "country")
                .orElseThrow(() ->
                    part.bad("country", "is missing", "a country in two letters, such as CN")),
            part.text("region", ""),
            owner,
            part.flag("state_funded"),
            completion,
            List.copyOf(items),
            part.number("power_kw"),
            part.number("usd_per_kwh"),
            List.copyOf(offers));
    part.end();
    return site;
  }

  private static Optional<String> country(YamlSection part, String key) {
    Optional<Scalar> code = part.scalar(key, "a country in two letters, such as CN");
    if (code.isPresent() && !COUNTRIES.contains(code.get().value())) {
      throw code.get().bad("is " + code.get().value(), "a country in two letters, such as CN");
    }
    return code.map(Scalar::value);
  }

  private static BigDecimal count(YamlSection part, String key) {
    String allowed = "a whole number from 0 to " + MOST;
    Scalar text = part.scalar(key, allowed).orElseThrow(() -> part.bad(key, "is missing", allowed));
    if (!COUNT.matcher(text.value()).matches()) {
      throw text.bad("is " + text.value(), allowed);
    }
    BigDecimal count = new BigDecimal(text.value());
    if (count.compareTo(MOST) > 0) {
      throw text.bad("is " + text.value(), allowed);
    }
    return count;
  }

  private static Optional<BigDecimal> removable(YamlSection part, BigDecimal count) {
    if (!part.has("may_remove")) {
      return Optional.empty();
    }
    BigDecimal most = count(part, "may_remove");
    if (most.compareTo(count) > 0) {
      throw part.bad("may_remove", "is " + most, "a whole number up to the count, " + count);
    }
    return Optional.of(most);
  }

  /** As many of a chip of the catalogue as anyone may want. */
  static Item item(Chip chip) {
    return new Item(
        chip.name(),
        false,
        MOST,
        chip.country(),
        chip.foundry(),
        foundryCountry(chip.foundry()),
        Optional.empty(),
        chip.figure(Chip.Field.PRICE_USD),
        chip.peaks(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static Item computing(
      YamlSection part, Catalogue catalogue, BigDecimal count, Optional<BigDecimal> removable) {
    Chip chip = chip(part, catalogue);
    return new Item(
        chip.name(),
        false,
        count,
        chip.country(),
        chip.foundry(),
        country(part, "made_in").orElse(foundryCountry(chip.foundry())),
        share(part),
        price(part).or(() -> chip.figure(Chip.Field.PRICE_USD)),
        chip.peaks(),
        Optional.empty(),
        part.number("usd_per_hour"),
        removable);
  }

  private static Chip chip(YamlSection part, Catalogue catalogue) {
    String name = part.text("chip");
    try {
      return catalogue.get(name);
    } catch (PlanException e) {
      String where = part.file() + " line " + part.line() + ": " + e.where();
      PlanException at = new PlanException(e.code(), e.what(), where, e.allowed(), e.action());
      at.initCause(e);
      throw at;
    }
  }

  private static Item storage(YamlSection part, BigDecimal count) {
    return new Item(
        part.text("name"),
        true,
        count,
        country(part, "country")
            .orElseThrow(
                () -> part.bad("country", "is missing", "the vendor's country, such as CN")),
        "",
        country(part, "made_in").orElse(""),
        share(part),
        price(part),
        Map.of(),
        part.number("terabytes"),
        Optional.empty(),
        Optional.empty());
  }

  private static Optional<BigDecimal> share(YamlSection part) {
    Optional<BigDecimal> share = part.number("ownership");
    if (share.isPresent() && share.get().compareTo(BigDecimal.valueOf(100)) > 0) {
      throw part.bad("ownership", "is " + share.get(), "per cent, 0 to 100");
    }
    return share;
  }

  private static Optional<Figure> price(YamlSection part) {
    return part.number("price").map(Unit::exact);
  }

  /** Where a foundry makes chips; empty where the catalogue says that it is disputed or nothing. */
  private static String foundryCountry(String foundry) {
    return switch (foundry) {
      case "TSMC" -> "TW";
      case "SMIC" -> "CN";
      case "Intel" -> "US";
      case "Samsung" -> "KR";
      default -> "";
    };
  }
}
