package io.moineau.format;

/**
 * Something that {@link GgufFile#check} found.
 *
 * @param severity how bad it is
 * @param code stable name, such as {@code not-finite}
 * @param subject the tensor or file
 * @param detail what was found, with numbers
 */
public record GgufFinding(Severity severity, String code, String subject, String detail) {
  /** How bad a finding is. */
  public enum Severity {
    /** Worth knowing; the model works. */
    NOTE,
    /** Unusual; the model may not work well. */
    WARNING,
    /** The weights are damaged. */
    DAMAGE
  }
}
