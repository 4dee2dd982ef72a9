package io.moineau.plan.audit;

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

/**
 * Sites and the chips in them.
 *
 * @param sites in the order of the file
 */
public record Fleet(List<Site> sites) {
  private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());

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
   */
  public record Site(
      String name,
      String country,
      String region,
      String owner,
      Optional<Boolean> stateFunded,
      Optional<BigDecimal> completion,
      List<Item> items) {}

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
      Optional<BigDecimal> terabytes) {}

  /**
   * Reads a file that begins with {@code moineau-fleet: 1}.
   *
   * @throws io.moineau.plan.PlanException {@code plan-bad-file} or {@code plan-unknown-chip}
   */
  public static Fleet read(Path file, Catalogue catalogue) {
    return read(YamlFile.read(file), catalogue);
  }

  /** The same from a text. */
  static Fleet parse(String text, String name, Catalogue catalogue) {
    return read(YamlFile.parse(text, name), catalogue);
  }

  private static Fleet read(YamlSection file, Catalogue catalogue) {
    String format = file.text("moineau-fleet");
    if (!format.equals("1")) {
      throw file.bad("moineau-fleet", "is " + format, "1");
    }
    List<Site> sites = new ArrayList<>();
    for (YamlSection part : file.sections("sites")) {
      sites.add(site(part, catalogue));
    }
    if (sites.isEmpty()) {
      throw file.bad("sites", "is missing or empty", "a list of at least one site");
    }
    file.end();
    return new Fleet(List.copyOf(sites));
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
      items.add(computing(item, catalogue));
    }
    for (YamlSection item : part.sections("storage")) {
      items.add(storage(item));
    }
    if (items.isEmpty()) {
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
            List.copyOf(items));
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

  private static BigDecimal count(YamlSection part) {
    BigDecimal count =
        part.number("count").orElseThrow(() -> part.bad("count", "is missing", "how many"));
    if (count.stripTrailingZeros().scale() > 0) {
      throw part.bad("count", "is " + count, "a whole number");
    }
    return count;
  }

  private static Item computing(YamlSection part, Catalogue catalogue) {
    Chip chip = catalogue.get(part.text("chip"));
    Item item =
        new Item(
            chip.name(),
            false,
            count(part),
            chip.country(),
            chip.foundry(),
            country(part, "made_in").orElse(foundryCountry(chip.foundry())),
            share(part),
            price(part).or(() -> chip.figure(Chip.Field.PRICE_USD)),
            chip.peaks(),
            Optional.empty());
    part.end();
    return item;
  }

  private static Item storage(YamlSection part) {
    Item item =
        new Item(
            part.text("name"),
            true,
            count(part),
            country(part, "country")
                .orElseThrow(
                    () -> part.bad("country", "is missing", "the vendor's country, such as CN")),
            "",
            country(part, "made_in").orElse(""),
            share(part),
            price(part),
            Map.of(),
            part.number("terabytes"));
    part.end();
    return item;
  }

  private static Optional<BigDecimal> share(YamlSection part) {
    Optional<BigDecimal> share = part.number("ownership");
    if (share.isPresent() && share.get().compareTo(BigDecimal.valueOf(100)) > 0) {
      throw part.bad("ownership", "is " + share.get(), "per cent, 0 to 100");
    }
    return share;
  }

  private static Optional<Figure> price(YamlSection part) {
    return part.number("price")
        .map(p ->
            new Figure(
                Optional.of(p), p, p, io.moineau.plan.chips.Quality.A, false, "", List.of()));
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
