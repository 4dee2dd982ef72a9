package io.moineau.bench.peers;

import static io.moineau.bench.peers.LlamaCppLibrary.BATCH;
import static io.moineau.bench.peers.LlamaCppLibrary.CONTEXT_PARAMS;
import static io.moineau.bench.peers.LlamaCppLibrary.MODEL_PARAMS;
import static io.moineau.bench.peers.LlamaCppLibrary.invoke;
import static io.moineau.bench.peers.LlamaCppLibrary.setAddress;
import static io.moineau.bench.peers.LlamaCppLibrary.setBoolean;
import static io.moineau.bench.peers.LlamaCppLibrary.setInt;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/**
 * The child process that measures llama.cpp through its C API: {@code LIBRARIES VARIANT FILE
 * THREADS CONTEXT}.
 *
 * <p>Settings are llama.cpp's own defaults (weights mapped, and repacked where a build can; flash
 * attention as it chooses), with two exceptions: threads that stay between tokens, as its own tools
 * have them, and, for the build with AMX, {@code attn_k_b} and {@code attn_v_b} outside of AMX
 * buffers, since release v0.5.0 otherwise aborts on MLA models.
 */
final class LlamaCppWorker implements WorkerLoop.Loaded {
  private static final String KEPT_FROM_AMX = "attn_[kv]_b\\.weight";
  private static final int CHUNK = 512;
  private static final int MAPPED = 1;

  /** Cells that a sequence of a context has at least. */
  private static final int LEAST_CELLS = 256;

  private final LlamaCppLibrary library;
  private final LlamaCppLog log = new LlamaCppLog();
  private final int threads;
  private final Arena arena = Arena.global();
  private final Random random = new Random(1);
  private final MethodHandle newContext;
  private final MethodHandle attach;
  private final MethodHandle freeContext;
  private final MethodHandle memory;
  private final MethodHandle clear;
  private final MethodHandle decode;
  private final MethodHandle synchronize;
  private final MemorySegment pool;
  private final MemorySegment model;
  private final MemorySegment single;
  private final int vocabulary;
  private final Map<String, String> facts;
  private MemorySegment streams = MemorySegment.NULL;
  private int streamsOpen;

