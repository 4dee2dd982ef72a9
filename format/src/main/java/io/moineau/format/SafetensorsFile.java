package io.moineau.format;

import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A safetensors file, mapped into memory: named tensors of F32, F16 or BF16.
 *
 * <p>Checked as the format asks (github.com/huggingface/safetensors, section Format): the header
 * has at most 100 MB, and the tensors fill all that follows it, without gap and overlap.
 *
 * <p>Immutable; safe for several threads until {@link #close}.
 */
public final class SafetensorsFile implements AutoCloseable {
  /** The most bytes of a header, by the format. */
  static final long LONGEST_HEADER = 100_000_000;

  private static final int PREFIX = 8;

  private final Path path;
  private final Arena arena;
  private final Map<String, String> metadata;
  private final Map<String, TensorView> tensors;

  private SafetensorsFile(Path path, Arena arena, MemorySegment bytes) {
    this.path = path;
    this.arena = arena;
    long length = headerLength(bytes, path);
    SafetensorsHeader header =
        SafetensorsHeader.parse(
            text(bytes.asSlice(PREFIX, length), path), String.valueOf(path.getFileName()));
    MemorySegment data = bytes.asSlice(PREFIX + length);
    checkCovered(header, data.byteSize(), path);
    Map<String, TensorView> views = new LinkedHashMap<>();
    for (SafetensorsHeader.Entry entry : header.entries().values()) {
      MemorySegment slice = data.asSlice(entry.begin(), entry.end() - entry.begin());
      views.put(entry.name(), new TensorView(entry.name(), entry.type(), entry.shape(), slice));
    }
    metadata = Collections.unmodifiableMap(header.metadata());
    tensors = Collections.unmodifiableMap(views);
  }

  /**
   * Opens a file.
   *
   * @throws FormatException {@code file-...} if it cannot be opened, {@code safetensors-...} for
   *     each fault of the content
   */
  public static SafetensorsFile open(Path path) {
    Arena arena = Arena.ofShared();
    try {
      return new SafetensorsFile(path, arena, ModelBytes.map(path, arena, "safetensors"));
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Reads a file that is in memory already, as a fuzzer has it; the memory must outlive the result.
   *
   * @param name what errors call it
   */
  public static SafetensorsFile parse(MemorySegment bytes, String name) {
    Arena arena = Arena.ofShared();
    try {
      return new SafetensorsFile(Path.of(name), arena, bytes.asReadOnly());
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  private static long headerLength(MemorySegment bytes, Path path) {
    long size = bytes.byteSize();
    long length =
        size < PREFIX
            ? -1
            : bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 2 || length > size - PREFIX || length > LONGEST_HEADER) {
      throw new FormatException(
          "safetensors-bad-length",
          "a safetensors file does not begin with the length of its header",
          path + " has " + size + " bytes and a header of " + Long.toUnsignedString(length),
          "2 to " + LONGEST_HEADER + ", and no more than the file has",
          "the file is cut short, or of another kind; fetch it again");
    }
    return length;
  }

  private static String text(MemorySegment header, Path path) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(header.toArray(ValueLayout.JAVA_BYTE)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new FormatException(
          "safetensors-bad-header",
          "the header of a safetensors file is not UTF-8",
          path.toString(),
          "JSON in UTF-8",
          "the file is damaged; fetch it again");
    }
  }

  private static void checkCovered(SafetensorsHeader header, long size, Path path) {
    List<SafetensorsHeader.Entry> order = new ArrayList<>(header.entries().values());
    order.sort(
        Comparator.comparingLong(SafetensorsHeader.Entry::begin)
            .thenComparingLong(SafetensorsHeader.Entry::end));
    long covered = 0;
    for (SafetensorsHeader.Entry entry : order) {
      if (entry.begin() != covered) {
        throw badOffsets(
            "tensor " + Quoted.of(entry.name()) + " of " + path + " begins at " + entry.begin(),
            covered + ", where the one before it ends");
      }
      covered = entry.end();
    }
    if (covered != size) {
      throw badOffsets(
          path + " has " + size + " bytes after its header", covered + ", as its tensors need");
    }
  }

  private static FormatException badOffsets(String where, String allowed) {
    return new FormatException(
        "safetensors-bad-offsets",
        "the tensors of a safetensors file do not lie one after another",
        where,
        allowed,
        "the file is damaged or cut short; fetch it again");
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** What the file says of itself, such as {@code format}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The tensors by name, in the order of the header. */
  public Map<String, TensorView> tensors() {
    return tensors;
  }

  /** The tensor of this name, or empty. */
  public Optional<TensorView> find(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /** Unmaps the file; its tensors must not be used after. A second call does nothing. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
