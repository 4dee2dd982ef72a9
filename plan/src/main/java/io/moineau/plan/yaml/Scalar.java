package io.moineau.plan.yaml;

import io.moineau.plan.PlanException;

/**
 * A value with the place that it stands at.
 *
 * @param value its text
 * @param file name of the file
 * @param line of its first character, from 1
 * @param key path of its key, such as {@code rules[3].when}
 */
public record Scalar(String value, String file, int line, String key) {
  /** An error about this value. */
  public PlanException bad(String what, String allowed) {
    return YamlSection.error(file, line, key + " " + what, allowed);
  }
}
