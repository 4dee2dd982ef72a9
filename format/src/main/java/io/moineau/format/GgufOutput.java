package io.moineau.format;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/** Writes the fields of a GGUF file in its byte order, through a buffer. */
final class GgufOutput {
  private static final int BUFFER = 1 << 18;

  private final WritableByteChannel channel;
  private final ByteBuffer buffer;
  private long position;

  GgufOutput(WritableByteChannel channel, ByteOrder order) {
    this.channel = channel;
    this.buffer = ByteBuffer.allocate(BUFFER).order(order);
  }

  long position() {
    return position;
  }

  void int8(int value) throws IOException {
    room(1).put((byte) value);
  }

  void int16(int value) throws IOException {
    room(2).putShort((short) value);
  }

  void int32(int value) throws IOException {
    room(4).putInt(value);
  }

  void int64(long value) throws IOException {
    room(8).putLong(value);
  }

  void string(String text) throws IOException {
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    int64(raw.length);
    bytes(MemorySegment.ofArray(raw));
  }

  void bytes(MemorySegment bytes) throws IOException {
    for (long at = 0; at < bytes.byteSize(); ) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int piece = (int) Math.min(buffer.remaining(), bytes.byteSize() - at);
      // ofBuffer begins at the buffer's position.
      MemorySegment.copy(bytes, at, MemorySegment.ofBuffer(buffer), 0, piece);
      buffer.position(buffer.position() + piece);
      at += piece;
      position += piece;
    }
  }

  /** Zeros up to the next multiple of {@code alignment}. */
  void pad(long alignment) throws IOException {
    while (position % alignment != 0) {
      int8(0);
    }
  }

  /** A value without its type. */
  void value(GgufValue value) throws IOException {
    switch (value.type()) {
      case UINT8, INT8 -> int8((int) whole(value));
      case UINT16, INT16 -> int16((int) whole(value));
      case UINT32, INT32 -> int32((int) whole(value));
      case UINT64 ->
          int64(value.value() instanceof BigInteger big ? big.longValue() : whole(value));
      case INT64 -> int64(whole(value));
      case FLOAT32 -> int32(Float.floatToRawIntBits((float) number(value)));
      case FLOAT64 -> int64(Double.doubleToRawLongBits(number(value)));
      case BOOL -> int8(value.value() instanceof Boolean yes && yes ? 1 : 0);
      case STRING -> string((String) value.value());
      case ARRAY -> {
        GgufValue.Array array = (GgufValue.Array) value.value();
        int32(array.type().id());
        int64(array.items().size());
        for (Object item : array.items()) {
          value(item instanceof GgufValue nested ? nested : new GgufValue(array.type(), item));
        }
      }
    }
  }

  void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private static long whole(GgufValue value) {
    return ((Number) value.value()).longValue();
  }

  private static double number(GgufValue value) {
    return ((Number) value.value()).doubleValue();
  }

  private ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    position += bytes;
    return buffer;
  }
}
