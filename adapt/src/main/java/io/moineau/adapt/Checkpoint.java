package io.moineau.adapt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * All that a training needs to go on bit for bit: where it is, weights and moments.
 *
 * <p>A checkpoint is written beside its name, forced to disk and moved there, so that there always
 * is a whole one; a checksum tells damage. It is a function of recipe, data, seed and step alone.
 *
 * @param step steps done
 * @param epoch pass over the data
 * @param entry document within the pass
 * @param offset token within the document
 * @param recipe checksum of the recipe's text
 * @param data checksum of the tokens
 */
record Checkpoint(int step, int epoch, int entry, int offset, long recipe, long data) {
  private static final long MAGIC = 0x4d4f494e45415531L; // "MOINEAU1"
  private static final int HEAD = 64;
  private static final int CHUNK = 1 << 20;

  void write(Path file, float[]... arrays) {
    Path passing = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(
              passing,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        CRC32C crc = new CRC32C();
        ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(MAGIC).putInt(step).putInt(epoch).putInt(entry).putInt(offset);
        head.putLong(recipe).putLong(data).putInt(arrays[0].length).rewind();
        put(channel, crc, head);
        ByteBuffer chunk = ByteBuffer.allocateDirect(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (float[] array : arrays) {
          for (int at = 0; at < array.length; at += CHUNK) {
            int n = Math.min(CHUNK, array.length - at);
            chunk.clear().limit(4 * n);
            chunk.asFloatBuffer().put(array, at, n);
            put(channel, crc, chunk);
          }
        }
        ByteBuffer tail = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        tail.putLong(crc.getValue()).flip();
        while (tail.hasRemaining()) {
          channel.write(tail);
        }
        channel.force(true);
      }
      Files.move(
          passing, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      delete(passing);
      throw new AdaptException(
          "train-checkpoint-failed",
          "a checkpoint cannot be written; the one before is as it was",
          file + " (" + e.getMessage() + ")",
          "room for " + (HEAD + 4L * arrays.length * arrays[0].length) + " bytes more",
          "free some space, then go on with --resume");
    }
  }

  private static void delete(Path passing) {
    try {
      Files.deleteIfExists(passing);
    } catch (IOException e) {
      // What failed before is what the user must hear of.
      return;
    }
  }

  private static void put(FileChannel channel, CRC32C crc, ByteBuffer bytes) throws IOException {
    crc.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Reads a checkpoint into arrays of the sizes that it has. */
  static Checkpoint read(Path file, float[]... arrays) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      CRC32C crc = new CRC32C();
      ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
      fill(file, channel, crc, head);
      if (head.getLong() != MAGIC) {
        throw damaged(file, "it does not begin as one");
      }
      Checkpoint checkpoint =
          new Checkpoint(
              head.getInt(),
              head.getInt(),
              head.getInt(),
              head.getInt(),
              head.getLong(),
              head.getLong());
      int length = head.getInt();
      if (length != arrays[0].length) {
        throw damaged(file, "it has " + length + " weights and not " + arrays[0].length);
      }
      ByteBuffer chunk = ByteBuffer.allocateDirect(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
      for (float[] array : arrays) {
        for (int at = 0; at < array.length; at += CHUNK) {
          int n = Math.min(CHUNK, array.length - at);
          chunk.clear().limit(4 * n);
          fill(file, channel, crc, chunk);
          FloatBuffer floats = chunk.asFloatBuffer();
          floats.get(array, at, n);
        }
      }
      long expected = crc.getValue();
      ByteBuffer tail = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      fill(file, channel, new CRC32C(), tail);
      if (tail.getLong() != expected) {
        throw damaged(file, "its checksum is wrong");
      }
      return checkpoint;
    } catch (IOException e) {
      throw damaged(file, String.valueOf(e.getMessage()));
    }
  }

  private static void fill(Path file, FileChannel channel, CRC32C crc, ByteBuffer bytes)
      throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw damaged(file, "it ends too soon");
      }
    }
    bytes.flip();
    crc.update(bytes.duplicate());
  }

  private static AdaptException damaged(Path file, String why) {
    return new AdaptException(
        "train-bad-checkpoint",
        "a checkpoint cannot be used",
        file + ": " + why,
        "one that this recipe's training wrote",
        "delete the run's folder to begin anew");
  }
}
