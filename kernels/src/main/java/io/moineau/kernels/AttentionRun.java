package io.moineau.kernels;

import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Attention of a batch, cut into pieces: a token and some query heads of one key-value head; and
 * where that leaves threads idle (one token, few heads) a part of the positions too, whose sums are
 * merged afterwards (flash-decoding: Dao et al. 2023; the merge is that of online softmax, Milakov
 * and Gimelshein, arXiv 1805.02867).
 */
final class AttentionRun implements AutoCloseable {
  private static final int PIECES_PER_THREAD = 2;
  private static final int FEWEST_HEADS = 4;
  private static final int FEWEST_POSITIONS = 128;
  private static final int FEWEST_TILE_ROWS =
      8; // below, a tile's empty lanes cost more than it saves

  private final KernelProvider provider;
  private final ThreadTeam team;
  private final Arena arena = Arena.ofShared();
  private final FloatMatrix nothing = FloatMatrix.allocate(arena, 0, 0);
  private final NativeBuffer blocks = new NativeBuffer();
  private final NativeBuffer partials = new NativeBuffer();
  private final PagedKv noKv = new PagedKv(io.moineau.tensor.DType.F32, 1, 1, 0, 1, 1);
  private final AttentionCall call = new AttentionCall(nothing, noKv);
  private final ThreadTeam.Task attendPiece = this::attend;
  private final ThreadTeam.Task attendTile = this::attendTile;
  private final AttentionTile[] tiles; // per thread
  private int[] tileFrom = new int[1]; // first token of each tile
  private final ThreadTeam.Task mergePiece = this::merge;

  private int[] blocksFrom = new int[0]; // [n]
  private int[] tableFrom = new int[0]; // [number of tables], -1 where not copied yet
  private int[] tableFirst = new int[0]; // the ordinals of blocks that are seen
  private int[] tableLast = new int[0];
  private int[] positions = new int[0];
  private FloatMatrix out = nothing;
  private MemorySegment partial = MemorySegment.NULL;
  private int headsPerPiece;
  private int piecesPerHeadGroup;
  private int splits;
  private boolean alone;
  private int firstToken; // of those that are computed now

  AttentionRun(KernelProvider provider, ThreadTeam team) {
    this.provider = provider;
    this.team = team;
    tiles = new AttentionTile[team.size()];
    for (int i = 0; i < tiles.length; i++) {
      tiles[i] = new AttentionTile();
    }
  }

  /** See {@link Kernels#asAlone}. */
  void asAlone(boolean value) {
    alone = value;
  }

  /** See {@link Kernels#attention}; arguments are checked already. */
  void run(
      AttentionShape shape,
      FloatMatrix q,
      int n,
      int[] newPositions,
      int[] sequences,
      int[][] blockTables,
      PagedKv kv,
      int layer,
      FloatMatrix newOut) {
    positions = newPositions;
    out = newOut;
    MemorySegment list = listBlocks(n, shape, sequences, blockTables, kv);
    call.set(shape, q, kv, layer, list, blocksFrom);
    if (!alone) {
      run(shape, 0, n, sequences);
      return;
    }
    for (int t = 0; t < n; t++) {
      run(shape, t, 1, sequences);
    }
  }

  private void run(AttentionShape shape, int from, int n, int[] sequences) {
    firstToken = from;
    int perKv = shape.numHeads() / shape.numKeyValueHeads();
    int wanted = team.size() == 1 ? 1 : PIECES_PER_THREAD * team.size();
    if (runTiles(shape, n, perKv, sequences, wanted)) {
      return;
    }
    int groups = n * shape.numKeyValueHeads();
    piecesPerHeadGroup =
        Math.clamp((wanted + groups - 1) / groups, 1, Math.max(1, perKv / FEWEST_HEADS));
    headsPerPiece = (perKv + piecesPerHeadGroup - 1) / piecesPerHeadGroup;
    piecesPerHeadGroup = (perKv + headsPerPiece - 1) / headsPerPiece;
    int pieces = groups * piecesPerHeadGroup;
    int longest = 0;
    for (int t = from; t < from + n; t++) {
      longest = Math.max(longest, positions[t] + 1 - first(shape, t));
    }
    splits = Math.clamp((wanted + pieces - 1) / pieces, 1, Math.max(1, longest / FEWEST_POSITIONS));
    long headBytes = 4L * call.partialStride();
    if (splits == 1) {
      partial = partials.ensure(headBytes * headsPerPiece * team.size());
      team.run(pieces, attendPiece);
    } else {
      partial = partials.ensure(headBytes * shape.numHeads() * (from + n) * splits);
      team.run(pieces * splits, attendPiece);
      team.run(n * shape.numHeads(), mergePiece);
    }
  }

