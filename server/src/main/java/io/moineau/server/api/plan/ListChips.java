package io.moineau.server.api.plan;

import static io.moineau.server.api.Field.supported;

import io.moineau.plan.chips.Chip;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** {@code GET /moineau/plan/chips}. */
public final class ListChips extends PlanEndpoint {
  private static final List<Field> QUERY =
      List.of(
          supported(
              "q", "string", "only chips with this in a name, the vendor or the architecture"),
          supported("kind", "string", "gpu, consumer gpu, npu, asic, cpu, storage or system"),
          supported("country", "string", "of the vendor, in two letters of ISO 3166"));

  private static final Set<String> KINDS =
      Set.of("gpu", "consumer gpu", "npu", "asic", "cpu", "storage", "system");
  private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());

  /** For this server. */
  public ListChips(Service service) {
    super(
        service,
        "GET",
        "chips",
        "The chips of the catalogue, each figure with its range, quality and sources");
  }

  @Override
  public List<Field> query() {
    return QUERY;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    String text = request.query("q").orElse("").strip().toLowerCase(Locale.ROOT);
    Optional<String> kind =
        request.query("kind").map(word -> word.toLowerCase(Locale.ROOT).replace('_', ' '));
    if (kind.isPresent() && !KINDS.contains(kind.get())) {
      throw ApiException.badValue(
          "kind", "there is no such kind of chip", "kind=" + kind.get(), QUERY.get(1).note());
    }
    Optional<String> country = request.query("country").map(code -> code.toUpperCase(Locale.ROOT));
    if (country.isPresent() && !COUNTRIES.contains(country.get())) {
      throw ApiException.badValue(
          "country",
          "there is no such country",
          "country=" + country.get(),
          "a code of two letters of ISO 3166, such as CN");
    }
    List<Chip> chips =
        data().catalogue().chips().stream()
            .filter(chip -> text.isEmpty() || names(chip).contains(text))
            .filter(chip -> kind.filter(word -> !word.equals(kind(chip))).isEmpty())
            .filter(chip -> country.filter(code -> !code.equals(chip.country())).isEmpty())
            .toList();
    reply.json(ChipJson.of(chips, data()));
  }

  private static String kind(Chip chip) {
    return chip.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String names(Chip chip) {
    return String.join(
            "\n",
            chip.name(),
            String.join("\n", chip.aliases()),
            chip.vendor(),
            chip.architecture())
        .toLowerCase(Locale.ROOT);
  }
}
