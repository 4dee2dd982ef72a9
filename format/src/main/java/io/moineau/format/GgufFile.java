package io.moineau.format;

import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * A GGUF model, mapped into memory: its metadata and its tensors, which lie where the file has
 * them.
 *
 * <p>Opening reads the header only. Everything in it is checked before use, so that a damaged or
 * hostile file gives a {@link FormatException} and nothing else; what remains is a file that is cut
 * short by another process while it is open, which the JVM reports as an {@link InternalError} at
 * the access. A model split over several files is one {@code GgufFile}, whichever part was named.
 *
 * <p>Immutable; safe for several threads until {@link #close}.
 */
public final class GgufFile implements AutoCloseable {
  private final Arena arena;
  private final List<Path> files;
  private final List<GgufPart> parts;
  private final Map<String, TensorView> tensors;
  private final boolean copied;

  private GgufFile(Arena arena, List<Path> files, List<GgufPart> parts) {
    this.arena = arena;
    this.files = List.copyOf(files);
    this.parts = List.copyOf(parts);
    Map<String, TensorView> views = new LinkedHashMap<>();
    boolean anyCopied = false;
    for (GgufPart part : parts) {
      boolean swap = part.order() == ByteOrder.BIG_ENDIAN;
      for (GgufPart.Tensor tensor : part.tensors().values()) {
        MemorySegment data = part.bytes().asSlice(tensor.offset(), tensor.size());
        if (swap && BlockSwap.isNeeded(tensor.type())) {
          data = BlockSwap.toLittleEndian(tensor.name(), tensor.type(), data, arena);
          anyCopied = true;
        }
        TensorView view = new TensorView(tensor.name(), tensor.type(), tensor.shape(), data);
        if (views.putIfAbsent(tensor.name(), view) != null) {
          throw new FormatException(
              "gguf-duplicate-tensor",
              "a tensor of a split model is there twice",
              "tensor " + Quoted.of(tensor.name()) + ", again in " + part.file(),
              "each name once",
              "parts of different models were mixed; fetch all parts again");
        }
      }
    }
    this.tensors = Collections.unmodifiableMap(views);
    this.copied = anyCopied;
  }

  /**
   * Opens a model; of a split one, all parts, from the name of any.
   *
   * @throws FormatException {@code file-...} if a file cannot be opened or is of another kind,
   *     {@code gguf-...} for each fault of the content, {@code gguf-split-...} if the parts do not
   *     belong together or one is missing
   */
  public static GgufFile open(Path path) {
    Arena arena = Arena.ofShared();
    try {
      GgufPart named = GgufPart.parse(ModelBytes.map(path, arena), path.toString());
      if (SplitParts.count(named) <= 1) {
        return new GgufFile(arena, List.of(path), List.of(named));
      }
      List<Path> paths = SplitParts.paths(path, named);
      List<GgufPart> parts = new ArrayList<>();
      for (Path part : paths) {
        parts.add(
            part.equals(path)
                ? named
                : GgufPart.parse(ModelBytes.map(part, arena), part.toString()));
      }
      SplitParts.check(parts);
      return new GgufFile(arena, paths, parts);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Reads a model of one file that is in memory already, as a fuzzer has it; the memory must
   * outlive the result, which is closed like any other.
   *
   * @param name what errors call it
   */
  public static GgufFile parse(MemorySegment bytes, String name) {
    Arena arena = Arena.ofShared();
    try {
      GgufPart part = GgufPart.parse(bytes.asReadOnly(), name);
      if (SplitParts.count(part) > 1) {
        throw new FormatException(
            "gguf-split-in-memory",
            "one part of a split model is not a whole model",
            name,
            "a model in one file",
            "open it by its path");
      }
      return new GgufFile(arena, List.of(Path.of(name)), List.of(part));
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /** The file; of a split model, its first. */
  public Path path() {
    return files.getFirst();
  }

  /** All files of the model, in order. */
  public List<Path> files() {
    return files;
  }

  /** Version of the format: 2 or 3. */
  public int version() {
    return parts.getFirst().version();
  }

  /** Byte order of the file; tensors in memory are little-endian always. */
  public ByteOrder byteOrder() {
    return parts.getFirst().order();
  }

  /** Whether weights had to be copied, since their byte order is not this machine's. */
  public boolean isCopied() {
    return copied;
  }

  /**
   * The whole of each file as it is mapped, read-only: to advise the system about its pages. Of a
   * file that was parsed from memory, that memory.
   */
  public List<MemorySegment> mappings() {
    return parts.stream().map(GgufPart::bytes).toList();
  }

  /**
   * The same model with its tensors in copies of the files, as {@link #mappings} lists them. It
   * needs no closing of its own; its metadata live as long as this does.
   */
  public GgufFile at(List<MemorySegment> copies) {
    List<GgufPart> moved = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      moved.add(parts.get(i).at(copies.get(i).asReadOnly()));
    }
    return new GgufFile(arena, files, moved);
  }

  /** Bytes of all files. */
  public long fileBytes() {
    long bytes = 0;
    for (GgufPart part : parts) {
      bytes += part.bytes().byteSize();
    }
    return bytes;
  }

  /** Bytes of all tensors. */
  public long tensorBytes() {
    long bytes = 0;
    for (TensorView tensor : tensors.values()) {
      bytes += tensor.data().byteSize();
    }
    return bytes;
  }

  /** To how many bytes tensors are aligned in the file. */
  public long alignment() {
    return parts.getFirst().alignment();
  }

  /** The metadata; of a split model, those of its first file. */
  public GgufMetadata metadata() {
    return parts.getFirst().metadata();
  }

  /** The tensors by name, in the order of the files. */
  public Map<String, TensorView> tensors() {
    return tensors;
  }

  /** The tensor of this name, or empty. */
  public Optional<TensorView> find(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /**
   * The tensor of this name.
   *
   * @throws FormatException {@code gguf-missing-tensor} if there is none
   */
  public TensorView tensor(String name) {
    TensorView tensor = tensors.get(name);
    if (tensor == null) {
      throw new FormatException(
          "gguf-missing-tensor",
          "a tensor that the model needs is missing",
          "tensor " + Quoted.of(name) + " in " + path(),
          "",
          "the file is no whole model, or of another layout; fetch or convert it again");
    }
    return tensor;
  }

  /**
   * Looks for damage that the header does not show, by reading all weights: values and scales that
   * are no numbers, tensors of zeros only, bytes that belong to nothing.
   *
   * @param progress told the number of tensor bytes read so far, of {@link #tensorBytes}
   * @return what was found, empty for a sound file
   */
  public List<GgufFinding> check(LongConsumer progress) {
    return GgufCheck.run(parts, tensors.values(), progress);
  }

  /** Unmaps the file; its tensors must not be used after. A second call does nothing. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
