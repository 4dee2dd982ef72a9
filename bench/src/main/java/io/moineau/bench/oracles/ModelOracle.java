package io.moineau.bench.oracles;

import io.moineau.error.MoineauException;
import io.moineau.format.GgufFile;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.kernels.Precision;
import io.moineau.model.Batch;
import io.moineau.model.LanguageModel;
import io.moineau.model.Workspace;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Whole models against llama.cpp's logits, with each provider, and with the prompt in one chunk, in
 * chunks of 7, and token by token.
 */
final class ModelOracle implements OracleCheck {
  private static final int[] CHUNKS = {1 << 20, 7, 1};
  private static final double CLEAR_GAP = 0.05;

  private final List<String> providers;
  private double worstFloat;
  private double worstQuantised;

  ModelOracle(List<String> providers) {
    this.providers = providers;
  }

  @Override
  public String folderName() {
    return "models";
  }

  @Override
  public void run(Path folder, OracleReport report) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*.gguf")) {
      stream.forEach(files::add);
    }
    files.sort(null);
    for (Path gguf : files) {
      String base = gguf.getFileName().toString().replace(".gguf", "");
      Path json = gguf.resolveSibling(base + ".json");
      if (Files.exists(json)) {
        check(gguf, base, json, report);
      }
    }
    report.note(
        String.format(
            Locale.ROOT,
            "models: largest distance %.1e with float weights, %.1e with quantised ones in exact"
                + " precision",
            worstFloat,
            worstQuantised));
  }

  private void check(Path gguf, String base, Path json, OracleReport report) throws IOException {
    Map<?, ?> expected = (Map<?, ?>) Json.parse(json);
    for (String provider : providers) {
      for (Precision precision : Precision.values()) {
        KernelOptions options =
            KernelOptions.defaults().withProvider(provider).withThreads(2).withPrecision(precision);
        String label = base + " " + provider + " " + precision.name().toLowerCase(Locale.ROOT);
        try (Kernels kernels = Kernels.open(options);
            GgufFile file = GgufFile.open(gguf);
            LanguageModel model = LanguageModel.load(file, kernels)) {
          List<?> prompts = (List<?>) expected.get("prompts");
          for (int i = 0; i < prompts.size(); i++) {
            for (int chunk : CHUNKS) {
              Map<?, ?> prompt = (Map<?, ?>) prompts.get(i);
              String name = label + " prompt " + i + " chunk " + (chunk > 1000 ? "all" : chunk);
              compare(name, file, model, precision, prompt, chunk, report);
            }
          }
        } catch (MoineauException e) {
          report.differ(label, e.code() + ": " + e.getMessage());
        }
      }
    }
  }

  /** What one run of a prompt gives. */
  private record Run(float[] last, int[] argmax, int[] greedy) {}

  private void compare(
      String name,
      GgufFile file,
      LanguageModel model,
      Precision precision,
      Map<?, ?> prompt,
      int chunk,
      OracleReport report) {
    int[] tokens = ints(prompt.get("tokens"));
    Run run = run(model, tokens, chunk);
    float[] reference = floats(prompt.get("last_logits"));
    boolean quantised = prompt.containsKey("last_logits_f32_math");
    double distance = distance(reference, run.last());
    double allowed = 1e-3;
    String kind = "last_logits";
    boolean strict = true;
    if (quantised) {
      float[] exact = floats(prompt.get("last_logits_f32_math"));
      double toExact = distance(exact, run.last());
      boolean plain = isPlain(file);
      if (precision == Precision.EXACT || plain) {
        distance = toExact;
        kind = "last_logits_f32_math";
      } else {
        distance = Math.min(distance, toExact);
        allowed = holds(file, DType.MXFP4) ? 0.2 : 0.1;
        kind = "either logits";
        strict = false;
      }
    }
    if (strict) {
      if (quantised) {
        worstQuantised = Math.max(worstQuantised, distance);
      } else {
        worstFloat = Math.max(worstFloat, distance);
      }
    }
    if (!(distance <= allowed)) {
      report.differ(
          name,
          String.format(Locale.ROOT, "distance to %s %.2e, allowed %.0e", kind, distance, allowed));
      return;
    }
    String tokensDiffer = strict ? tokensDiffer(prompt, run, quantised) : "";
    if (tokensDiffer.isEmpty()) {
      report.pass();
    } else {
      report.differ(name, tokensDiffer);
    }
  }

  private static String tokensDiffer(Map<?, ?> prompt, Run run, boolean quantised) {
    String suffix = quantised ? "_f32_math" : "";
    if (!quantised) {
      int[] argmax = ints(prompt.get("position_argmax"));
      float[] gap = floats(prompt.get("position_gap"));
      for (int i = 0; i < argmax.length; i++) {
        if (gap[i] > CLEAR_GAP && argmax[i] != run.argmax()[i]) {
          return "best token at position " + i + " is " + run.argmax()[i] + ", not " + argmax[i];
        }
      }
    }
    int[] greedy = ints(prompt.get("greedy" + suffix));
    float[] gap = floats(prompt.get("greedy_gap" + suffix));
    for (int i = 0; i < greedy.length; i++) {
      if (greedy[i] != run.greedy()[i]) {
        if (gap[i] > CLEAR_GAP) {
          return "greedy token " + i + " is " + run.greedy()[i] + ", not " + greedy[i];
        }
        break; // a near tie went the other way: what follows is another text
      }
    }
    return "";
  }

  private static Run run(LanguageModel model, int[] tokens, int chunk) {
    int total = tokens.length + 16;
    int blockTokens = 16;
    int blocks = total / blockTokens + 1;
    try (PagedKv kv = model.newKv(DType.F32, blockTokens, blocks);
        Workspace workspace = model.newWorkspace(Math.min(chunk, tokens.length))) {
      Batch batch = new Batch(tokens.length);
      int[] table = new int[blocks];
      for (int i = 0; i < blocks; i++) {
        table[i] = blocks - 1 - i; // any order will do
      }
      batch.blockTables = new int[][] {table};
      int[] argmax = new int[tokens.length];
      int vocab = model.config().vocabSize();
      float[] row = new float[vocab];
      for (int from = 0; from < tokens.length; from += chunk) {
        int to = Math.min(tokens.length, from + Math.min(chunk, tokens.length));
        batch.clear();
        for (int i = from; i < to; i++) {
          batch.add(tokens[i], i, 0, true);
        }
        FloatMatrix logits = model.forward(batch, kv, workspace);
        for (int i = from; i < to; i++) {
          logits.copyRow(i - from, row);
          argmax[i] = argmax(row);
        }
        if (to == tokens.length) {
          break;
        }
      }
      float[] last = row.clone();
      int[] greedy = new int[16];
      int next = argmax(last);
      for (int i = 0; i < greedy.length; i++) {
        greedy[i] = next;
        batch.clear();
        batch.add(next, tokens.length + i, 0, true);
        model.forward(batch, kv, workspace).copyRow(0, row);
        next = argmax(row);
      }
      return new Run(last, argmax, greedy);
    }
  }

  /** Whether no tensor is quantised: then activations are not rounded either. */
  private static boolean isPlain(GgufFile file) {
    return file.tensors().values().stream().noneMatch(t -> t.type().isQuantized());
  }

  private static boolean holds(GgufFile file, DType type) {
    return file.tensors().values().stream().anyMatch(t -> t.type() == type);
  }

  private static double distance(float[] reference, float[] actual) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < reference.length; i++) {
      double d = reference[i] - actual[i];
      difference += d * d;
      size += (double) reference[i] * reference[i];
    }
    return Math.sqrt(difference / size);
  }

  private static int argmax(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  private static int[] ints(Object list) {
    return Arrays.stream(doubles(list)).mapToInt(v -> (int) v).toArray();
  }

  private static double[] doubles(Object list) {
    return ((List<?>) list).stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray();
  }

  private static float[] floats(Object list) {
    double[] wide = doubles(list);
    float[] values = new float[wide.length];
    for (int i = 0; i < wide.length; i++) {
      values[i] = (float) wide[i];
    }
    return values;
  }
}
