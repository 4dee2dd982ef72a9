package io.moineau.engine.prefix;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One block as it stands in a file, in memory that is used again: {@code magic u64, identity
 * [32]u8, hash u64, numTokens u32, payloadBytes u64, tokens [numTokens]u32, payload, crc32c u32},
 * little endian; the checksum is over all before it.
 *
 * <p>Used by one thread at a time.
 */
public final class BlockImage {
  private static final long MAGIC = 0x31564b4e494f4dL; // "MOINKV1"
  private static final int IDENTITY_BYTES = 32;
  private static final int HEADER_BYTES = 8 + IDENTITY_BYTES + 8 + 4 + 8;

  private final byte[] identity;
  private final int numTokens;
  private final long payloadBytes;
  private final ByteBuffer bytes;
  private final MemorySegment payload;
  private final int[] tokens;
  private long hash;
  private boolean valid;
  @Nullable PendingLoad load;

  BlockImage(byte[] identity, int numTokens, long payloadBytes) {
    this.identity = identity;
    this.numTokens = numTokens;
    this.payloadBytes = payloadBytes;
    this.tokens = new int[numTokens];
    bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(fileBytes(numTokens, payloadBytes)))
            .order(ByteOrder.LITTLE_ENDIAN);
    payload = MemorySegment.ofBuffer(bytes).asSlice(HEADER_BYTES + 4L * numTokens, payloadBytes);
  }

  /** Bytes of a file. */
  static long fileBytes(int numTokens, long payloadBytes) {
    return HEADER_BYTES + 4L * numTokens + payloadBytes + 4;
  }

  /** Keys and values, {@code [payloadBytes]}: to be filled before a write, or read. */
  public MemorySegment payload() {
    return payload;
  }

  /** The tokens of the block: to be filled before a write, or read. */
  public int[] tokens() {
    return tokens;
  }

  /** The hash that the block is found by. */
  public long hash() {
    return hash;
  }

  /** Sets the hash that the block will be found by. */
  public void setHash(long value) {
    hash = value;
  }

  /** Whether a read found what it was to find. */
  public boolean isValid() {
    return valid;
  }

  private int checksum() {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate().position(0).limit(bytes.capacity() - 4));
    return (int) crc.getValue();
  }

  /** Writes the file in one move: whoever finds it finds the whole. */
  void write(Path file) throws IOException {
    bytes.clear();
    bytes.putLong(MAGIC).put(identity).putLong(hash).putInt(numTokens).putLong(payloadBytes);
    for (int token : tokens) {
      bytes.putInt(token);
    }
    bytes.putInt(bytes.capacity() - 4, checksum());
    bytes.clear();
    Path unfinished = file.resolveSibling(file.getFileName() + PrefixStore.UNFINISHED);
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Reads a file; tells what is wrong with it, or nothing. */
  String read(Path file, long expectedHash) throws IOException {
    valid = false;
    hash = expectedHash;
    bytes.clear();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != bytes.capacity()) {
        return channel.size() + " bytes instead of " + bytes.capacity();
      }
      boolean more = true;
      while (more && bytes.hasRemaining()) {
        more = channel.read(bytes) >= 0;
      }
    }
    bytes.clear();
    if (bytes.getInt(bytes.capacity() - 4) != checksum()) {
      return "a wrong checksum";
    }
    byte[] found = new byte[IDENTITY_BYTES];
    boolean mine = bytes.getLong() == MAGIC;
    bytes.get(found);
    mine &= Arrays.equals(found, identity) && bytes.getLong() == expectedHash;
    if (!mine || bytes.getInt() != numTokens || bytes.getLong() != payloadBytes) {
      return "another model's or another block's contents";
    }
    for (int i = 0; i < numTokens; i++) {
      tokens[i] = bytes.getInt();
    }
    valid = true;
    return "";
  }

  void fail() {
    valid = false;
  }
}