  /** The same in tiles of several tokens, if enough of them lie together. */
  private boolean runTiles(AttentionShape shape, int n, int perKv, int[] sequences, int wanted) {
    int rows = provider.attentionTileRows(call);
    if (rows == 0 || n == 0) {
      return false;
    }
    headsPerPiece = Math.min(perKv, rows);
    piecesPerHeadGroup = (perKv + headsPerPiece - 1) / headsPerPiece;
    int tokensPerTile = Math.max(1, rows / headsPerPiece);
    if (tileFrom.length < n + 1) {
      tileFrom = new int[n + 1];
    }
    int count = 0;
    for (int t = firstToken; t < firstToken + n; t++) {
      if (count == 0
          || t - tileFrom[count - 1] == tokensPerTile
          || sequences[t] != sequences[t - 1]) {
        tileFrom[count++] = t;
      }
    }
    tileFrom[count] = firstToken + n;
    if ((long) n * headsPerPiece < (long) count * FEWEST_TILE_ROWS) {
      return false;
    }
    int pieces = count * shape.numKeyValueHeads() * piecesPerHeadGroup;
    int longest = 0;
    for (int t = firstToken; t < firstToken + n; t++) {
      longest = Math.max(longest, positions[t] + 1 - first(shape, t));
    }
    splits = Math.clamp((wanted + pieces - 1) / pieces, 1, Math.max(1, longest / FEWEST_POSITIONS));
    long headBytes = 4L * call.partialStride();
    long all = (long) shape.numHeads() * (firstToken + n) * splits;
    long held = splits == 1 ? (long) rows * team.size() : all;
    partial = partials.ensure(headBytes * held);
    team.run(pieces * splits, attendTile);
    if (splits > 1) {
      team.run(n * shape.numHeads(), mergePiece);
    }
    return true;
  }

  private void attendTile(int piece, int thread) {
    AttentionShape shape = call.shape();
    int split = piece % splits;
    int rest = piece / splits;
    int headPiece = rest % piecesPerHeadGroup;
    rest /= piecesPerHeadGroup;
    int kvHead = rest % shape.numKeyValueHeads();
    int number = rest / shape.numKeyValueHeads();
    int perKv = shape.numHeads() / shape.numKeyValueHeads();
    int headFrom = kvHead * perKv + headPiece * headsPerPiece;
    int headTo = Math.min(headFrom + headsPerPiece, (kvHead + 1) * perKv);
    AttentionTile tile = tiles[thread];
    int tokenFrom = tileFrom[number];
    int tokenTo = tileFrom[number + 1];
    tile.set(tokenFrom, tokenTo, headFrom, headTo);
    for (int t = tokenFrom; t < tokenTo; t++) {
      int first = first(shape, t);
      long seen = positions[t] + 1L - first;
      int from = first + (int) (seen * split / splits);
      tile.sees(t, from, first + (int) (seen * (split + 1) / splits));
    }
    long headBytes = 4L * call.partialStride();
    int heads = headTo - headFrom;
    if (splits > 1) {
      long at = headBytes * (((long) tokenFrom * splits + split) * shape.numHeads() + headFrom);
      tile.result(partial.address() + at, headBytes * splits * shape.numHeads(), headBytes);
      provider.attend(call, tile, thread);
      return;
    }
    long at = headBytes * provider.attentionTileRows(call) * thread;
    tile.result(partial.address() + at, headBytes * heads, headBytes);
    provider.attend(call, tile, thread);
    for (int t = tokenFrom; t < tokenTo; t++) {
      for (int h = headFrom; h < headTo; h++) {
        long row = (long) (t - tokenFrom) * heads + h - headFrom;
        finish(t, h, at + headBytes * row, 1, headBytes);
      }
    }
  }

  /** Copies the tables that are used into native memory, each once, and checks them. */
  private MemorySegment listBlocks(
      int n, AttentionShape shape, int[] sequences, int[][] blockTables, PagedKv kv) {
    if (blocksFrom.length < n) {
      blocksFrom = new int[n];
    }
    if (tableFrom.length < blockTables.length) {
      tableFrom = new int[blockTables.length];
      tableFirst = new int[blockTables.length];
      tableLast = new int[blockTables.length];
    }
    Arrays.fill(tableFrom, -1);
    int size = 0;
    for (int t = 0; t < n; t++) {
      int s = sequences[t];
      int first = first(shape, t) / kv.blockTokens();
      int last = positions[t] / kv.blockTokens();
      if (tableFrom[s] < 0) {
        tableFrom[s] = size;
        tableFirst[s] = first;
        tableLast[s] = last;
        size += blockTables[s].length;
      }
      tableFirst[s] = Math.min(tableFirst[s], first);
      tableLast[s] = Math.max(tableLast[s], last);
      blocksFrom[t] = tableFrom[s];
    }
    MemorySegment list = blocks.ensure(4L * size);
    for (int s = 0; s < blockTables.length; s++) {
      if (tableFrom[s] < 0) {
        continue;
      }
      int[] table = blockTables[s];
      for (int i = tableFirst[s]; i <= tableLast[s]; i++) {
        if (table[i] < 0 || table[i] >= kv.numBlocks()) {
          throw badBlock(table[i], kv);
        }
      }
      MemorySegment.copy(table, 0, list, ValueLayout.JAVA_INT, 4L * tableFrom[s], table.length);
    }
    return list;
  }

