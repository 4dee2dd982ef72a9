package io.moineau.plan.chips;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a figure is from.
 *
 * @param id short name
 * @param title what it is
 * @param url empty where there is none
 * @param date of the source or of the copy that was read, as far as it is known ({@code 2025-09});
 *     empty where it is not, and then the date of the catalogue holds
 */
public record Source(String id, String title, String url, String date) {
  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", id);
    json.put("title", title);
    json.put("url", url);
    json.put("date", date);
    return json;
  }
}
