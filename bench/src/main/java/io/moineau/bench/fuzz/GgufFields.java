package io.moineau.bench.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Where the lengths, counts, types, dimensions and offsets of a sound GGUF file stand. */
final class GgufFields {
  private static final int[] WIDTHS = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int FEW = 3;
  private static final int SPARSE = 64;

  private final ByteBuffer bytes;
  private final List<FuzzTarget.Field> fields = new ArrayList<>();

  /** Where the meaning lies, and not the structure: numbers and bytes of metadata values. */
  private final List<FuzzTarget.Field> meanings = new ArrayList<>();

  private GgufFields(byte[] file) {
    ByteOrder order = file[4] == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    bytes = ByteBuffer.wrap(file).order(order).position(4);
  }

  static List<FuzzTarget.Field> of(byte[] file) {
    return new GgufFields(file).walk();
  }

  /**
   * Only the places whose change leaves a file that can be read: numbers and texts of the metadata,
   * dimensions and types of tensors.
   */
  static List<FuzzTarget.Field> meanings(byte[] file) {
    GgufFields found = new GgufFields(file);
    found.walk();
    return found.meanings;
  }

  private List<FuzzTarget.Field> walk() {
    int32();
    long tensors = int64();
    long pairs = int64();
    for (long i = 0; i < pairs; i++) {
      string();
      value(int32());
    }
    for (long i = 0; i < tensors; i++) {
      string();
      int rank = int32();
      for (int axis = 0; axis < rank; axis++) {
        int64();
      }
      int32();
      int64();
    }
    return fields;
  }

  private void value(int type) {
    if (type == STRING) {
      int start = bytes.position() + 8;
      string();
      for (int at = start; at < bytes.position(); at++) {
        meanings.add(new FuzzTarget.Field(at, 1));
      }
    } else if (type == ARRAY) {
      int element = int32();
      long count = int64();
      for (long i = 0; i < count; i++) {
        int known = fields.size();
        int meant = meanings.size();
        value(element);
        if (i >= FEW && i < count - FEW && i % SPARSE != 0) {
          // Long arrays must not hide the rest.
          fields.subList(known, fields.size()).clear();
          meanings.subList(meant, meanings.size()).clear();
        }
      }
    } else {
      meanings.add(new FuzzTarget.Field(bytes.position(), WIDTHS[type]));
      note(WIDTHS[type]);
    }
  }

  private void string() {
    int length = (int) int64();
    bytes.position(bytes.position() + length);
  }

  private int int32() {
    note(4);
    return bytes.getInt(bytes.position() - 4);
  }

  private long int64() {
    note(8);
    return bytes.getLong(bytes.position() - 8);
  }

  private void note(int width) {
    fields.add(new FuzzTarget.Field(bytes.position(), width));
    bytes.position(bytes.position() + width);
  }
}
