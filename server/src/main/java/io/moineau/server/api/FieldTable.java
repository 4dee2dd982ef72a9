package io.moineau.server.api;

import java.util.List;

/**
 * The fields of an object inside a body.
 *
 * @param where it stands, such as {@code messages[]}
 * @param fields what is made of each
 */
public record FieldTable(String where, List<Field> fields) {
  /** Copies the list. */
  public FieldTable {
    fields = List.copyOf(fields);
  }
}
