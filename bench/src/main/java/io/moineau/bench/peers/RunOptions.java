package io.moineau.bench.peers;

import io.moineau.kernels.quant.FileType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Arguments of {@code bench/peers/run}.
 *
 * @param made kinds and types of files to make
 * @param models files that are there already
 * @param peers names of programs to compare with
 * @param llamaCpp folder of llama.cpp's libraries; empty to fetch them
 * @param llama3Java source file of llama3.java
 * @param variant build of llama.cpp's CPU backend; empty for the best
 * @param cpu what instruction sets all are limited to; empty for none
 * @param works what is measured
 * @param warmUpSeconds of each work before it counts
 * @param out folder of the results
 * @param cache folder of files and libraries
 */
record RunOptions(
    List<Made> made,
    List<Path> models,
    List<String> peers,
    Optional<Path> llamaCpp,
    Optional<Path> llama3Java,
    String variant,
    String cpu,
    List<Work> works,
    int threads,
    int rounds,
    int warmUpSeconds,
    long seed,
    Path out,
    Path cache) {

  /** A file to make. */
  record Made(ModelKind kind, FileType type) {
    String label() {
      return kind.label() + "-" + type;
    }
  }

  private static final String DEFAULT_KINDS =
      "qwen3moe-small:Q4_0,llama-1b:Q4_0,llama-1b:Q8_0,dsv2-lite:Q4_0";
  private static final List<String> PEERS =
      List.of(LlamaCppContestant.NAME, Llama3JavaContestant.NAME, JlamaContestant.NAME);
  private static final List<String> CPUS = List.of("", "avx2", "avx512");

  static final String USAGE =
      """
      Compares Moineau with llama.cpp, llama3.java and Jlama on the same files:
        bench/peers/run [--kinds KIND:TYPE,...] [--models FILE,...] [options]

        --kinds K:T,...     files to make (%s)
        --models FILE,...   GGUF files to take instead
        --peers NAME,...    %s (all)
        --llama-cpp DIR     libraries of llama.cpp; else the pinned npm package is fetched once
        --llama3-java FILE  Llama3.java of github.com/mukel/llama3.java; without it, it is left out
        --variant NAME      build of llama.cpp's CPU backend: haswell, icelake, zen4, sapphirerapids, ...
                            (the one that llama.cpp itself would choose)
        --cpu avx2|avx512   no more than these instruction sets, for Moineau and llama.cpp
        -p N  -n N  -P N,.. tokens of the prompt (512), tokens generated (128), sequences at once (8,16);
                            0 for none
        --threads N         for each program (number of physical cores)
        --rounds N          programs alternate so often; medians count (3)
        --warmup N          seconds that each work is repeated before it counts (3)
        --seed N            of made files (1)
        --out DIR           where table.md, comparison.json and comparison.svg go (peers-results)
        --cache DIR         where files and libraries are kept (~/.cache/moineau-peers)

      dsv2-lite:Q4_0 is a file of 8.9 GB, and llama.cpp needs 17 GB of memory for it.
      Exit codes: 0 done, 1 a program or file failed, 2 wrong usage.
      """
          .formatted(DEFAULT_KINDS, String.join(", ", PEERS));

  /**
   * Reads arguments.
   *
   * @param cores number of threads where none is named
   * @throws PeerException {@code usage}
   */
  static RunOptions parse(List<String> arguments, int cores, Map<String, String> environment) {
    Map<String, String> values = new HashMap<>();
    List<String> names =
        List.of(
            "--kinds",
            "--models",
            "--peers",
            "--llama-cpp",
            "--llama3-java",
            "--variant",
            "--cpu",
            "-p",
            "-n",
            "-P",
            "--threads",
            "--rounds",
            "--warmup",
            "--seed",
            "--out",
            "--cache");
    Deque<String> left = new ArrayDeque<>(arguments);
    while (!left.isEmpty()) {
      String name = left.pop();
      if (!names.contains(name)) {
        throw usage("an unknown argument", name, String.join(", ", names));
      }
      if (left.isEmpty()) {
        throw usage("an option without a value", name, name + " VALUE");
      }
      values.put(name, left.pop());
    }
    List<Path> models = paths(values.getOrDefault("--models", ""));
    String kinds = values.getOrDefault("--kinds", models.isEmpty() ? DEFAULT_KINDS : "");
    return new RunOptions(
        made(kinds),
        models,
        words("--peers", values.getOrDefault("--peers", String.join(",", PEERS)), PEERS),
        Optional.ofNullable(values.get("--llama-cpp")).map(Path::of),
        Optional.ofNullable(values.get("--llama3-java")).map(path -> existing(Path.of(path))),
        values.getOrDefault("--variant", ""),
        words("--cpu", values.getOrDefault("--cpu", ""), CPUS).getFirst(),
        works(values),
        (int) number(values, "--threads", cores, 1, 1024),
        (int) number(values, "--rounds", 3, 1, 100),
        (int) number(values, "--warmup", 3, 0, 600),
        number(values, "--seed", 1, 0, Long.MAX_VALUE),
        Path.of(values.getOrDefault("--out", "peers-results")),
        Path.of(values.getOrDefault("--cache", defaultCache(environment))));
  }

  private static String defaultCache(Map<String, String> environment) {
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path folder =
        caches.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(caches);
    return folder.resolve("moineau-peers").toString();
  }

  private static List<Made> made(String kinds) {
    List<Made> made = new ArrayList<>();
    for (String word : split(kinds)) {
      String[] parts = word.split(":", 2);
      ModelKind kind =
          ModelKind.fromLabel(parts[0])
              .orElseThrow(() -> usage("an unknown kind", word, ModelKind.labels()));
      FileType type =
          FileType.fromName(parts.length > 1 ? parts[1] : "Q4_0")
              .orElseThrow(
                  () -> usage("an unknown type", word, Arrays.toString(FileType.values())));
      made.add(new Made(kind, type));
    }
    return made;
  }

  private static List<Path> paths(String text) {
    return split(text).stream().map(word -> existing(Path.of(word))).toList();
  }

  private static Path existing(Path path) {
    if (!Files.isReadable(path)) {
      throw usage("a file cannot be read", path.toString(), "a readable file");
    }
    return path;
  }

  private static List<Work> works(Map<String, String> values) {
    List<Work> works = new ArrayList<>();
    int prompt = (int) number(values, "-p", 512, 0, 1 << 17);
    int generate = (int) number(values, "-n", 128, 0, 1 << 17);
    if (prompt > 0) {
      works.add(new Work(Work.Kind.PROMPT, prompt));
    }
    if (generate > 0) {
      works.add(new Work(Work.Kind.GENERATE, generate));
    }
    for (String word : split(values.getOrDefault("-P", "8,16"))) {
      int streams = (int) number(Map.of("-P", word), "-P", 0, 0, 256);
      if (streams > 0) {
        works.add(new Work(Work.Kind.STREAMS, streams));
      }
    }
    if (works.isEmpty()) {
      throw usage("there is nothing to measure", "-p 0 -n 0 -P 0", "one of them above 0");
    }
    return works;
  }

  private static List<String> split(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private static List<String> words(String name, String text, List<String> allowed) {
    List<String> words = text.isEmpty() ? List.of("") : split(text.toLowerCase(Locale.ROOT));
    for (String word : words) {
      if (!allowed.contains(word) && !word.isEmpty()) {
        throw usage("an unknown value", name + " " + word, String.join(" ", allowed).strip());
      }
    }
    return words;
  }

  private static long number(
      Map<String, String> values, String name, long otherwise, long least, long most) {
    String text = values.getOrDefault(name, Long.toString(otherwise));
    try {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Falls through to the same error.
    }
    throw usage("not a number in the range", name + " " + text, least + " to " + most);
  }

  private static PeerException usage(String what, String where, String allowed) {
    return new PeerException("usage", what, where, allowed, "see bench/peers/run --help");
  }
}
