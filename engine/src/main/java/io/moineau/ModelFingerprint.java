package io.moineau;

import io.moineau.format.GgufFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Tells models apart whose keys and values must not be mixed: by the beginning of each file, which
 * has its metadata and the places of its tensors, and by samples of the rest, since reading some
 * hundred gigabytes at every start would take longer than what is saved.
 */
final class ModelFingerprint {
  private static final int BEGINNING = 1 << 20;
  private static final int SAMPLES = 256;
  private static final int SAMPLE = 4096;

  private final MessageDigest digest;

  private ModelFingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * 32 bytes.
   *
   * @param settings what else changes keys and values, such as their type
   */
  static byte[] of(GgufFile file, ModelOptions options, String settings) {
    ModelFingerprint fingerprint = new ModelFingerprint();
    file.mappings().forEach(fingerprint::add);
    for (LoraOption adapter : options.adapters()) {
      fingerprint.add(adapter);
    }
    fingerprint.add(settings);
    return fingerprint.digest.digest();
  }

  private void add(MemorySegment file) {
    add("file of " + file.byteSize());
    digest.update(file.asSlice(0, Math.min(BEGINNING, file.byteSize())).asByteBuffer());
    long step = Math.max(SAMPLE, file.byteSize() / SAMPLES);
    for (long at = 0; at + SAMPLE <= file.byteSize(); at += step) {
      digest.update(file.asSlice(at, SAMPLE).asByteBuffer());
    }
  }

  private void add(LoraOption adapter) {
    try {
      add(
          "adapter "
              + adapter.file().toAbsolutePath()
              + Files.getLastModifiedTime(adapter.file())
              + " x "
              + adapter.scale());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }
}
