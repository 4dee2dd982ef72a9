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

  private final ByteBuffer bytes;
  private final List<FuzzTarget.Field> fields = new ArrayList<>();

  private GgufFields(byte[] file) {
    ByteOrder order = file[4] == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    bytes = ByteBuffer.wrap(file).order(order).position(4);
  }

  static List<FuzzTarget.Field> of(byte[] file) {
    return new GgufFields(file).walk();
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
      string();
    } else if (type == ARRAY) {
      int element = int32();
      long count = int64();
      for (long i = 0; i < count; i++) {
        int known = fields.size();
        value(element);
        if (i >= FEW && i < count - FEW) {
          // Long arrays must not hide the rest.
          fields.subList(known, fields.size()).clear();
        }
      }
    } else {
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
