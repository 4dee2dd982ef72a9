package io.moineau.cli;

import io.moineau.format.GgufFile;
import io.moineau.tensor.DType;
import io.moineau.text.Json;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * What a model needs, as a patch for {@code deploy/kubernetes}: its arguments and its memory. The
 * sum is the one that a load makes: mapped weights count, since their pages count against a
 * container's limit, and what does not fit there would be read from disk for every token.
 */
final class KubernetesPatch {
  /** As the image's {@code java.flags} have it in {@code -Xmx}. */
  private static final long HEAP_BYTES = 2L << 30;

  /** Activations, logits, machine code, classes, stacks of threads, buffers of connections. */
  private static final long BESIDE_BYTES = 768L << 20;

  private static final int DEFAULT_CONTEXT = 4096;
  private static final long MIB = 1 << 20;

  @Option(
      names = "--kubernetes",
      description =
          "Print a patch for deploy/kubernetes instead: the server's arguments, and the memory that"
              + " they need.")
  private boolean asked;

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "0",
      description = "With --kubernetes: tokens of context (the model's own or 4096).")
  private int context;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "8",
      description = "With --kubernetes: answers at once (${DEFAULT-VALUE}).")
  private int parallel;

  boolean asked() {
    return asked;
  }

  /** The lines of the patch. */
  List<String> lines(InspectCommand job, GgufFile gguf, ModelShape shape) {
    if (context < 0 || parallel < 1 || parallel > 4096) {
      throw job.usage(
          context < 0
              ? "--context is " + context + ", but must be 0 (the model's own or 4096) or more"
              : "--parallel is " + parallel + ", but must be 1 to 4096");
    }
    long trained = shape.contextLength() > 0 ? shape.contextLength() : DEFAULT_CONTEXT;
    long tokens = context > 0 ? context : Math.min(trained, DEFAULT_CONTEXT);
    // Room as a server takes it by itself: few answers use their whole context.
    long room = Math.max(tokens, parallel * Math.min(tokens, DEFAULT_CONTEXT));
    long kv = shape.kvBytes(DType.F16, room);
    long sum = gguf.fileBytes() + kv + HEAP_BYTES + BESIDE_BYTES;
    String name = String.valueOf(gguf.path().getFileName());
    String memory = (sum + MIB - 1) / MIB + "Mi";

    List<String> lines = new ArrayList<>();
    lines.add(
        "# weights "
            + Figures.bytes(gguf.fileBytes())
            + ", keys and values of "
            + Figures.grouped(room)
            + " tokens "
            + Figures.bytes(kv)
            + ", Java's heap "
            + Figures.bytes(HEAP_BYTES)
            + ", beside these "
            + Figures.bytes(BESIDE_BYTES));
    lines.add("apiVersion: apps/v1");
    lines.add("kind: Deployment");
    lines.add("metadata:");
    lines.add("  name: moineau");
    lines.add("spec:");
    lines.add("  template:");
    lines.add("    spec:");
    lines.add("      containers:");
    lines.add("        - name: moineau");
    lines.add("          args:");
    for (String argument : arguments(name, tokens, room)) {
      lines.add("            - " + Json.write(argument));
    }
    lines.add("          resources:");
    lines.add("            requests:");
    lines.add("              # cpu: as many as the node has cores for it; the base asks for 2.");
    lines.add("              memory: " + memory);
    lines.add("            limits:");
    lines.add("              memory: " + memory);
    return lines;
  }

  private List<String> arguments(String name, long tokens, long room) {
    return List.of(
        "serve",
        "/models/" + name,
        "--host",
        "0.0.0.0",
        "--port",
        "8080",
        "--keys",
        "--context",
        Long.toString(tokens),
        "--parallel",
        Integer.toString(parallel),
        "--kv-tokens",
        Long.toString(room),
        "--grace",
        "25");
  }
}
