package io.moineau.kernels.x86;

import io.moineau.kernels.AttentionCall;
import io.moineau.kernels.AttentionShape;
import io.moineau.kernels.AttentionTile;
import io.moineau.kernels.PagedKv;
import io.moineau.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Attention of a tile of query rows, position by position in chunks with an online softmax (Milakov
 * and Gimelshein, arXiv 1805.02867; Dao et al., arXiv 2205.14135): one thread's part and its
 * memory. Keys and values of a chunk are turned into floats once for all rows.
 */
final class TileAttention implements AutoCloseable {
  private static final int CHUNK = 64; // positions; a multiple of what the code takes at once
  private static final float UNSEEN = -1e30f;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final AttentionCode code;
  private final int lanes;
  private final Arena fixed = Arena.ofShared();
  private final MemorySegment call = fixed.allocate(64, 64);
  private final MemorySegment list = fixed.allocate(8L * (CHUNK + AttentionCode.ROWS_AHEAD), 64);
  private final MemorySegment scores;
  private final MemorySegment state;
  private Arena arena = Arena.ofShared();
  private MemorySegment queries = MemorySegment.NULL; // [keyDim][lanes]
  private MemorySegment sums = MemorySegment.NULL; // [valueDim][lanes]
  private MemorySegment rows = MemorySegment.NULL; // [CHUNK][keyDim or valueDim]
  private int keyDimHeld;
  private int valueDimHeld;

  TileAttention(AttentionCode code) {
    this.code = code;
    this.lanes = code.rows();
    scores = fixed.allocate(4L * CHUNK * lanes, 64);
    state = fixed.allocate(4L * AttentionCode.STATE_PARTS * lanes, 64);
  }

  static boolean supports(AttentionCall call) {
    AttentionShape shape = call.shape();
    int multiple = call.kv().type() == DType.Q8_0 ? 32 : 16;
    return shape.keyDim() % multiple == 0 && shape.valueDim() % multiple == 0;
  }

  private void ensure(int keyDim, int valueDim) {
    if (keyDim > keyDimHeld || valueDim > valueDimHeld) {
      keyDimHeld = Math.max(keyDim, keyDimHeld);
      valueDimHeld = Math.max(valueDim, valueDimHeld);
      arena.close();
      arena = Arena.ofShared();
      queries = arena.allocate(4L * keyDimHeld * lanes, 64);
      sums = arena.allocate(4L * valueDimHeld * lanes, 64);
      rows = arena.allocate(4L * CHUNK * Math.max(keyDimHeld, valueDimHeld), 64);
    }
  }

  /** See {@link io.moineau.kernels.KernelProvider#attend(AttentionCall, AttentionTile, int)}. */
  void attend(AttentionCall attention, AttentionTile tile) {
    AttentionShape shape = attention.shape();
    int keyDim = shape.keyDim();
    int valueDim = shape.valueDim();
    ensure(keyDim, valueDim);
    int heads = tile.headTo() - tile.headFrom();
    int used = heads * (tile.tokenTo() - tile.tokenFrom());
    int first = Integer.MAX_VALUE;
    int last = -1;
    for (int lane = 0; lane < lanes; lane++) {
      // Lanes without a row do as the last row does; nobody looks at them.
      int row = Math.min(lane, used - 1);
      int token = tile.tokenFrom() + row / heads;
      int from = tile.from(token);
      int to = tile.to(token) - 1;
      put(AttentionCode.MAX, lane, AttentionCode.LOWEST);
      put(AttentionCode.SUM, lane, 0);
      put(AttentionCode.FIRST, lane, from);
      put(AttentionCode.LAST, lane, to);
      if (to >= from) {
        first = Math.min(first, from);
        last = Math.max(last, to);
      }
      long q = attention.q().address(token) + 4L * (tile.headFrom() + row % heads) * keyDim;
      for (int d = 0; d < keyDim; d++) {
        float value = ALL.get(FLOAT, q + 4L * d) * shape.scale();
        queries.set(FLOAT, 4L * (d * lanes + lane), value);
      }
    }
    sums.fill((byte) 0);
    for (int p = first; p <= last; p += CHUNK) {
      chunk(attention, tile, p, Math.min(CHUNK, last + 1 - p));
    }
    for (int row = 0; row < used; row++) {
      long to = tile.partialAddress(row / heads, row % heads);
      for (int c = 0; c < valueDim; c++) {
        ALL.set(FLOAT, to + 4L * c, sums.get(FLOAT, 4L * (c * lanes + row)));
      }
      ALL.set(FLOAT, to + 4L * valueDim, get(AttentionCode.MAX, row));
      ALL.set(FLOAT, to + 4L * valueDim + 4, get(AttentionCode.SUM, row));
    }
  }

