package io.moineau.plan.audit;

import java.util.Map;
import java.util.Optional;

/**
 * The least changes under which one reading passes.
 *
 * @param share the share as it is
 * @param more for more than half, whatever turns out of what is not known
 * @param atLeast for at least half, whatever turns out
 * @param atBest for more than half, if all that is not known turns out for the best
 * @param adding for more than half, by chips that come alone
 * @param removing for more than half, by chips that leave alone
 */
public record ReadingAudit(
    Audit.Share share,
    Change more,
    Change atLeast,
    Change atBest,
    Optional<Change> adding,
    Optional<Change> removing) {

  /** {@code 57 chips}, with what would do at best. */
  public String text() {
    String best =
        switch (atBest.status()) {
          case PASSES -> more.status() == Change.Status.PASSES ? "" : ", 0 at best";
          case LEAST, CHANGE ->
              atBest.chips() == more.chips() && more.isFound()
                  ? ""
                  : ", " + atBest.chips() + " at best";
          default -> "";
        };
    return switch (more.status()) {
          case PASSES -> "0";
          case LEAST -> Long.toString(more.chips());
          case CHANGE -> "at most " + more.chips();
          case IMPOSSIBLE -> "none";
          case UNDECIDED -> "not found";
        }
        + best;
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = share.json();
    json.put("more_than_half_change", more.json());
    json.put("at_least_half_change", atLeast.json());
    json.put("at_best_change", atBest.json());
    adding.ifPresent(change -> json.put("adding_alone", change.json()));
    removing.ifPresent(change -> json.put("removing_alone", change.json()));
    return json;
  }
}