  private LlamaCppWorker(LlamaCppFiles files, String variant, Path file, int threads, int context) {
    long rssBefore = ProcessFigures.of(ProcessHandle.current().pid()).residentBytes();
    long start = System.nanoTime();
    this.threads = threads;
    this.library = new LlamaCppLibrary(files);
    library.onLog(log.listener());
    library.checkStructures();
    library.loadBackend(files.backend(variant));
    FunctionDescriptor unary = FunctionDescriptor.of(ADDRESS, ADDRESS);
    FunctionDescriptor consumer = FunctionDescriptor.ofVoid(ADDRESS);
    this.newContext =
        library.function(
            "llama_init_from_model", FunctionDescriptor.of(ADDRESS, ADDRESS, CONTEXT_PARAMS));
    this.attach =
        library.function(
            "llama_attach_threadpool", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
    this.freeContext = library.function("llama_free", consumer);
    this.memory = library.function("llama_get_memory", unary);
    this.clear =
        library.function("llama_memory_clear", FunctionDescriptor.ofVoid(ADDRESS, JAVA_BOOLEAN));
    this.decode = library.function("llama_decode", FunctionDescriptor.of(JAVA_INT, ADDRESS, BATCH));
    this.synchronize = library.function("llama_synchronize", consumer);
    MethodHandle init = library.function("llama_backend_init", FunctionDescriptor.ofVoid());
    invoke(() -> {
      init.invokeExact();
      return true;
    });
    this.pool = library.threadPool(threads);
    long loading = System.nanoTime();
    this.model = load(file, variant.equals(LlamaCppFiles.AMX));
    long loaded = System.nanoTime() - loading;
    MethodHandle vocab = library.function("llama_model_get_vocab", unary);
    MethodHandle size =
        library.function("llama_vocab_n_tokens", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    this.vocabulary =
        invoke(() -> (int) size.invokeExact((MemorySegment) vocab.invokeExact(model)));
    this.single = context(context, 1);
    prompt(Math.min(context, WorkerLoop.FIRST_PROMPT));
    this.facts =
        Map.of(
            "load_ns", Long.toString(loaded),
            "first_ns", Long.toString(System.nanoTime() - start),
            "base_rss", Long.toString(rssBefore),
            "setting", "build " + variant + log.buffers());
  }

  /** See {@link WorkerLoop}. */
  public static void main(String[] args) {
    LlamaCppFiles files = LlamaCppFiles.in(Path.of(args[0]));
    int threads = Integer.parseInt(args[3]);
    int context = Integer.parseInt(args[4]);
    int code =
        WorkerLoop.run(
            () -> new LlamaCppWorker(files, args[1], Path.of(args[2]), threads, context));
    // Not System.exit: destructors of libraries that threads still use have nothing to add.
    Runtime.getRuntime().halt(code);
  }

  private MemorySegment load(Path file, boolean amx) {
    MemorySegment params = library.defaultModelParams();
    setInt(params, MODEL_PARAMS, "load_mode", MAPPED);
    setBoolean(params, MODEL_PARAMS, "use_extra_bufts", true);
    if (amx) {
      MemorySegment overrides = arena.allocate(ADDRESS, 4);
      overrides.setAtIndex(ADDRESS, 0, arena.allocateFrom(KEPT_FROM_AMX));
      overrides.setAtIndex(ADDRESS, 1, library.plainBufferType());
      setAddress(params, MODEL_PARAMS, "tensor_buft_overrides", overrides);
    }
    MethodHandle load =
        library.function(
            "llama_model_load_from_file", FunctionDescriptor.of(ADDRESS, ADDRESS, MODEL_PARAMS));
    MemorySegment name = arena.allocateFrom(file.toString());
    MemorySegment loaded = invoke(() -> (MemorySegment) load.invokeExact(name, params));
    if (loaded.equals(MemorySegment.NULL)) {
      throw failed("llama_model_load_from_file gave no model of " + file);
    }
    return loaded;
  }

  private PeerException failed(String where) {
    return new PeerException(
        "llama-cpp-failed",
        "llama.cpp cannot do what is measured",
        where + log.lastError(),
        "what release " + LlamaCppPackage.RELEASE + " reads and runs",
        "take another model, or leave llama.cpp out with --peers");
  }

  private MemorySegment context(int cells, int sequences) {
    MemorySegment params = library.defaultContextParams();
    setInt(params, CONTEXT_PARAMS, "n_ctx", cells);
    setInt(params, CONTEXT_PARAMS, "n_batch", CHUNK);
    setInt(params, CONTEXT_PARAMS, "n_ubatch", CHUNK);
    setInt(params, CONTEXT_PARAMS, "n_seq_max", sequences);
    setInt(params, CONTEXT_PARAMS, "n_threads", threads);
    setInt(params, CONTEXT_PARAMS, "n_threads_batch", threads);
    MemorySegment context = invoke(() -> (MemorySegment) newContext.invokeExact(model, params));
    if (context.equals(MemorySegment.NULL)) {
      throw failed("llama_init_from_model gave no context of " + cells + " tokens");
    }
    return invoke(() -> {
      attach.invokeExact(context, pool, MemorySegment.NULL);
      return context;
    });
  }

  @Override
  public Map<String, String> facts() {
    return facts;
  }

  @Override
  public long nanos(Work work) {
    return switch (work.kind()) {
      case PROMPT -> prompt(work.size());
      case GENERATE -> generate(work.size());
      case STREAMS -> streams(work.size());
    };
  }

  private void clear(MemorySegment context) {
    invoke(() -> {
      clear.invokeExact((MemorySegment) memory.invokeExact(context), false);
      return true;
    });
  }

  private void decode(MemorySegment context, MemorySegment batch) {
    int code = invoke(() -> (int) decode.invokeExact(context, batch));
    if (code != 0) {
      throw failed("llama_decode gave " + code);
    }
    invoke(() -> {
      synchronize.invokeExact(context);
      return true;
    });
  }

  private long prompt(int n) {
    clear(single);
    try (Batch batch = new Batch(CHUNK, 1)) {
      long start = System.nanoTime();
      for (int at = 0; at < n; at += CHUNK) {
        int here = Math.min(CHUNK, n - at);
        batch.reset(here);
        for (int i = 0; i < here; i++) {
          batch.set(i, at + i, 0, at + i == n - 1);
        }
        decode(single, batch.struct);
      }
      return System.nanoTime() - start;
    }
  }

  private long generate(int n) {
    clear(single);
    try (Batch batch = new Batch(1, 1)) {
      long start = System.nanoTime();
      for (int i = 0; i < n; i++) {
        batch.reset(1);
        batch.set(0, i, 0, true);
        decode(single, batch.struct);
      }
      return System.nanoTime() - start;
    }
  }

  private long streams(int sequences) {
    if (streamsOpen != sequences) {
      if (!streams.equals(MemorySegment.NULL)) {
        MemorySegment old = streams;
        invoke(() -> {
          freeContext.invokeExact(old);
          return true;
        });
      }
      streams = context(LEAST_CELLS * sequences, sequences);
      streamsOpen = sequences;
    }
    clear(streams);
    try (Batch batch = new Batch(Math.max(Work.STREAM_PROMPT, sequences), sequences)) {
      for (int sequence = 0; sequence < sequences; sequence++) {
        batch.reset(Work.STREAM_PROMPT);
        for (int i = 0; i < Work.STREAM_PROMPT; i++) {
          batch.set(i, i, sequence, i == Work.STREAM_PROMPT - 1);
        }
        decode(streams, batch.struct);
      }
      long start = System.nanoTime();
      for (int step = 0; step < Work.STREAM_STEPS; step++) {
        batch.reset(sequences);
        for (int sequence = 0; sequence < sequences; sequence++) {
          batch.set(sequence, Work.STREAM_PROMPT + step, sequence, true);
        }
        decode(streams, batch.struct);
      }
      return System.nanoTime() - start;
    }
  }

  @Override
  public void close() {
    // The process ends, and takes all with it.
  }

  /** A {@code llama_batch} of random tokens in memory of its own. */
  private final class Batch implements AutoCloseable {
    private final Arena memory = Arena.ofConfined();
    private final MemorySegment struct = memory.allocate(BATCH);
    private final MemorySegment token;
    private final MemorySegment position;
    private final MemorySegment sequenceOf;
    private final MemorySegment output;
    private final MemorySegment ids;

    Batch(int capacity, int sequences) {
      token = memory.allocate(JAVA_INT, capacity);
      position = memory.allocate(JAVA_INT, capacity);
      MemorySegment count = memory.allocate(JAVA_INT, capacity);
      sequenceOf = memory.allocate(ADDRESS, capacity);
      output = memory.allocate(JAVA_BYTE, capacity);
      ids = memory.allocate(JAVA_INT, sequences);
      for (int i = 0; i < capacity; i++) {
        count.setAtIndex(JAVA_INT, i, 1);
      }
      for (int i = 0; i < sequences; i++) {
        ids.setAtIndex(JAVA_INT, i, i);
      }
      setAddress(struct, BATCH, "token", token);
      setAddress(struct, BATCH, "pos", position);
      setAddress(struct, BATCH, "n_seq_id", count);
      setAddress(struct, BATCH, "seq_id", sequenceOf);
      setAddress(struct, BATCH, "logits", output);
    }

    void reset(int tokens) {
      setInt(struct, BATCH, "n_tokens", tokens);
    }

    void set(int i, int at, int sequence, boolean wantsLogits) {
      token.setAtIndex(JAVA_INT, i, random.nextInt(vocabulary));
      position.setAtIndex(JAVA_INT, i, at);
      sequenceOf.setAtIndex(ADDRESS, i, ids.asSlice(4L * sequence));
      output.setAtIndex(JAVA_BYTE, i, (byte) (wantsLogits ? 1 : 0));
    }

    @Override
    public void close() {
      memory.close();
    }
  }
}