  private void chunk(AttentionCall attention, AttentionTile tile, int from, int count) {
    AttentionShape shape = attention.shape();
    PagedKv kv = attention.kv();
    int kvHead = tile.headFrom() / (shape.numHeads() / shape.numKeyValueHeads());
    int padded = (count + code.rowsAtOnce() - 1) / code.rowsAtOnce() * code.rowsAtOnce();
    int keyDim = shape.keyDim();
    int valueDim = shape.valueDim();
    long keys = kv.keyAddress(attention.layer()) + kv.type().bytesFor((long) kvHead * keyDim);
    toFloats(attention, tile.tokenFrom(), keys, kv.keyBytes(), from, count, keyDim);
    rows.asSlice(4L * count * keyDim, 4L * (padded - count) * keyDim).fill((byte) 0);
    set(AttentionCode.A, rows.address());
    set(AttentionCode.A_ROW, 4L * keyDim);
    set(AttentionCode.A_COLUMN, 4);
    set(AttentionCode.DEPTH, keyDim);
    set(AttentionCode.GROUPS, padded / code.rowsAtOnce());
    set(AttentionCode.B, queries.address());
    set(AttentionCode.C, scores.address());
    NativeCall.call(code.score, call.address());

    boolean all = true;
    for (int t = tile.tokenFrom(); t < tile.tokenTo(); t++) {
      all &= tile.from(t) <= from && tile.to(t) >= from + count;
    }
    set(AttentionCode.SCORES, scores.address());
    set(AttentionCode.POSITIONS, count);
    set(AttentionCode.STATE, state.address());
    call.set(FLOAT, AttentionCode.FIRST_POSITION, from);
    NativeCall.call(all ? code.softmax : code.maskedSoftmax, call.address());

    // With values in the keys, the floats are there already, in rows of keyDim.
    boolean inKeys = kv.valueColumns() == 0;
    if (!inKeys) {
      long values =
          kv.valueAddress(attention.layer()) + kv.type().bytesFor((long) kvHead * valueDim);
      toFloats(attention, tile.tokenFrom(), values, kv.valueBytes(), from, count, valueDim);
    }
    set(AttentionCode.A, rows.address());
    set(AttentionCode.A_ROW, 4);
    set(AttentionCode.A_COLUMN, 4L * (inKeys ? keyDim : valueDim));
    set(AttentionCode.DEPTH, count);
    set(AttentionCode.GROUPS, valueDim / code.rowsAtOnce());
    set(AttentionCode.B, scores.address());
    set(AttentionCode.C, sums.address());
    set(AttentionCode.FACTOR, state.address() + 4L * AttentionCode.SCALE * lanes);
    NativeCall.call(code.mix, call.address());
  }

  /**
   * See {@link io.moineau.kernels.KernelProvider#attend(AttentionCall, int, int, int, int, int,
   * MemorySegment, long, int)}: few query rows of one token, each on its own.
   */
  void attend(
      AttentionCall attention,
      int token,
      int headFrom,
      int headTo,
      int from,
      int to,
      long partial) {
    AttentionShape shape = attention.shape();
    PagedKv kv = attention.kv();
    int keyDim = shape.keyDim();
    int valueDim = shape.valueDim();
    ensure(keyDim, valueDim);
    int kvHead = headFrom / (shape.numHeads() / shape.numKeyValueHeads());
    int heads = headTo - headFrom;
    long headBytes = 4L * attention.partialStride();
    ALL.asSlice(partial, heads * headBytes).fill((byte) 0);
    for (int h = 0; h < heads; h++) {
      ALL.set(FLOAT, partial + h * headBytes + 4L * valueDim, AttentionCode.LOWEST);
    }
    long keys = kv.keyAddress(attention.layer()) + kv.type().bytesFor((long) kvHead * keyDim);
    long values = kv.valueAddress(attention.layer()) + kv.type().bytesFor((long) kvHead * valueDim);
    boolean inKeys = kv.valueColumns() == 0;
    for (int p = from; p < to; p += CHUNK) {
      int count = Math.min(CHUNK, to - p);
      int padded = count + 15 & -16;
      if (inKeys) {
        toFloats(
            attention,
            token,
            keys,
            kv.keyBytes(),
            p,
            count,
            keyDim,
            keys,
            kv.keyBytes(),
            p + count,
            to);
      } else {
        toFloats(
            attention,
            token,
            keys,
            kv.keyBytes(),
            p,
            count,
            keyDim,
            values,
            kv.valueBytes(),
            p,
            p + count);
      }
      rows.asSlice(4L * count * keyDim, 4L * (padded - count) * keyDim).fill((byte) 0);
      for (int h = 0; h < heads; h++) {
        set(AttentionCode.A, attention.q().address(token) + 4L * (headFrom + h) * keyDim);
        set(AttentionCode.A_ROW, 4L * keyDim);
        set(AttentionCode.DEPTH, keyDim / 16);
        set(AttentionCode.GROUPS, padded / 4);
        set(AttentionCode.B, rows.address());
        set(AttentionCode.C, scores.address() + 4L * CHUNK * (h % lanes));
        call.set(FLOAT, AttentionCode.FACTOR, shape.scale());
        NativeCall.call(code.rowScore, call.address());
        if (h % lanes == lanes - 1 || h == heads - 1) {
          int first = h / lanes * lanes;
          softmaxAndMix(
              attention, first, h, count, partial, inKeys ? 0 : values, token, p, keys, to);
          if (!inKeys && h < heads - 1) {
            toFloats(attention, token, keys, kv.keyBytes(), p, count, keyDim);
          }
        }
      }
    }
  }

