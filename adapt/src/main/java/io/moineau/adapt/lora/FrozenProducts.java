package io.moineau.adapt.lora;

import io.moineau.adapt.block.Workers;
import io.moineau.kernels.RowDecoder;
import io.moineau.kernels.dense.DenseProducts;
import io.moineau.kernels.dense.Factors;
import java.util.ArrayList;
import java.util.List;

/**
 * Products with weights of a file, several at once.
 *
 * <p>Rows are decoded into one buffer of a few megabytes, multiplied with, and forgotten: a float
 * copy of a model of 30 billion parameters would be 120 GB. What decoding costs does not depend on
 * the number of tokens, products do: with some hundred tokens it is the smaller part.
 *
 * <p>How rows are cut depends on shapes only, so results do not depend on the number of threads.
 */
final class FrozenProducts {
  /** Floats of the buffer; more only where a single row has more. */
  static final int BUFFER = 1 << 20;

  /** A product is not cut for the sake of fewer rows than these. */
  private static final int LEAST_ROWS = 64;

  /** Floats that a thread decodes at a time. */
  private static final int PIECE = 1 << 13;

  private record Job(
      FrozenWeight weight,
      Factors factors,
      boolean transposed,
      int tokens,
      float[] left,
      int leftAt,
      int leftRow,
      float[] result,
      int resultAt,
      int resultRow,
      boolean add) {}

  private record Slice(Job job, int row, int rows, int at) {
    /** Where results go begins here. */
    int target() {
      return job.transposed ? job.resultAt : job.resultAt + row;
    }
  }

  private final Workers workers;
  private final int buffer;
  private final List<Job> jobs = new ArrayList<>();
  private final List<Slice> slices = new ArrayList<>();
  private float[] decoded = new float[0];
  private int used;
  private final RowDecoder[] decoders; // by thread
  private Factors factors;
  private int[] pieces = new int[0]; // [slice, from row, rows]

  /** Products whose weights are decoded so many floats at a time. */
  FrozenProducts(Workers workers, int buffer) {
    this.workers = workers;
    this.buffer = buffer;
    factors = workers.factors();
    decoders = new RowDecoder[workers.threads()];
    for (int i = 0; i < decoders.length; i++) {
      decoders[i] = new RowDecoder();
    }
  }

  /**
   * Says whether what is queued from now on is computed in floats whatever the other products are.
   */
  void exact(boolean exact) {
    factors = exact ? Factors.FLOAT32 : workers.factors();
  }

  /**
   * Queues {@code y[t][r] (+)= sum over c of w[r][c] * x[t][c]}: a linear layer.
   *
   * @param xRow floats from one row of x to the next
   * @param yRow floats from one row of y to the next
   */
  void forward(
      FrozenWeight w,
      int tokens,
      float[] x,
      int xAt,
      int xRow,
      float[] y,
      int yAt,
      int yRow,
      boolean add) {
    queue(new Job(w, factors, false, tokens, x, xAt, xRow, y, yAt, yRow, add));
  }

  /**
   * Queues {@code y[t][c] (+)= sum over r of w[r][c] * x[t][r]}: a linear layer's gradient to its
   * input, or a layer whose matrix is stored on its side.
   */
  void transposed(
      FrozenWeight w,
      int tokens,
      float[] x,
      int xAt,
      int xRow,
      float[] y,
      int yAt,
      int yRow,
      boolean add) {
    queue(new Job(w, factors, true, tokens, x, xAt, xRow, y, yAt, yRow, add));
  }

  private void queue(Job job) {
    if (job.tokens > 0) {
      jobs.add(job);
    }
  }

  /** Bytes of the buffer, and of the panels that it is packed into. */
  long bytes() {
    return 2 * 4L * buffer;
  }

  /** Computes what was queued, and forgets it. Products that add to the same are done in order. */
  void run() {
    for (Job job : jobs) {
      int row = 0;
      while (row < job.weight.rows()) {
        int left = job.weight.rows() - row;
        int columns = job.weight.columns();
        int room = (buffer - used) / columns;
        Slice slice =
            new Slice(job, row, Math.min(left, slices.isEmpty() ? atLeast1(room) : room), used);
        boolean cramped = slice.rows < Math.min(left, LEAST_ROWS);
        if (!slices.isEmpty() && (cramped || meetsAnother(slice))) {
          multiply();
          continue;
        }
        slices.add(slice);
        used += slice.rows * columns;
        row += slice.rows;
      }
    }
    multiply();
    jobs.clear();
  }

  private static int atLeast1(int rows) {
    return Math.max(1, rows);
  }

  private boolean meetsAnother(Slice slice) {
    for (Slice other : slices) {
      if (other.job.result == slice.job.result && other.target() == slice.target()) {
        return true;
      }
    }
    return false;
  }

  private void multiply() {
    if (slices.isEmpty()) {
      return;
    }
    if (decoded.length < used) {
      decoded = new float[Math.max(used, buffer)];
    }
    workers.pieces(cut(), this::decode);
    DenseProducts products = workers.products();
    for (Slice slice : slices) {
      Job job = slice.job;
      int columns = job.weight.columns();
      if (job.transposed) {
        products
            .add()
            .factors(job.factors)
            .shape(job.tokens, columns, slice.rows, job.add || slice.row > 0)
            .left(job.left, job.leftAt + slice.row, job.leftRow, 1)
            .right(decoded, slice.at, columns, 1)
            .result(job.result, slice.target(), job.resultRow);
      } else {
        products
            .add()
            .factors(job.factors)
            .shape(job.tokens, slice.rows, columns, job.add)
            .left(job.left, job.leftAt, job.leftRow, 1)
            .right(decoded, slice.at, 1, columns)
            .result(job.result, slice.target(), job.resultRow);
      }
    }
    products.run();
    slices.clear();
    used = 0;
  }

  private int cut() {
    int count = 0;
    for (int i = 0; i < slices.size(); i++) {
      Slice slice = slices.get(i);
      int rows = Math.max(1, PIECE / slice.job.weight.columns());
      for (int row = 0; row < slice.rows; row += rows) {
        if (pieces.length < 3 * count + 3) {
          pieces = java.util.Arrays.copyOf(pieces, 2 * pieces.length + 192);
        }
        pieces[3 * count] = i;
        pieces[3 * count + 1] = row;
        pieces[3 * count + 2] = Math.min(rows, slice.rows - row);
        count++;
      }
    }
    return count;
  }

  private void decode(int piece, int thread) {
    Slice slice = slices.get(pieces[3 * piece]);
    int row = pieces[3 * piece + 1];
    FrozenWeight weight = slice.job.weight;
    weight.decode(
        decoders[thread],
        slice.row + row,
        pieces[3 * piece + 2],
        decoded,
        slice.at + row * weight.columns());
  }
}
