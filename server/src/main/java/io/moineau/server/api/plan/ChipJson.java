package io.moineau.server.api.plan;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.server.plan.PlanData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chips as they are told. */
final class ChipJson {
  private ChipJson() {}

  /** One, with the names of files for where its row is from. */
  static Map<String, Object> of(Chip chip, PlanData data) {
    Map<String, Object> json = new LinkedHashMap<>(chip.json());
    json.put("origin", data.told(chip.origin()));
    return json;
  }

  /** Some of the catalogue. */
  static Map<String, Object> of(List<Chip> chips, PlanData data) {
    Catalogue all = data.catalogue();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", data.told(all.version()));
    json.put("in_all", all.chips().size());
    json.put("chips", chips.stream().map(chip -> of(chip, data)).toList());
    return json;
  }
}