  /**
   * The second half for heads {@code first} to {@code last}, whose scores are there; the keys of
   * later positions, before {@code end}, come next.
   */
  private void softmaxAndMix(
      AttentionCall attention,
      int first,
      int last,
      int count,
      long partial,
      long values,
      int token,
      int position,
      long keys,
      int end) {
    AttentionShape shape = attention.shape();
    int valueDim = shape.valueDim();
    int padded = count + 15 & -16;
    if (values != 0) {
      PagedKv kv = attention.kv();
      toFloats(
          attention,
          token,
          values,
          kv.valueBytes(),
          position,
          count,
          valueDim,
          keys,
          kv.keyBytes(),
          position + count,
          end);
    }
    boolean wide = valueDim % 64 == 0;
    for (int h = first; h <= last; h++) {
      long own = scores.address() + 4L * CHUNK * (h % lanes);
      long sumsAt = partial + 4L * h * attention.partialStride();
      for (int i = count; i < padded; i++) {
        ALL.set(FLOAT, own + 4L * i, UNSEEN);
      }
      set(AttentionCode.SCORES, own);
      set(AttentionCode.POSITIONS, padded);
      set(AttentionCode.STATE, state.address());
      put(0, AttentionCode.MAX, ALL.get(FLOAT, sumsAt + 4L * valueDim));
      put(0, AttentionCode.SUM, ALL.get(FLOAT, sumsAt + 4L * valueDim + 4));
      NativeCall.call(code.rowSoftmax, call.address());
      ALL.set(FLOAT, sumsAt + 4L * valueDim, get(0, AttentionCode.MAX));
      ALL.set(FLOAT, sumsAt + 4L * valueDim + 4, get(0, AttentionCode.SUM));
      set(AttentionCode.A, own);
      set(AttentionCode.A_ROW, 4L * (values == 0 ? shape.keyDim() : valueDim));
      set(AttentionCode.DEPTH, count);
      set(AttentionCode.GROUPS, wide ? valueDim / 64 : valueDim / 16);
      set(AttentionCode.B, rows.address());
      set(AttentionCode.C, sumsAt);
      set(AttentionCode.FACTOR, state.address() + 4L * AttentionCode.SCALE);
      NativeCall.call(wide ? code.rowMix64 : code.rowMix16, call.address());
    }
  }

  /**
   * Rows of keys or values as floats.
   *
   * @param next of what the rows from {@code nextFrom} on, before {@code nextEnd}, come next, so
   *     that the first of them are asked for already; 0 for nothing
   */
  private void toFloats(
      AttentionCall attention,
      int token,
      long base,
      long rowBytes,
      int from,
      int count,
      int elements,
      long next,
      long nextRowBytes,
      int nextFrom,
      int nextEnd) {
    list(attention, token, base, rowBytes, from, 0, count);
    int ahead = next == 0 ? 0 : Math.clamp(nextEnd - nextFrom, 0, AttentionCode.ROWS_AHEAD);
    list(attention, token, next, nextRowBytes, nextFrom, count, ahead);
    for (int i = count + ahead; i < count + AttentionCode.ROWS_AHEAD; i++) {
      list.setAtIndex(ValueLayout.JAVA_LONG, i, base); // anything that is there already
    }
    PagedKv kv = attention.kv();
    set(AttentionCode.LIST, list.address());
    set(AttentionCode.COUNT, count);
    set(AttentionCode.PIECES, elements / (kv.type() == DType.Q8_0 ? 32 : 16));
    set(AttentionCode.TARGET, rows.address());
    NativeCall.call(code.toFloats(kv.type()), call.address());
  }

  /** The same with nothing to come. */
  private void toFloats(
      AttentionCall attention,
      int token,
      long base,
      long rowBytes,
      int from,
      int count,
      int elements) {
    toFloats(attention, token, base, rowBytes, from, count, elements, 0, 0, 0, 0);
  }

  /** Addresses of {@code count} rows from position {@code from} on, at entry {@code at}. */
  private void list(
      AttentionCall attention, int token, long base, long rowBytes, int from, int at, int count) {
    int blockTokens = attention.kv().blockTokens();
    int ordinal = from / blockTokens;
    int slot = from % blockTokens;
    for (int i = 0; i < count; ordinal++, slot = 0) {
      long address =
          base + (attention.block(token, ordinal) * (long) blockTokens + slot) * rowBytes;
      int last = Math.min(count, i + blockTokens - slot);
      for (; i < last; i++) {
        list.setAtIndex(ValueLayout.JAVA_LONG, at + i, address);
        address += rowBytes;
      }
    }
  }

  private void put(int part, int lane, float value) {
    state.set(FLOAT, 4L * (part * lanes + lane), value);
  }

  private float get(int part, int lane) {
    return state.get(FLOAT, 4L * (part * lanes + lane));
  }

  private void set(int at, long value) {
    call.set(ValueLayout.JAVA_LONG, at, value);
  }

  @Override
  public void close() {
    fixed.close();
    arena.close();
  }
}
