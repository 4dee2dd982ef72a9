package io.moineau.engine;

import java.util.List;

/**
 * Lets text through until one of some stop strings comes, wherever the borders of tokens fall: what
 * may be the beginning of one is held back until it is known not to be.
 */
public final class StopStrings {
  private final String[] stops;
  private final StringBuilder held = new StringBuilder();
  private String met = "";

  /** Stops at the first that occurs; of several at one place, the one named first. */
  public StopStrings(List<String> stops) {
    this.stops = stops.toArray(String[]::new);
  }

  /** Whether one was met; nothing more comes through then. */
  public boolean isMet() {
    return !met.isEmpty();
  }

  /** The one that was met; empty while none was. */
  public String met() {
    return met;
  }

  /** Adds text and returns what may be shown now. */
  public String push(String text) {
    if (isMet()) {
      return "";
    }
    if (stops.length == 0) {
      return text;
    }
    held.append(text);
    int first = -1;
    String which = "";
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
        which = stop;
      }
    }
    if (first >= 0) {
      met = which;
      String before = held.substring(0, first);
      held.setLength(0);
      return before;
    }
    int free = held.length() - longestBeginning();
    String out = held.substring(0, free);
    held.delete(0, free);
    return out;
  }

  /** Length of the longest end of the held text that begins a stop string. */
  private int longestBeginning() {
    int longest = 0;
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, held.length()); n > longest; n--) {
        if (endsWithBeginning(stop, n)) {
          longest = n;
        }
      }
    }
    return longest;
  }

  private boolean endsWithBeginning(String stop, int n) {
    int from = held.length() - n;
    for (int i = 0; i < n; i++) {
      if (held.charAt(from + i) != stop.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The text still held back, when no more comes. */
  public String flush() {
    String rest = held.toString();
    held.setLength(0);
    return rest;
  }
}
