package io.moineau.format;

import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongConsumer;

/** The scan behind {@link GgufFile#check}: reads every weight once. */
final class GgufCheck {
  /** Bytes between two words of progress, about; a whole number of blocks is taken. */
  private static final long STRIDE = 16L << 20;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final List<GgufFinding> findings = new ArrayList<>();
  private final LongConsumer progress;
  private long done;

  private GgufCheck(LongConsumer progress) {
    this.progress = progress;
  }

  static List<GgufFinding> run(
      List<GgufPart> parts, Collection<TensorView> tensors, LongConsumer progress) {
    GgufCheck check = new GgufCheck(progress);
    for (GgufPart part : parts) {
      check.checkFile(part);
    }
    for (TensorView tensor : tensors) {
      check.checkTensor(tensor);
    }
    return List.copyOf(check.findings);
  }

  private void checkFile(GgufPart part) {
    long after = part.bytes().byteSize() - part.dataEnd();
    if (after >= part.alignment()) {
      add(
          GgufFinding.Severity.NOTE,
          "trailing-bytes",
          part.file(),
          after + " bytes after the last tensor belong to nothing");
    }
    long used = 0;
    for (GgufPart.Tensor tensor : part.tensors().values()) {
      used += (tensor.size() + part.alignment() - 1) / part.alignment() * part.alignment();
    }
    long gaps = part.dataEnd() - part.dataStart() - used;
    if (gaps > 0) {
      add(
          GgufFinding.Severity.NOTE,
          "gaps",
          part.file(),
          gaps + " bytes between tensors belong to nothing");
    }
  }

  private void checkTensor(TensorView tensor) {
    DType type = tensor.type();
    MemorySegment data = tensor.data();
    long stride = Math.max(1, STRIDE / type.blockBytes()) * type.blockBytes();
    long bad = 0;
    boolean zero = true;
    for (long at = 0; at < data.byteSize(); at += stride) {
      MemorySegment chunk = data.asSlice(at, Math.min(stride, data.byteSize() - at));
      bad += notFinite(type, chunk);
      zero = zero && isZero(chunk);
      done += chunk.byteSize();
      progress.accept(done);
    }
    String subject = "tensor " + Quoted.of(tensor.name());
    if (bad > 0) {
      String of = type.isQuantized() ? " block scales" : " values";
      add(
          GgufFinding.Severity.DAMAGE,
          "not-finite",
          subject,
          bad + of + " of type " + type + " are NaN or infinite");
    }
    // A bias of zeros is common; a matrix of zeros is not.
    if (zero && tensor.shape().rank() > 1) {
      add(
          GgufFinding.Severity.WARNING,
          "all-zero",
          subject,
          "all " + data.byteSize() + " bytes are zero");
    }
  }

  private void add(GgufFinding.Severity severity, String code, String subject, String detail) {
    findings.add(new GgufFinding(severity, code, subject, detail));
  }

  private static boolean isZero(MemorySegment data) {
    long words = data.byteSize() & ~7L;
    for (long at = 0; at < words; at += 8) {
      if (data.get(LONG, at) != 0) {
        return false;
      }
    }
    for (long at = words; at < data.byteSize(); at++) {
      if (data.get(ValueLayout.JAVA_BYTE, at) != 0) {
        return false;
      }
    }
    return true;
  }

  /** How many values, or scales of blocks, have all bits of the exponent set. */
  private static long notFinite(DType type, MemorySegment data) {
    return switch (type) {
      case F32 -> count32(data, 4);
      case Q8_K -> count32(data, type.blockBytes());
      case F64 -> count64(data);
      case F16 -> count16(data, 0, 2, 0x7c00);
      case BF16 -> count16(data, 0, 2, 0x7f80);
      default -> {
        long bad = 0;
        for (int offset : BlockLayout.of(type).halfScales()) {
          bad += count16(data, offset, type.blockBytes(), 0x7c00);
        }
        yield bad;
      }
    };
  }

  private static long count16(MemorySegment data, int offset, int step, int exponent) {
    long bad = 0;
    for (long at = offset; at < data.byteSize(); at += step) {
      bad += (data.get(SHORT, at) & exponent) == exponent ? 1 : 0;
    }
    return bad;
  }

  private static long count32(MemorySegment data, int step) {
    long bad = 0;
    for (long at = 0; at < data.byteSize(); at += step) {
      bad += (data.get(INT, at) & 0x7f800000) == 0x7f800000 ? 1 : 0;
    }
    return bad;
  }

  private static long count64(MemorySegment data) {
    long exponent = 0x7ff0L << 48;
    long bad = 0;
    for (long at = 0; at < data.byteSize(); at += 8) {
      bad += (data.get(LONG, at) & exponent) == exponent ? 1 : 0;
    }
    return bad;
  }
}
