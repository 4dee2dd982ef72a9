package io.moineau.format;

import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Writes a GGUF file: first everything is named, then {@link #write} streams it out.
 *
 * <pre>{@code
 * new GgufWriter()
 *     .metadata("general.architecture", GgufValue.string("llama"))
 *     .tensor("output_norm.weight", DType.F32, Shape.of(64), bytes)
 *     .write(Path.of("model.gguf"));
 * }</pre>
 *
 * <p>A file appears under its name only when it is whole: it is written beside it and moved. Not
 * safe for several threads.
 */
public final class GgufWriter {
  private record Entry(String name, DType type, Shape shape, long size, TensorSource source) {}

  private final Map<String, GgufValue> metadata = new LinkedHashMap<>();
  private final List<Entry> tensors = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private int version = 3;
  private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

  /** A writer of an empty little-endian file of version 3. */
  public GgufWriter() {}

  /** Sets the version: 2 or 3. */
  public GgufWriter version(int newVersion) {
    if (newVersion != 2 && newVersion != 3) {
      throw new FormatException(
          "gguf-unknown-version",
          "a GGUF file cannot be written in this version",
          "version=" + newVersion,
          "2 and 3",
          "");
    }
    version = newVersion;
    return this;
  }

  /** Sets the byte order; bytes of tensors are given little-endian all the same. */
  public GgufWriter byteOrder(ByteOrder newOrder) {
    order = newOrder;
    return this;
  }

  /**
   * Sets to how many bytes tensors are aligned, and says so in the metadata.
   *
   * @throws FormatException {@code gguf-bad-alignment} if it is no power of 2
   */
  public GgufWriter alignment(int bytes) {
    return metadata("general.alignment", GgufValue.uint32(bytes));
  }

  /**
   * Sets a metadata value, in place of an earlier one.
   *
   * @throws FormatException {@code gguf-write-bad-value} if the value is not of its type; {@code
   *     gguf-bad-alignment}
   */
  public GgufWriter metadata(String key, GgufValue value) {
    GgufValueCheck.check(key, value);
    metadata.put(key, value);
    if (key.equals("general.alignment")) {
      checkAlignment();
    }
    return this;
  }

  /** Sets all values of another file, but for those that say how it was split. */
  public GgufWriter metadata(GgufMetadata other) {
    for (String key : other.keys()) {
      if (!key.startsWith("split.")) {
        other.findValue(key).ifPresent(value -> metadata(key, value));
      }
    }
    return this;
  }

  /** Adds a tensor, whose bytes must live until the file is written. */
  public GgufWriter tensor(TensorView tensor) {
    return tensor(tensor.name(), tensor.type(), tensor.shape(), tensor.data());
  }

  /**
   * Adds a tensor, whose bytes must live until the file is written.
   *
   * @throws FormatException as {@link #tensor(String, DType, Shape, TensorSource)}; {@code
   *     gguf-write-wrong-size} if there are not as many bytes as type and shape need
   */
  public GgufWriter tensor(String name, DType type, Shape shape, MemorySegment data) {
    tensor(name, type, shape, sink -> sink.write(data));
    Entry entry = tensors.getLast();
    if (entry.size() != data.byteSize()) {
      tensors.removeLast();
      names.remove(name);
      throw wrongSize(entry, data.byteSize());
    }
    return this;
  }

  /**
   * Adds a tensor whose bytes are made when it is written.
   *
   * @throws FormatException {@code gguf-duplicate-tensor}; {@code gguf-bad-rank} above 4; {@code
   *     gguf-bad-dimension} for a dimension of 0
   * @throws io.moineau.tensor.TensorException {@code tensor-partial-block} if a row is no whole
   *     number of blocks
   */
  public GgufWriter tensor(String name, DType type, Shape shape, TensorSource source) {
    if (!names.add(name)) {
      throw new FormatException(
          "gguf-duplicate-tensor",
          "a tensor was added twice",
          "tensor " + Quoted.of(name),
          "each name once",
          "");
    }
    if (shape.rank() > 4) {
      throw new FormatException(
          "gguf-bad-rank",
          "a tensor has too many dimensions for GGUF",
          "tensor " + Quoted.of(name) + " " + shape,
          "0 to 4",
          "");
    }
    if (shape.elements() == 0) {
      throw new FormatException(
          "gguf-bad-dimension",
          "a tensor without elements cannot be written",
          "tensor " + Quoted.of(name) + " " + shape,
          "dimensions of 1 or more",
          "");
    }
    long size = Math.multiplyExact(type.bytesFor(shape.columns()), shape.rows());
    tensors.add(new Entry(name, type, shape, size, source));
    return this;
  }

  /** Bytes of all tensors added so far, without padding. */
  public long tensorBytes() {
    long bytes = 0;
    for (Entry tensor : tensors) {
      bytes += tensor.size();
    }
    return bytes;
  }

  /**
   * Writes the file.
   *
   * @throws FormatException {@code file-not-writable}, {@code disk-full}, {@code
   *     file-write-failed}; {@code gguf-write-wrong-size} if a source gives too few or too many
   *     bytes
   */
  public void write(Path path) {
    try (SafeFiles files = new SafeFiles()) {
      writePart(files, path, metadata, tensors);
      files.commit();
    }
  }

  /**
   * Writes the model as files named {@code stem-00001-of-0000N.gguf}, each of at most {@code
   * maxBytes} of tensors, but at least one tensor; all metadata are in the first.
   *
   * @param folder where they are written
   * @return the files, in order
   * @throws FormatException as {@link #write}; {@code gguf-split-bad-count} above 65,535 parts
   */
  public List<Path> writeSplit(Path folder, String stem, long maxBytes) {
    List<List<Entry>> groups = groups(maxBytes);
    if (groups.size() > 65_535) {
      throw new FormatException(
          "gguf-split-bad-count",
          "a model would be split into too many files",
          groups.size() + " parts of " + maxBytes + " bytes",
          "at most 65535",
          "allow larger parts");
    }
    List<Path> paths = new ArrayList<>();
    try (SafeFiles files = new SafeFiles()) {
      for (int i = 0; i < groups.size(); i++) {
        Map<String, GgufValue> keys = new LinkedHashMap<>(i == 0 ? metadata : alignmentOnly());
        keys.put(SplitParts.NUMBER, GgufValue.integer(GgufType.UINT16, i));
        keys.put(SplitParts.COUNT, GgufValue.integer(GgufType.UINT16, groups.size()));
        keys.put(SplitParts.TENSORS, GgufValue.integer(GgufType.INT32, tensors.size()));
        String name =
            String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", stem, i + 1, groups.size());
        paths.add(folder.resolve(name));
        writePart(files, folder.resolve(name), keys, groups.get(i));
      }
      files.commit();
    }
    return paths;
  }

  /** The whole file in memory, for small ones. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      stream(Channels.newChannel(bytes), metadata, tensors);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /**
   * The whole file in native memory of {@code arena}, of whatever size. Sources are asked twice:
   * the first time to know the size.
   */
  public MemorySegment toMemory(Arena arena) {
    MemoryChannel counted = new MemoryChannel(MemorySegment.NULL);
    try {
      stream(counted, metadata, tensors);
      MemorySegment memory = arena.allocate(counted.position(), 64);
      stream(new MemoryChannel(memory), metadata, tensors);
      return memory;
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
  }

  /** Copies what is written to memory, or only counts it where there is none. */
  private static final class MemoryChannel implements WritableByteChannel {
    private final MemorySegment memory;
    private long position;

    MemoryChannel(MemorySegment memory) {
      this.memory = memory;
    }

    long position() {
      return position;
    }

    @Override
    public int write(ByteBuffer bytes) {
      int n = bytes.remaining();
      if (memory.byteSize() > 0) {
        MemorySegment.copy(MemorySegment.ofBuffer(bytes), 0, memory, position, n);
      }
      bytes.position(bytes.limit());
      position += n;
      return n;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private Map<String, GgufValue> alignmentOnly() {
    GgufValue value = metadata.get("general.alignment");
    return value == null ? Map.of() : Map.of("general.alignment", value);
  }

  private List<List<Entry>> groups(long maxBytes) {
    List<List<Entry>> groups = new ArrayList<>();
    List<Entry> group = new ArrayList<>();
    long bytes = 0;
    for (Entry tensor : tensors) {
      if (!group.isEmpty() && bytes + tensor.size() > maxBytes) {
        groups.add(group);
        group = new ArrayList<>();
        bytes = 0;
      }
      group.add(tensor);
      bytes += tensor.size();
    }
    groups.add(group);
    return groups;
  }

  private void writePart(
      SafeFiles files, Path path, Map<String, GgufValue> keys, List<Entry> entries) {
    long bytes = 0;
    for (Entry entry : entries) {
      bytes += entry.size();
    }
    files.write(path, bytes, channel -> stream(channel, keys, entries));
  }

  private void stream(WritableByteChannel channel, Map<String, GgufValue> keys, List<Entry> entries)
      throws IOException {
    GgufOutput out = new GgufOutput(channel, order);
    long alignment = alignment();
    out.bytes(MemorySegment.ofArray(new byte[] {'G', 'G', 'U', 'F'}));
    out.int32(version);
    out.int64(entries.size());
    out.int64(keys.size());
    for (Map.Entry<String, GgufValue> pair : keys.entrySet()) {
      out.string(pair.getKey());
      out.int32(pair.getValue().type().id());
      out.value(pair.getValue());
    }
    long offset = 0;
    for (Entry tensor : entries) {
      out.string(tensor.name());
      out.int32(tensor.shape().rank());
      for (int axis = tensor.shape().rank() - 1; axis >= 0; axis--) {
        out.int64(tensor.shape().dim(axis));
      }
      out.int32(tensor.type().id());
      out.int64(offset);
      offset += (tensor.size() + alignment - 1) / alignment * alignment;
    }
    out.pad(alignment);
    for (Entry tensor : entries) {
      data(out, tensor);
      out.pad(alignment);
    }
    out.flush();
  }

  private void data(GgufOutput out, Entry tensor) throws IOException {
    long start = out.position();
    boolean swap = order == ByteOrder.BIG_ENDIAN && BlockSwap.isNeeded(tensor.type());
    tensor
        .source()
        .writeTo(bytes -> {
          long soFar = out.position() - start + bytes.byteSize();
          if (soFar > tensor.size() || bytes.byteSize() % tensor.type().blockBytes() != 0) {
            throw wrongSize(tensor, soFar);
          }
          if (swap) {
            MemorySegment turned =
                MemorySegment.ofArray(new byte[Math.toIntExact(bytes.byteSize())]).copyFrom(bytes);
            BlockSwap.swap(tensor.type(), turned);
            out.bytes(turned);
          } else {
            out.bytes(bytes);
          }
        });
    if (out.position() - start != tensor.size()) {
      throw wrongSize(tensor, out.position() - start);
    }
  }

  private long alignment() {
    GgufValue value = metadata.get("general.alignment");
    return value != null && value.value() instanceof Long alignment
        ? alignment
        : GgufPart.DEFAULT_ALIGNMENT;
  }

  private void checkAlignment() {
    long alignment = alignment();
    if (alignment <= 0 || alignment > 1 << 30 || Long.bitCount(alignment) != 1) {
      metadata.remove("general.alignment");
      throw new FormatException(
          "gguf-bad-alignment",
          "the alignment of a GGUF file must be a power of 2",
          "general.alignment=" + alignment,
          "1, 2, 4 ... " + (1 << 30),
          "");
    }
  }

  private static FormatException wrongSize(Entry tensor, long bytes) {
    return new FormatException(
        "gguf-write-wrong-size",
        "a tensor got another number of bytes than it needs",
        "tensor "
            + Quoted.of(tensor.name())
            + " "
            + tensor.shape()
            + " of type "
            + tensor.type()
            + " got "
            + bytes,
        tensor.size() + " bytes, in whole blocks of " + tensor.type().blockBytes(),
        "");
  }
}
