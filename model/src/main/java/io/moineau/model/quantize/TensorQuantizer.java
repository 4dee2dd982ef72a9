package io.moineau.model.quantize;

import io.moineau.kernels.KernelException;
import io.moineau.kernels.quant.BlockCodec;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.kernels.quant.BlockEncoder;
import io.moineau.model.ModelException;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Turns tensors into another weight type, a slab of rows at a time, each slab by all threads.
 *
 * <p>Memory stays at one slab whatever the tensor's size, and the bytes do not depend on the number
 * of threads, since a block depends on its own floats only.
 */
final class TensorQuantizer implements AutoCloseable {
  /** Receives the bytes of a tensor in order; a slab is valid during the call only. */
  interface Sink {
    /** Takes the next bytes. */
    void write(MemorySegment slab) throws IOException;
  }

  /** Changes a row before it is written. */
  interface RowChange {
    /** Row {@code row} of all dimensions but the fastest, as floats. */
    void apply(long row, float[] floats);
  }

  private static final long SLAB_ELEMENTS = 1 << 23;

  private final int threads;
  private final boolean measureError;
  private final ExecutorService team;

  /**
   * A team of its own threads.
   *
   * @param measureError whether {@link #quantize} also decodes what it wrote and compares
   */
  TensorQuantizer(int threads, boolean measureError) {
    this.threads = threads;
    this.measureError = measureError;
    this.team =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().name("quantize-", 0).factory());
  }

  /**
   * Writes {@code source} as {@code type}.
   *
   * @return the root mean square of the errors, NaN where it was not measured
   * @throws ModelException with the code of the {@link KernelException} that a row caused
   */
  double quantize(TensorView source, DType type, Sink sink) throws IOException {
    return quantize(source, type, (row, floats) -> {}, sink);
  }

  /** The same with each row changed before. */
  double quantize(TensorView source, DType type, RowChange change, Sink sink) throws IOException {
    BlockEncoder encoder = BlockCodecs.encoder(type);
    long rowBytes = type.bytesFor(source.columns());
    int columns = columns(source);
    long rows = source.rows();
    long slabRows = Math.clamp(SLAB_ELEMENTS / Math.max(1, columns), 1, Math.max(1, rows));
    double squares = 0;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment slab = arena.allocate(Math.max(1, slabRows * rowBytes), 64);
      for (long row = 0; row < rows; row += slabRows) {
        long count = Math.min(slabRows, rows - row);
        squares += slab(source, encoder, change, row, count, slab);
        sink.write(slab.asSlice(0, count * rowBytes));
      }
    }
    return measureError ? Math.sqrt(squares / Math.max(1, rows * columns)) : Double.NaN;
  }

  private static int columns(TensorView source) {
    if (source.columns() > Integer.MAX_VALUE / 8) {
      throw new ModelException(
          "quantize-row-too-long",
          "a tensor's rows are too long to be quantised",
          "tensor " + source.name() + " " + source.shape(),
          "rows of at most " + Integer.MAX_VALUE / 8,
          "keep the file as it is");
    }
    return (int) source.columns();
  }

  private double slab(
      TensorView source,
      BlockEncoder encoder,
      RowChange change,
      long firstRow,
      long count,
      MemorySegment slab) {
    int parts = (int) Math.min(threads, count);
    List<Future<Double>> pending = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      long from = count * part / parts;
      long to = count * (part + 1) / parts;
      pending.add(team.submit(() -> rows(source, encoder, change, firstRow, from, to, slab)));
    }
    double squares = 0;
    ModelException failure = null;
    for (Future<Double> future : pending) {
      // Every part is waited for, failed or not: all of them write to the slab.
      try {
        squares += future.get();
      } catch (ExecutionException e) {
        failure = failure == null ? failure(source, e.getCause()) : failure;
      } catch (InterruptedException e) {
        team.shutdownNow();
        Thread.currentThread().interrupt();
        throw new ModelException(
            "quantize-interrupted", "quantising was interrupted", source.name(), "", "");
      }
    }
    if (failure != null) {
      throw failure;
    }
    return squares;
  }

  /** Rows {@code from} to {@code to - 1} of a slab; returns the sum of squared errors. */
  private double rows(
      TensorView source,
      BlockEncoder encoder,
      RowChange change,
      long firstRow,
      long from,
      long to,
      MemorySegment slab) {
    BlockCodec decoder = BlockCodecs.of(source.type());
    int columns = (int) source.columns();
    long rowBytes = encoder.type().bytesFor(columns);
    float[] floats = new float[columns];
    float[] back = new float[measureError ? columns : 0];
    double squares = 0;
    for (long row = from; row < to; row++) {
      if (Thread.currentThread().isInterrupted()) {
        return squares;
      }
      decoder.dequantize(source.data(), (firstRow + row) * source.rowBytes(), floats, 0, columns);
      change.apply(firstRow + row, floats);
      try {
        encoder.quantize(floats, 0, slab, row * rowBytes, columns);
      } catch (KernelException e) {
        throw new ModelException(
            e.code(),
            e.what(),
            "tensor " + source.name() + ", row " + (firstRow + row) + ", " + e.where(),
            e.allowed(),
            e.action());
      }
      if (measureError) {
        encoder.dequantize(slab, row * rowBytes, back, 0, columns);
        for (int i = 0; i < columns; i++) {
          double error = (double) floats[i] - back[i];
          squares += error * error;
        }
      }
    }
    return squares;
  }

  private static ModelException failure(TensorView source, @Nullable Throwable cause) {
    if (cause instanceof ModelException failure) {
      return failure;
    }
    return new ModelException(
        "quantize-failed", "a tensor could not be quantised", source.name() + ": " + cause, "", "");
  }

  @Override
  public void close() {
    team.shutdownNow();
  }
}
