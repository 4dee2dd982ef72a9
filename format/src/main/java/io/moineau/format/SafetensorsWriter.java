package io.moineau.format;

import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Writes a safetensors file; like {@link GgufWriter}, it appears under its name only when it is
 * whole. Not safe for several threads.
 */
public final class SafetensorsWriter {
  private record Entry(String name, DType type, Shape shape, long size, TensorSource source) {}

  private static final int ALIGNMENT = 8;

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Entry> tensors = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /** A writer of an empty file. */
  public SafetensorsWriter() {}

  /** Says something of the file, in place of what was said before under the key. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds a tensor, whose bytes are asked for when the file is written.
   *
   * @throws FormatException {@code safetensors-duplicate-tensor}; {@code safetensors-unknown-type}
   *     but for F32, F16 and BF16
   */
  public SafetensorsWriter tensor(String name, DType type, Shape shape, TensorSource source) {
    if (type != DType.F32 && type != DType.F16 && type != DType.BF16) {
      throw new FormatException(
          "safetensors-unknown-type",
          "a tensor cannot be written in this type",
          "tensor " + Quoted.of(name) + " of type " + type,
          "F32, F16, BF16",
          "");
    }
    if (!names.add(name)) {
      throw new FormatException(
          "safetensors-duplicate-tensor",
          "a tensor was added twice",
          "tensor " + Quoted.of(name),
          "each name once",
          "");
    }
    tensors.add(new Entry(name, type, shape, type.bytesFor(shape.elements()), source));
    return this;
  }

  /**
   * Writes the file.
   *
   * @throws FormatException {@code file-not-writable}, {@code disk-full}, {@code
   *     file-write-failed}; {@code safetensors-write-wrong-size} if a source gives too few or too
   *     many bytes
   */
  public void write(Path path) {
    byte[] header = header();
    long bytes = header.length;
    for (Entry entry : tensors) {
      bytes += entry.size();
    }
    try (SafeFiles files = new SafeFiles()) {
      files.write(path, bytes, channel -> stream(channel, header));
      files.commit();
    }
  }

  /** The whole file in memory, for small ones. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      stream(Channels.newChannel(bytes), header());
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /** The header, with spaces behind it so that the tensors begin at a whole word. */
  private byte[] header() {
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      json.append("\"__metadata__\":{");
      String comma = "";
      for (Map.Entry<String, String> pair : metadata.entrySet()) {
        json.append(comma);
        comma = ",";
        quote(json, pair.getKey()).append(':');
        quote(json, pair.getValue());
      }
      json.append('}');
    }
    long offset = 0;
    for (Entry entry : tensors) {
      json.append(json.length() > 1 ? "," : "");
      quote(json, entry.name()).append(":{\"dtype\":\"").append(entry.type());
      json.append("\",\"shape\":").append(entry.shape().toString().replace(" ", ""));
      json.append(",\"data_offsets\":[").append(offset).append(',');
      offset += entry.size();
      json.append(offset).append("]}");
    }
    byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded =
        java.util.Arrays.copyOf(text, (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    java.util.Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }

  private static StringBuilder quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20) {
        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"');
  }

  private void stream(WritableByteChannel channel, byte[] header) throws IOException {
    GgufOutput out = new GgufOutput(channel, ByteOrder.LITTLE_ENDIAN);
    out.int64(header.length);
    out.bytes(MemorySegment.ofArray(header));
    for (Entry tensor : tensors) {
      long start = out.position();
      tensor
          .source()
          .writeTo(bytes -> {
            if (out.position() - start + bytes.byteSize() > tensor.size()) {
              throw wrongSize(tensor, out.position() - start + bytes.byteSize());
            }
            out.bytes(bytes);
          });
      if (out.position() - start != tensor.size()) {
        throw wrongSize(tensor, out.position() - start);
      }
    }
    out.flush();
  }

  private static FormatException wrongSize(Entry tensor, long bytes) {
    return new FormatException(
        "safetensors-write-wrong-size",
        "a tensor got another number of bytes than it needs",
        "tensor " + Quoted.of(tensor.name()) + " " + tensor.shape() + " got " + bytes,
        tensor.size() + " bytes",
        "");
  }
}
