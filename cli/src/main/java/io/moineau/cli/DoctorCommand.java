package io.moineau.cli;

import io.moineau.kernels.CpuFeatures;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.KernelTuning;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.MachineProbe;
import io.moineau.kernels.PageLoader;
import io.moineau.kernels.Topology;
import io.moineau.kernels.dense.DenseProducts;
import io.moineau.kernels.dense.Factors;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What this machine has, what is used of it, and what to do. */
@Command(
    name = "doctor",
    header = "What this machine has, what is used of it, and what to do.",
    description = {
      "",
      "Looks at the processor, the memory, the JVM and the kernels that would be used. Changes nothing",
      "and connects to nothing.",
      ""
    },
    footer = {"", "Examples:", "  moineau doctor", "  moineau doctor --probe --json"})
final class DoctorCommand extends Job {
  @Option(
      names = "--probe",
      description = "Also measure memory and arithmetic speed; takes a second or two.")
  private boolean probe;

  @Option(names = "--json", description = "Print everything as JSON.")
  private boolean json;

  private final Map<String, String> facts = new LinkedHashMap<>();
  private final List<String> advice = new ArrayList<>();

  DoctorCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    processor();
    memory();
    java();
    kernels();
    if (probe) {
      int threads = CpuFeatures.get().usableCores();
      MachineProbe.Result result = Machine.probe(threads);
      facts.put(
          "speed",
          Figures.decimal(result.gigabytesPerSecond(), 1)
              + " GB/s read from memory, "
              + Figures.decimal(result.gigaoperationsPerSecond(), 0)
              + " GOP/s in 32-bit floats, "
              + threads
              + (threads == 1 ? " thread" : " threads"));
    }
    report();
    return ExitCode.OK;
  }

  private void processor() {
    CpuFeatures cpu = CpuFeatures.get();
    facts.put("processor", cpu.name() + ", " + cpu.architecture());
    facts.put(
        "cores",
        cpu.physicalCores()
            + " physical, "
            + cpu.logicalCores()
            + " logical, "
            + cpu.usableCores()
            + " used; memory nodes: "
            + cpu.numaNodes());
    facts.put("topology", Topology.here().describe());
    facts.put("caches", cpu.caches().isEmpty() ? "not told" : String.join(", ", cpu.caches()));
    facts.put(
        "instructions",
        cpu.instructionSets().isEmpty()
            ? "not told by this system"
            : String.join(", ", cpu.instructionSets()));
    if (!cpu.instructionSets().isEmpty() && !cpu.has("AVX2") && !cpu.has("NEON")) {
      advice.add("this processor lacks AVX2: expect a few times less speed than on a newer one");
    }
  }

  private void memory() {
    long total = Machine.totalMemory();
    long free = Machine.availableMemory();
    facts.put("memory", Figures.bytes(total) + ", " + Figures.bytes(free) + " available");
    Machine.containerLimit()
        .ifPresent(limit -> facts.put("container", Figures.bytes(limit) + " of memory allowed"));
    String problem = PageLoader.here().problem();
    facts.put(
        "weights",
        problem.isEmpty()
            ? "mapped; can be read before the first prompt"
            : "mapped; read when they are needed: " + problem);
    if (free < 2L << 30) {
      advice.add("little memory is free: close other programs, or use a small model");
    }
  }

  private void java() {
    var runtime = ManagementFactory.getRuntimeMXBean();
    facts.put(
        "java",
        Runtime.version()
            + " of "
            + System.getProperty("java.vendor", "unknown")
            + ", heap up to "
            + Figures.bytes(Runtime.getRuntime().maxMemory()));
    List<String> flags = runtime.getInputArguments();
    boolean cached = flags.stream().anyMatch(flag -> flag.startsWith("-XX:AOTCache="));
    facts.put("start", cached ? "AOT cache in use" : "no AOT cache");
    if (!cached) {
      advice.add(
          "start with ./moineau: it makes a cache in the background, and the next start is faster");
    }
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
  }

  private void kernels() {
    boolean vectorModule = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    facts.put(
        "vector API",
        vectorModule ? "enabled, " + 8 * Machine.vectorBytes() + " bits wide" : "not enabled");
    try (Kernels kernels = Kernels.open(KernelOptions.defaults())) {
      facts.put("kernels", kernels.describe());
      facts.put("threads", kernels.threads() + ", " + kernels.pinning());
      if (kernels.providerName().equals("x86")) {
        Path table = KernelTuning.file();
        facts.put(
            "kernel table",
            Files.exists(table)
                ? table.toString()
                : "defaults; moineau bench --tune measures this machine");
      }
      advice.addAll(kernels.whyNotBetter());
    }
    facts.put(
        "training",
        "float32 by "
            + DenseProducts.describe(Factors.FLOAT32)
            + "; bfloat16 by "
            + DenseProducts.describe(Factors.BFLOAT16));
  }

  private void report() {
    if (json) {
      JsonOutput.print(
          streams().out(),
          out -> {
            for (var fact : facts.entrySet()) {
              out.writeStringField(fact.getKey().replace(' ', '_'), fact.getValue());
            }
            out.writeArrayFieldStart("to_do");
            for (String line : advice) {
              out.writeString(line);
            }
            out.writeEndArray();
          });
      return;
    }
    Style style = new Style(streams().colors());
    facts.forEach(
        (name, value) -> print(style.dim(String.format("%-13s", name)) + SafeText.ofLine(value)));
    print("");
    if (advice.isEmpty()) {
      print("Nothing to do: all is as it should be.");
    }
    for (String line : advice) {
      print("to do: " + line);
    }
  }
}
