package io.moineau.bench.peers;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * llama.cpp's C API, as far as measuring needs it: functions and structures of {@code llama.h} in
 * the release that {@link LlamaCppPackage} names, written down by hand.
 *
 * <p>Structures change between releases without notice, so {@link #checkStructures} compares what
 * the library writes with what is declared here before any is passed.
 */
final class LlamaCppLibrary {
  static final StructLayout MODEL_PARAMS =
      MemoryLayout.structLayout(
          ADDRESS.withName("devices"),
          ADDRESS.withName("tensor_buft_overrides"),
          JAVA_INT.withName("n_gpu_layers"),
          JAVA_INT.withName("split_mode"),
          JAVA_INT.withName("load_mode"),
          JAVA_INT.withName("lazy_mode"),
          JAVA_INT.withName("main_gpu"),
          MemoryLayout.paddingLayout(4),
          ADDRESS.withName("tensor_split"),
          ADDRESS.withName("progress_callback"),
          ADDRESS.withName("progress_callback_user_data"),
          ADDRESS.withName("kv_overrides"),
          JAVA_BOOLEAN.withName("vocab_only"),
          JAVA_BOOLEAN.withName("check_tensors"),
          JAVA_BOOLEAN.withName("use_extra_bufts"),
          JAVA_BOOLEAN.withName("no_host"),
          JAVA_BOOLEAN.withName("no_alloc"),
          JAVA_BOOLEAN.withName("load_mtp"),
          MemoryLayout.paddingLayout(2));

  static final StructLayout CONTEXT_PARAMS =
      MemoryLayout.structLayout(
          JAVA_INT.withName("n_ctx"),
          JAVA_INT.withName("n_batch"),
          JAVA_INT.withName("n_ubatch"),
          JAVA_INT.withName("n_seq_max"),
          JAVA_INT.withName("n_rs_seq"),
          JAVA_INT.withName("n_outputs_max"),
          JAVA_INT.withName("n_outputs_max_per_seq"),
          JAVA_INT.withName("n_threads"),
          JAVA_INT.withName("n_threads_batch"),
          JAVA_INT.withName("ctx_type"),
          JAVA_INT.withName("rope_scaling_type"),
          JAVA_INT.withName("pooling_type"),
          JAVA_INT.withName("attention_type"),
          JAVA_INT.withName("flash_attn_type"),
          JAVA_FLOAT.withName("rope_freq_base"),
          JAVA_FLOAT.withName("rope_freq_scale"),
          JAVA_FLOAT.withName("yarn_ext_factor"),
          JAVA_FLOAT.withName("yarn_attn_factor"),
          JAVA_FLOAT.withName("yarn_beta_fast"),
          JAVA_FLOAT.withName("yarn_beta_slow"),
          JAVA_INT.withName("yarn_orig_ctx"),
          JAVA_FLOAT.withName("defrag_thold"),
          ADDRESS.withName("cb_eval"),
          ADDRESS.withName("cb_eval_user_data"),
          JAVA_INT.withName("type_k"),
          JAVA_INT.withName("type_v"),
          ADDRESS.withName("abort_callback"),
          ADDRESS.withName("abort_callback_data"),
          JAVA_BOOLEAN.withName("embeddings"),
          JAVA_BOOLEAN.withName("offload_kqv"),
          JAVA_BOOLEAN.withName("no_perf"),
          JAVA_BOOLEAN.withName("op_offload"),
          JAVA_BOOLEAN.withName("swa_full"),
          JAVA_BOOLEAN.withName("kv_unified"),
          MemoryLayout.paddingLayout(2),
          ADDRESS.withName("samplers"),
          JAVA_LONG.withName("n_samplers"),
          ADDRESS.withName("ctx_other"));

  static final StructLayout BATCH =
      MemoryLayout.structLayout(
          JAVA_INT.withName("n_tokens"),
          MemoryLayout.paddingLayout(4),
          ADDRESS.withName("token"),
          ADDRESS.withName("embd"),
          ADDRESS.withName("pos"),
          ADDRESS.withName("n_seq_id"),
          ADDRESS.withName("seq_id"),
          ADDRESS.withName("logits"));

  /** Type 0 of a device: the processor. */
  private static final int DEVICE_CPU = 0;

  /** {@code ggml_backend_buffer_type}: six functions, the device and a context. */
  private static final long BUFFER_TYPE_BYTES = 64;

  /** More than {@code ggml_threadpool_params}, which begins with a mask of 512 processors. */
  private static final long THREAD_POOL_PARAMS_BYTES = 1024;

  private static final long PROBE_BYTES = 512;
  private static final byte UNTOUCHED = 0x5a;

  private final Linker linker = Linker.nativeLinker();
  private final SymbolLookup symbols;
  private final Arena arena;

  /**
   * Loads the libraries; they stay until the process ends.
   *
   * @throws PeerException {@code llama-cpp-load} if one cannot be loaded
   */
  LlamaCppLibrary(LlamaCppFiles files) {
    this.arena = Arena.global();
    SymbolLookup base = load(files.base());
    SymbolLookup ggml = load(files.ggml());
    SymbolLookup llama = load(files.llama());
    this.symbols = name -> llama.find(name).or(() -> ggml.find(name)).or(() -> base.find(name));
  }

  private SymbolLookup load(Path file) {
    try {
      return SymbolLookup.libraryLookup(file, arena);
    } catch (IllegalArgumentException e) {
      throw new PeerException(
          "llama-cpp-load",
          "a library of llama.cpp cannot be loaded",
          file + ": " + e.getMessage(),
          "libraries for Linux on x86-64 with glibc",
          "run this on such a machine, or leave llama.cpp out with --peers");
    }
  }

  /** Calls of native functions throw nothing; what the handle's type allows is wrapped. */
  @FunctionalInterface
  interface Call<T> {
    T run() throws Throwable;
  }

  static <T> T invoke(Call<T> call) {
    try {
      return call.run();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** A function of the three libraries. */
  MethodHandle function(String name, FunctionDescriptor type) {
    MemorySegment address =
        symbols
            .find(name)
            .orElseThrow(() ->
                new PeerException(
                    "llama-cpp-version",
                    "a library of llama.cpp lacks a function",
                    name,
                    "those of release " + LlamaCppPackage.RELEASE,
                    "take the libraries of npm package " + LlamaCppPackage.COORDINATES));
    return linker.downcallHandle(address, type);
  }

  /** How well a build of the CPU backend fits this processor; 0 where it does not run. */
  int score(Path backend) {
    MemorySegment function = load(backend).find("ggml_backend_score").orElse(MemorySegment.NULL);
    if (function.equals(MemorySegment.NULL)) {
      return 0;
    }
    MethodHandle score = linker.downcallHandle(function, FunctionDescriptor.of(JAVA_INT));
    return invoke(() -> (int) score.invokeExact());
  }

  /** Release that the library says it is. */
  String version() {
    AddressLayout string =
        ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(Integer.MAX_VALUE, JAVA_BYTE));
    MethodHandle version = function("llama_version", FunctionDescriptor.of(string));
    return invoke(() -> ((MemorySegment) version.invokeExact()).getString(0));
  }

  /**
   * Registers a build of the CPU backend.
   *
   * @throws PeerException {@code llama-cpp-load} if the library refuses it
   */
  void loadBackend(Path backend) {
    MethodHandle load = function("ggml_backend_load", FunctionDescriptor.of(ADDRESS, ADDRESS));
    MemorySegment name = arena.allocateFrom(backend.toString());
    MemorySegment registered = invoke(() -> (MemorySegment) load.invokeExact(name));
    if (registered.equals(MemorySegment.NULL)) {
      throw new PeerException(
          "llama-cpp-load",
          "llama.cpp refuses a backend",
          backend.toString(),
          "one that this processor can run",
          "choose another with --variant");
    }
  }

  MemorySegment defaultModelParams() {
    return defaults("llama_model_default_params", MODEL_PARAMS);
  }

  MemorySegment defaultContextParams() {
    return defaults("llama_context_default_params", CONTEXT_PARAMS);
  }

  private MemorySegment defaults(String name, StructLayout layout) {
    MethodHandle function = function(name, FunctionDescriptor.of(layout));
    return invoke(() -> (MemorySegment) function.invokeExact((SegmentAllocator) arena));
  }

  /**
   * Compares the size of both parameter structures, and some defaults, with the library's.
   *
   * @throws PeerException {@code llama-cpp-version} if they differ
   */
  void checkStructures() {
    checkSize("llama_model_default_params", MODEL_PARAMS.byteSize());
    checkSize("llama_context_default_params", CONTEXT_PARAMS.byteSize());
    MemorySegment model = defaultModelParams();
    MemorySegment context = defaultContextParams();
    boolean known =
        getInt(context, CONTEXT_PARAMS, "n_batch") == 2048
            && getInt(context, CONTEXT_PARAMS, "n_ubatch") == 512
            && getInt(context, CONTEXT_PARAMS, "type_k") == 1
            && getInt(context, CONTEXT_PARAMS, "type_v") == 1
            && getInt(model, MODEL_PARAMS, "main_gpu") == 0;
    if (!known) {
      throw unknownStructure("defaults that are not those of the release");
    }
  }

  /**
   * Structures of more than 16 bytes are written where the caller says: how far, shows the size.
   */
  private void checkSize(String name, long size) {
    StructLayout large =
        MemoryLayout.structLayout(MemoryLayout.sequenceLayout(PROBE_BYTES / 8, JAVA_LONG));
    MethodHandle function = function(name, FunctionDescriptor.of(large));
    try (Arena probe = Arena.ofConfined()) {
      MemorySegment written = probe.allocate(large).fill(UNTOUCHED);
      SegmentAllocator here = (bytes, alignment) -> written;
      MemorySegment result = invoke(() -> (MemorySegment) function.invokeExact(here));
      long end = PROBE_BYTES;
      while (end > 0 && result.get(JAVA_BYTE, end - 1) == UNTOUCHED) {
        end--;
      }
      // The padding at the end may or may not be written.
      if (Math.ceilDiv(end, 8) * 8 != size) {
        throw unknownStructure(name + " writes " + end + " bytes, and " + size + " are declared");
      }
    }
  }

  private static PeerException unknownStructure(String where) {
    return new PeerException(
        "llama-cpp-version",
        "a structure of this llama.cpp is not the one that is known",
        where,
        "release " + LlamaCppPackage.RELEASE,
        "take the libraries of npm package " + LlamaCppPackage.COORDINATES);
  }

  private MemorySegment cpuDevice() {
    MethodHandle byType =
        function("ggml_backend_dev_by_type", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    return invoke(() -> (MemorySegment) byType.invokeExact(DEVICE_CPU));
  }

  /**
   * A copy of the plain buffer type of the CPU. llama.cpp compares addresses, so a tensor that is
   * overridden with it stays in the mapped file, where the type itself would let AMX and repacking
   * have it.
   */
  MemorySegment plainBufferType() {
    MethodHandle type =
        function("ggml_backend_dev_buffer_type", FunctionDescriptor.of(ADDRESS, ADDRESS));
    MemorySegment device = cpuDevice();
    MemorySegment original = invoke(() -> (MemorySegment) type.invokeExact(device));
    MemorySegment copy = arena.allocate(BUFFER_TYPE_BYTES, 8);
    return copy.copyFrom(original.reinterpret(BUFFER_TYPE_BYTES));
  }

  /** Threads that stay; without them llama.cpp starts new ones for each token. */
  MemorySegment threadPool(int threads) {
    MethodHandle registry =
        function("ggml_backend_dev_backend_reg", FunctionDescriptor.of(ADDRESS, ADDRESS));
    MethodHandle find =
        function(
            "ggml_backend_reg_get_proc_address", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    MethodHandle init =
        function("ggml_threadpool_params_init", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT));
    MemorySegment device = cpuDevice();
    MemorySegment name = arena.allocateFrom("ggml_threadpool_new");
    MemorySegment params = arena.allocate(THREAD_POOL_PARAMS_BYTES, 8);
    return invoke(() -> {
      init.invokeExact(params, threads);
      MemorySegment reg = (MemorySegment) registry.invokeExact(device);
      MemorySegment create = (MemorySegment) find.invokeExact(reg, name);
      MethodHandle newPool = linker.downcallHandle(create, FunctionDescriptor.of(ADDRESS, ADDRESS));
      return (MemorySegment) newPool.invokeExact(params);
    });
  }

  /** Sends what llama.cpp logs to a listener instead of standard error. */
  void onLog(MethodHandle listener) {
    MemorySegment stub =
        linker.upcallStub(listener, FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS), arena);
    MethodHandle set = function("llama_log_set", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
    invoke(() -> {
      set.invokeExact(stub, MemorySegment.NULL);
      return Optional.empty();
    });
  }

  static int getInt(MemorySegment struct, StructLayout layout, String field) {
    return struct.get(JAVA_INT, offset(layout, field));
  }

  static void setInt(MemorySegment struct, StructLayout layout, String field, int value) {
    struct.set(JAVA_INT, offset(layout, field), value);
  }

  static void setBoolean(MemorySegment struct, StructLayout layout, String field, boolean value) {
    struct.set(JAVA_BOOLEAN, offset(layout, field), value);
  }

  static void setAddress(
      MemorySegment struct, StructLayout layout, String field, MemorySegment value) {
    struct.set(ADDRESS, offset(layout, field), value);
  }

  private static long offset(StructLayout layout, String field) {
    return layout.byteOffset(MemoryLayout.PathElement.groupElement(field));
  }
}
