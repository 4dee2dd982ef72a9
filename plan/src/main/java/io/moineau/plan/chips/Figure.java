package io.moineau.plan.chips;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A figure of a chip: one number, or a range where sources differ.
 *
 * @param value the best known number; empty where no source is better than another
 * @param low the lowest that a source has
 * @param high the highest
 * @param quality how well it is known
 * @param derived whether no source states it as such: it was worked out or assumed
 * @param note why there is a range; empty where there is none
 * @param sources what it is from
 */
public record Figure(
    Optional<BigDecimal> value,
    BigDecimal low,
    BigDecimal high,
    Quality quality,
    boolean derived,
    String note,
    List<Source> sources) {

  /** Checks that the number lies in its range. */
  public Figure {
    if (low.compareTo(high) > 0
        || value.filter(v -> v.compareTo(low) < 0 || v.compareTo(high) > 0).isPresent()) {
      throw new IllegalArgumentException(
          "low <= value <= high: low=" + low + " value=" + value + " high=" + high);
    }
    sources = List.copyOf(sources);
  }

  /** Whether sources differ. */
  public boolean disputed() {
    return low.compareTo(high) != 0;
  }

  /** {@code 4000}, {@code 400 (400 to 550)} or {@code 256 to 345}. */
  public String text() {
    return text(value, low, high);
  }

  static String text(Optional<BigDecimal> value, BigDecimal low, BigDecimal high) {
    String range = plain(low) + " to " + plain(high);
    if (low.compareTo(high) == 0) {
      return plain(low);
    }
    return value.map(v -> plain(v) + " (" + range + ")").orElse(range);
  }

  /** A number as people read it: at most three digits after the point. */
  static String plain(BigDecimal number) {
    BigDecimal rounded = number.scale() > 3 ? number.setScale(3, RoundingMode.HALF_UP) : number;
    BigDecimal stripped = rounded.stripTrailingZeros();
    return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
  }

  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("value", value.orElse(null));
    json.put("low", low);
    json.put("high", high);
    json.put("quality", quality.name());
    json.put("derived", derived);
    if (!note.isEmpty()) {
      json.put("note", note);
    }
    json.put("sources", sources.stream().map(Source::id).toList());
    return json;
  }
}