  private static KernelException badBlock(int block, PagedKv kv) {
    return new KernelException(
        "kernel-bad-kv-slot",
        "a table names a block that is not there",
        "block=" + block,
        "0 to " + (kv.numBlocks() - 1),
        "");
  }

  private int first(AttentionShape shape, int token) {
    int window = shape.slidingWindow();
    return window == 0 ? 0 : Math.max(0, positions[token] - window + 1);
  }

  private void attend(int piece, int thread) {
    AttentionShape shape = call.shape();
    int split = piece % splits;
    int rest = piece / splits;
    int headPiece = rest % piecesPerHeadGroup;
    rest /= piecesPerHeadGroup;
    int kvHead = rest % shape.numKeyValueHeads();
    int token = firstToken + rest / shape.numKeyValueHeads();
    int perKv = shape.numHeads() / shape.numKeyValueHeads();
    int headFrom = kvHead * perKv + headPiece * headsPerPiece;
    int headTo = Math.min(headFrom + headsPerPiece, (kvHead + 1) * perKv);
    int first = first(shape, token);
    int seen = positions[token] + 1 - first;
    long headBytes = 4L * call.partialStride();
    if (splits == 1) {
      long at = headBytes * headsPerPiece * thread;
      provider.attend(call, token, headFrom, headTo, first, first + seen, partial, at, thread);
      for (int h = headFrom; h < headTo; h++) {
        finish(token, h, at + headBytes * (h - headFrom), 1, headBytes);
      }
      return;
    }
    int from = first + (int) ((long) seen * split / splits);
    int to = first + (int) ((long) seen * (split + 1) / splits);
    // Heads of a piece lie together, and parts of the positions numHeads apart.
    long at = headBytes * (((long) token * splits + split) * shape.numHeads() + headFrom);
    provider.attend(call, token, headFrom, headTo, from, to, partial, at, thread);
  }

  private void merge(int piece, int thread) {
    int numHeads = call.shape().numHeads();
    int token = firstToken + piece / numHeads;
    int head = piece % numHeads;
    long headBytes = 4L * call.partialStride();
    long at = headBytes * ((long) token * splits * numHeads + head);
    finish(token, head, at, splits, headBytes * numHeads);
  }

  /** Merges {@code parts} partial sums of a head, which lie {@code stride} bytes apart. */
  private void finish(int token, int head, long at, int parts, long stride) {
    int valueDim = call.shape().valueDim();
    float[] sinks = call.shape().sinks();
    float max = sinks == null ? Float.NEGATIVE_INFINITY : sinks[head];
    for (int i = 0; i < parts; i++) {
      max = Math.max(max, partial.get(ValueLayout.JAVA_FLOAT, at + i * stride + 4L * valueDim));
    }
    double total = sinks == null ? 0 : Math.exp(sinks[head] - max);
    for (int i = 0; i < parts; i++) {
      long end = at + i * stride + 4L * valueDim;
      float partMax = partial.get(ValueLayout.JAVA_FLOAT, end);
      total += Math.exp(partMax - max) * partial.get(ValueLayout.JAVA_FLOAT, end + 4);
    }
    MemorySegment result = out.data();
    long to = out.offset(token, head * valueDim);
    for (int i = 0; i < parts; i++) {
      float partMax = partial.get(ValueLayout.JAVA_FLOAT, at + i * stride + 4L * valueDim);
      float factor = (float) (Math.exp(partMax - max) / total);
      for (int c = 0; c < valueDim; c++) {
        float sum = partial.get(ValueLayout.JAVA_FLOAT, at + i * stride + 4L * c) * factor;
        float before = i == 0 ? 0 : result.get(ValueLayout.JAVA_FLOAT, to + 4L * c);
        result.set(ValueLayout.JAVA_FLOAT, to + 4L * c, before + sum);
      }
    }
  }

  @Override
  public void close() {
    blocks.close();
    partials.close();
    noKv.close();
    arena.close();
  }
}
