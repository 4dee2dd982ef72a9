package io.moineau.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * Opens a file of weights and maps it into memory, read-only and whole, or says why it cannot be.
 */
final class ModelBytes {
  private static final int SNIFFED = 512;

  private ModelBytes() {}

  /**
   * The bytes of a file, mapped for as long as {@code arena} lives.
   *
   * @throws FormatException {@code file-missing}, {@code file-is-directory}, {@code
   *     file-not-regular}, {@code file-empty}, {@code file-not-readable}
   */
  static MemorySegment map(Path path, Arena arena) {
    return map(path, arena, "GGUF");
  }

  /** The same for a file of another kind, which errors name. */
  static MemorySegment map(Path path, Arena arena, String kind) {
    String wanted = "a " + kind + " file";
    if (Files.isDirectory(path)) {
      throw new FormatException(
          "file-is-directory",
          "a folder was named where a model file is needed",
          path.toString(),
          wanted,
          "name the file in it; of a split model, the part -00001-of-");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new FormatException(
          "file-not-regular",
          "a model must be a plain file, so that it can be mapped into memory",
          path.toString(),
          wanted + " on a disk, no pipe or device",
          "save it to a file first");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size == 0) {
        throw new FormatException(
            "file-empty",
            "a model file is empty",
            path + " has 0 bytes",
            wanted,
            "the download may have failed; fetch it again");
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
    } catch (NoSuchFileException e) {
      throw new FormatException(
          "file-missing",
          "there is no such file",
          path.toAbsolutePath().toString(),
          "",
          "check the path");
    } catch (AccessDeniedException e) {
      throw unreadable(path, "permission denied");
    } catch (IOException | OutOfMemoryError e) {
      throw unreadable(path, String.valueOf(e.getMessage()));
    }
  }

  private static FormatException unreadable(Path path, String why) {
    return new FormatException(
        "file-not-readable",
        "a model file cannot be read",
        path + " (" + why + ")",
        "a file that this user may read",
        "check its owner and permissions, and the disk");
  }

  /** The error for a file that does not begin as GGUF does: what it seems to be instead. */
  static FormatException notGguf(MemorySegment bytes, String file) {
    byte[] head =
        bytes.asSlice(0, Math.min(SNIFFED, bytes.byteSize())).toArray(ValueLayout.JAVA_BYTE);
    String text = new String(head, StandardCharsets.ISO_8859_1);
    String[] seems = seems(text, bytes.byteSize());
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < Math.min(4, head.length); i++) {
      hex.append(String.format(Locale.ROOT, i == 0 ? "%02x" : " %02x", head[i]));
    }
    return new FormatException(
        "file-not-gguf",
        "this is no GGUF file",
        file + " begins with bytes " + hex + " and seems to be " + seems[0],
        "a file that begins with GGUF",
        seems[1]);
  }

  private static String[] seems(String head, long size) {
    String lower = head.stripLeading().toLowerCase(Locale.ROOT);
    String convert =
        "convert it with llama.cpp's convert_hf_to_gguf.py, or fetch a GGUF of the model";
    if (head.startsWith("version https://git-lfs")) {
      return seems("a git-lfs pointer, not the file itself", "run `git lfs pull` in its folder");
    }
    if (lower.startsWith("<!doctype") || lower.startsWith("<html") || lower.startsWith("<?xml")) {
      return seems(
          "a web page", "the download fetched a page in place of the file; fetch it again");
    }
    if (head.startsWith("lmgg") || head.startsWith("fmgg") || head.startsWith("tjgg")) {
      return seems("a legacy GGML file (GGML, GGMF or GGJT)", "fetch the model as GGUF");
    }
    if (head.startsWith("PK\u0003\u0004")) {
      return seems("a zip archive or a PyTorch checkpoint", convert);
    }
    if (head.startsWith("\u0080\u0002") || head.startsWith("\u0080\u0004")) {
      return seems("a Python pickle (an old PyTorch checkpoint)", convert);
    }
    if (head.startsWith("\u001f\u008b")) {
      return seems("a gzip archive", "unpack it with gunzip first");
    }
    if (head.startsWith("\u0028\u00b5\u002f\u00fd")) {
      return seems("a zstd archive", "unpack it with zstd -d first");
    }
    if (head.startsWith("FUGG")) {
      return seems("a GGUF file with its bytes turned round", "fetch the model again");
    }
    if (isSafetensors(head, size)) {
      return seems("a safetensors file", convert);
    }
    if (lower.startsWith("{") || lower.startsWith("[")) {
      return seems("JSON text", "name the GGUF file of the model");
    }
    return seems("of no kind that is known here", "name a GGUF file");
  }

  private static String[] seems(String kind, String action) {
    return new String[] {kind, action};
  }

  /** Safetensors begins with the length of its JSON header, in 8 bytes. */
  private static boolean isSafetensors(String head, long size) {
    if (head.length() < 10 || head.charAt(8) != '{') {
      return false;
    }
    long length = 0;
    for (int i = 7; i >= 0; i--) {
      length = length << 8 | head.charAt(i);
    }
    return length > 0 && length <= size - 8;
  }
}
