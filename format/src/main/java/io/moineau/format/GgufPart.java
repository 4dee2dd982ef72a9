package io.moineau.format;

import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One GGUF file, its header read and checked: what {@link GgufFile} is put together from.
 *
 * <p>The layout is that of the GGUF specification (ggml, docs/gguf.md): magic, version, two counts,
 * metadata, tensor records, then the data at the next multiple of the alignment.
 *
 * @param dataStart where the tensors' data begin
 * @param dataEnd where the last tensor ends, without padding
 */
record GgufPart(
    String file,
    MemorySegment bytes,
    int version,
    ByteOrder order,
    GgufMetadata metadata,
    long alignment,
    Map<String, Tensor> tensors,
    long dataStart,
    long dataEnd) {
  static final int DEFAULT_ALIGNMENT = 32;

  private static final int LARGEST_ALIGNMENT = 1 << 30;
  private static final int LONGEST_NAME = 1024;
  private static final int HIGHEST_RANK = 4;
  private static final String FETCH = "the file is damaged; fetch or convert it again";

  /** Where a tensor lies: {@code offset} from the file's beginning. */
  record Tensor(String name, DType type, Shape shape, long offset, long size) {}

  /** The same with the file's bytes at another place. */
  GgufPart at(MemorySegment copy) {
    return new GgufPart(
        file, copy, version, order, metadata, alignment, tensors, dataStart, dataEnd);
  }

  /**
   * Reads and checks a header.
   *
   * @throws FormatException with a code {@code gguf-...} or {@code file-not-gguf} for each fault
   */
  static GgufPart parse(MemorySegment bytes, String file) {
    if (bytes.byteSize() < 4
        || bytes.get(ValueLayout.JAVA_BYTE, 0) != 'G'
        || bytes.get(ValueLayout.JAVA_BYTE, 1) != 'G'
        || bytes.get(ValueLayout.JAVA_BYTE, 2) != 'U'
        || bytes.get(ValueLayout.JAVA_BYTE, 3) != 'F') {
      throw ModelBytes.notGguf(bytes, file);
    }
    GgufCursor cursor = new GgufCursor(bytes, file, ByteOrder.LITTLE_ENDIAN, 4);
    long version = cursor.uint32("the version");
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    // The version is small, so that low zeros tell a file of the other byte order (as gguf.cpp).
    if (version != 0 && (version & 0xffff) == 0) {
      order = ByteOrder.BIG_ENDIAN;
      version = Integer.toUnsignedLong(Integer.reverseBytes((int) version));
    }
    checkVersion(version, file);
    cursor = new GgufCursor(bytes, file, order, 8);
    long tensorCount = cursor.count("its number of tensors", 24);
    long keyCount = cursor.count("its number of metadata pairs", 13);
    GgufMetadata metadata = GgufMetadata.parse(bytes, order, cursor, keyCount);
    long alignment = alignment(metadata, file);

    List<Tensor> records = records(cursor, tensorCount);
    long dataStart = roundUp(cursor.position(), alignment);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Tensor record : records) {
      Tensor tensor = placed(record, dataStart, alignment, bytes.byteSize(), file);
      if (tensors.putIfAbsent(tensor.name(), tensor) != null) {
        throw new FormatException(
            "gguf-duplicate-tensor",
            "a tensor of a GGUF file is there twice",
            "tensor " + Quoted.of(tensor.name()) + " in " + file,
            "each name once",
            FETCH);
      }
    }
    long dataEnd = checkOverlap(tensors, dataStart, file);
    return new GgufPart(
        file,
        bytes,
        (int) version,
        order,
        metadata,
        alignment,
        tensors,
        dataStart,
        Math.min(dataEnd, bytes.byteSize()));
  }

  private static void checkVersion(long version, String file) {
    if (version == 1) {
      throw new FormatException(
          "gguf-version-1",
          "GGUF version 1 is not read",
          file + " has version 1 (of August 2023)",
          "2 and 3",
          "fetch the model as a newer GGUF, or convert it again");
    }
    if (version != 2 && version != 3) {
      throw new FormatException(
          "gguf-unknown-version",
          "a GGUF file has a version that is not known",
          file + " has version " + version,
          "2 and 3",
          "the file is damaged, or newer than this program");
    }
  }

  private static long alignment(GgufMetadata metadata, String file) {
    long alignment = metadata.findInteger("general.alignment").orElse((long) DEFAULT_ALIGNMENT);
    if (alignment <= 0 || alignment > LARGEST_ALIGNMENT || Long.bitCount(alignment) != 1) {
      throw new FormatException(
          "gguf-bad-alignment",
          "the alignment of a GGUF file must be a power of 2",
          "general.alignment=" + alignment + " in " + file,
          "1, 2, 4 ... " + LARGEST_ALIGNMENT,
          FETCH);
    }
    return alignment;
  }

  private static List<Tensor> records(GgufCursor cursor, long count) {
    List<Tensor> records = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      cursor.inside("tensor record " + i);
      String name = cursor.string("the name", LONGEST_NAME);
      cursor.inside("tensor " + Quoted.of(name));
      long rank = cursor.uint32("the number of dimensions");
      if (rank > HIGHEST_RANK) {
        throw new FormatException(
            "gguf-bad-rank",
            "a tensor of a GGUF file has too many dimensions",
            cursor.place() + " has " + rank,
            "0 to " + HIGHEST_RANK,
            FETCH);
      }
      long[] dims = new long[(int) rank];
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        dims[axis] = cursor.int64("a dimension");
      }
      long typeId = cursor.uint32("the type");
      long offset = cursor.int64("the offset");
      records.add(record(cursor, name, dims, typeId, offset));
    }
    return records;
  }

  /** A record whose type and shape were checked; {@code offset} is still relative. */
  private static Tensor record(
      GgufCursor cursor, String name, long[] dims, long typeId, long offset) {
    String where = "tensor " + Quoted.of(name) + " in " + cursor.file();
    DType type =
        DType.fromId(typeId)
            .orElseThrow(() ->
                new FormatException(
                    "gguf-unknown-tensor-type",
                    "a tensor has a type that is not known",
                    where + " has type " + typeId,
                    Stream.of(DType.values()).map(DType::name).collect(Collectors.joining(", ")),
                    "fetch the model in another quantisation, such as Q4_K_M or Q8_0"));
    for (long dim : dims) {
      if (dim <= 0) {
        throw new FormatException(
            "gguf-bad-dimension",
            "a dimension of a tensor is not positive",
            where + " has a dimension of " + Long.toUnsignedString(dim),
            "1 to 2^63-1",
            FETCH);
      }
    }
    Shape shape;
    long size;
    try {
      shape = Shape.of(dims);
      size = Math.multiplyExact(type.bytesFor(shape.columns()), shape.rows());
    } catch (TensorException e) {
      boolean partial = e.code().equals("tensor-partial-block");
      throw new FormatException(
          partial ? "gguf-partial-block" : "gguf-tensor-too-large",
          partial ? "a tensor's row is no whole number of blocks" : "a tensor's size overflows",
          where + " has shape " + java.util.Arrays.toString(dims) + " of type " + type,
          e.allowed(),
          FETCH);
    } catch (ArithmeticException e) {
      throw new FormatException(
          "gguf-tensor-too-large",
          "a tensor's size overflows",
          where + " has shape " + java.util.Arrays.toString(dims) + " of type " + type,
          "at most 2^63-1 bytes",
          FETCH);
    }
    return new Tensor(name, type, shape, offset, size);
  }

  private static Tensor placed(
      Tensor record, long dataStart, long alignment, long fileBytes, String file) {
    String where =
        "tensor "
            + Quoted.of(record.name())
            + " in "
            + file
            + " has offset "
            + Long.toUnsignedString(record.offset())
            + " and "
            + record.size()
            + " bytes";
    if (record.offset() < 0 || record.offset() % alignment != 0) {
      throw new FormatException(
          "gguf-bad-offset",
          "a tensor does not begin where it may",
          where,
          "multiples of the alignment, " + alignment,
          FETCH);
    }
    long room = fileBytes - dataStart;
    if (record.size() > room || record.offset() > room - record.size()) {
      throw new FormatException(
          "gguf-tensor-outside",
          "a tensor reaches beyond the end of its file",
          where,
          Math.max(0, room) + " bytes of data in a file of " + fileBytes,
          "the file is cut short; fetch it again");
    }
    return new Tensor(
        record.name(), record.type(), record.shape(), dataStart + record.offset(), record.size());
  }

  private static long checkOverlap(Map<String, Tensor> tensors, long dataStart, String file) {
    List<Tensor> byOffset = new ArrayList<>(tensors.values());
    byOffset.sort(Comparator.comparingLong(Tensor::offset));
    long end = dataStart;
    String last = "";
    for (Tensor tensor : byOffset) {
      if (tensor.offset() < end) {
        throw new FormatException(
            "gguf-tensors-overlap",
            "two tensors of a GGUF file share bytes",
            "tensors " + Quoted.of(last) + " and " + Quoted.of(tensor.name()) + " in " + file,
            "each byte to one tensor",
            FETCH);
      }
      end = tensor.offset() + tensor.size();
      last = tensor.name();
    }
    return end;
  }

  private static long roundUp(long value, long alignment) {
    return (value + alignment - 1) & -alignment;
  }
}
