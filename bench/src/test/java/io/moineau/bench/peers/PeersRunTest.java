package io.moineau.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.moineau.kernels.quant.FileType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison as a whole, with programs that are always there, and its parts. */
final class PeersRunTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return PeersRun.run(
        List.of(args),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String logged() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void run_tinyModel_measuresMoineauAndNamesWhoCannotRead() {
    Path results = folder.resolve("results");
    int code =
        run(
            "--kinds",
            "qwen3moe-tiny:Q4_0",
            "--peers",
            "llama3.java,jlama",
            "--rounds",
            "1",
            "--warmup",
            "0",
            "-p",
            "8",
            "-n",
            "4",
            "-P",
            "2",
            "--threads",
            "1",
            "--out",
            results.toString(),
            "--cache",
            folder.resolve("cache").toString());
    assertThat(code).as(logged()).isZero();
    assertThat(printed())
        .contains("| pp8", "| tg4", "| streams 2", "first token")
        .contains("jlama, qwen3moe-tiny-Q4_0: not measured: 0.8.4 cannot read the file")
        .contains("it runs llama, not qwen3moe");
    assertThat(results.resolve("table.md")).hasContent(printed().strip());
    assertThat(results.resolve("comparison.json")).isNotEmptyFile();
    assertThat(results.resolve("comparison.svg")).isNotEmptyFile();
  }

  /** Where libraries of llama.cpp are: MOINEAU_LLAMA_CPP=DIR. */
  @Test
  void run_llamaCpp_isMeasuredOnEveryArchitecture() {
    String libraries = System.getenv("MOINEAU_LLAMA_CPP");
    assumeTrue(libraries != null, "MOINEAU_LLAMA_CPP names no libraries of llama.cpp");
    int code =
        run(
            "--kinds",
            "dsv3-tiny:Q4_K_M,qwen3moe-tiny:Q8_0,llama-tiny:Q4_0",
            "--peers",
            "llama.cpp",
            "--llama-cpp",
            libraries,
            "--rounds",
            "1",
            "--warmup",
            "0",
            "-p",
            "600",
            "-n",
            "4",
            "-P",
            "2",
            "--cpu",
            "avx2",
            "--out",
            folder.toString(),
            "--cache",
            folder.resolve("cache").toString());
    assertThat(code).as(logged()).isZero();
    for (String kind : List.of("dsv3-tiny", "qwen3moe-tiny", "llama-tiny")) {
      assertThat(printed().lines().filter(line -> line.matches("\\| " + kind + ".* llama.cpp .*")))
          .as(kind)
          .hasSize(8);
    }
    assertThat(printed()).contains("build haswell; CPU_Mapped");
  }

  @Test
  void run_programThatFails_goesOnAndGivesAnErrorCode() throws IOException {
    Path broken = Files.createDirectories(folder.resolve("broken"));
    for (String name :
        List.of("libllama.so", "libggml.so", "libggml-base.so", "libggml-cpu-x64.so")) {
      Files.writeString(broken.resolve(name), "no library");
    }
    assertThat(run("--kinds", "llama-tiny:Q8_0", "--llama-cpp", broken.toString())).isEqualTo(1);
    assertThat(logged()).contains("llama.cpp does not say which of its builds fits");
  }

  @Test
  void run_wrongArguments_areNamed() {
    assertThat(run("--kinds", "gpt-9:Q4_0")).isEqualTo(2);
    assertThat(run("--cpu", "mmx")).isEqualTo(2);
    assertThat(run("--rounds", "0")).isEqualTo(2);
    assertThat(run("--frobnicate")).isEqualTo(2);
    assertThat(run("-p", "0", "-n", "0", "-P", "0")).isEqualTo(2);
    assertThat(run("--models", folder.resolve("none.gguf").toString())).isEqualTo(2);
    assertThat(logged())
        .contains("gpt-9", "avx2 avx512", "1 to 100", "--frobnicate", "nothing to measure");
    assertThat(run("--help")).isZero();
    assertThat(printed()).contains("--llama-cpp DIR");
  }

  @Test
  void options_defaults() {
    RunOptions options =
        RunOptions.parse(List.of(), 6, Map.of("XDG_CACHE_HOME", folder.toString()));
    assertThat(options.threads()).isEqualTo(6);
    assertThat(options.rounds()).isEqualTo(3);
    assertThat(options.cpu()).isEmpty();
    assertThat(options.peers()).containsExactly("llama.cpp", "llama3.java", "jlama");
    assertThat(options.works().stream().map(Work::name))
        .containsExactly("pp512", "tg128", "streams 8", "streams 16");
    assertThat(options.made())
        .contains(
            new RunOptions.Made(ModelKind.DSV2_LITE, FileType.fromName("Q4_0").orElseThrow()));
    assertThat(options.cache()).isEqualTo(folder.resolve("moineau-peers"));
  }

  @Test
  void work_nameAndBack() {
    for (Work.Kind kind : Work.Kind.values()) {
      Work work = new Work(kind, 12);
      assertThat(Work.fromName(work.name())).contains(work);
    }
    assertThat(Work.fromName("pp")).isEmpty();
    assertThat(Work.fromName("rm -rf 1")).isEmpty();
    assertThat(new Work(Work.Kind.STREAMS, 4).tokens()).isEqualTo(4 * Work.STREAM_STEPS);
  }

  @Test
  void packageAddress_followsTheRegistryThatNpmWouldAsk() {
    assertThat(LlamaCppPackage.address(Map.of()))
        .isEqualTo(
            URI.create(
                "https://registry.npmjs.org/@node-llama-cpp/linux-x64/-/linux-x64-3.22.1.tgz"));
    assertThat(LlamaCppPackage.address(Map.of("NPM_CONFIG_REGISTRY", "https://host.example/a/npm")))
        .isEqualTo(
            URI.create(
                "https://host.example/a/npm/@node-llama-cpp/linux-x64/-/linux-x64-3.22.1.tgz"));
  }

  @Test
  void packageDownload_servesOrNamesTheAnswer() throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/good.tgz",
        exchange -> {
          exchange.sendResponseHeaders(200, 4);
          exchange.getResponseBody().write(new byte[] {1, 2, 3, 4});
          exchange.close();
        });
    server.start();
    try {
      URI root = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
      Path file = folder.resolve("archive.tgz");
      LlamaCppPackage.download(root.resolve("good.tgz"), file);
      assertThat(file).hasBinaryContent(new byte[] {1, 2, 3, 4});
      Path none = folder.resolve("none.tgz");
      assertThatThrownBy(() -> LlamaCppPackage.download(root.resolve("none.tgz"), none))
          .isInstanceOf(PeerException.class)
          .hasMessageContaining("answered 404");
      assertThat(none).doesNotExist();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void packageCheck_otherArchive_isRefusedAndDeleted() throws IOException {
    Path archive = Files.writeString(folder.resolve("archive.tgz"), "something else");
    assertThatThrownBy(() -> LlamaCppPackage.check(archive))
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("not the pinned one");
    assertThat(archive).doesNotExist();
  }

  @Test
  void files_folderWithoutLibraries_isRefused() {
    assertThatThrownBy(() -> LlamaCppFiles.in(folder))
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("libggml-cpu-*.so");
  }

  @Test
  void log_addsUpBuffersAndKeepsTheLastError() {
    LlamaCppLog log = new LlamaCppLog();
    log.line(2, "load_tensors:   CPU_Mapped model buffer size =   474.50 MiB\n");
    log.line(2, "load_tensors:          AMX model buffer size =   100.00 MiB\n");
    log.line(2, "load_tensors:          AMX model buffer size =    20.00 MiB\n");
    assertThat(log.lastError()).isEmpty();
    log.line(4, "error loading model: missing tensor\n");
    assertThat(log.buffers()).isEqualTo("; AMX 120 MiB, CPU_Mapped 475 MiB");
    assertThat(log.lastError()).contains("missing tensor");
  }

  @Test
  void speeds_ofLlama3Java_areRead() {
    String printed =
        "text\ncontext: 96/592 prompt: 29.31 tokens/s (32) generation: 9.25 tokens/s (64)\n";
    assertThat(Llama3JavaContestant.speed(printed, true)).contains(29.31);
    assertThat(Llama3JavaContestant.speed(printed, false)).contains(9.25);
    assertThat(Llama3JavaContestant.speed("no figures", true)).isEmpty();
  }

  @Test
  void cpuMeter_busyIsAllButIdleAndWaiting() {
    assertThat(CpuMeter.busySeconds("cpu  100 20 30 5000 600 7 8 9 0 0")).isEqualTo(1.74);
    assertThat(CpuMeter.ofProcess(ProcessHandle.current().pid()).others()).isNotNegative();
  }
}
