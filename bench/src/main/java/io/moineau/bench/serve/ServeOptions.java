package io.moineau.bench.serve;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Arguments of {@code bench/serve/run}.
 *
 * @param model GGUF file; empty for the embedded one
 * @param url of a server that runs already; empty to start one
 * @param chat asks for chats rather than completions of tokens
 * @param together numbers of streams that begin together
 * @param streams users of the load and of the long prompt
 * @param longPrompt tokens of the prompt that arrives; 0 for none
 * @param llamaCpp folder of llama.cpp's libraries; empty to leave it out
 * @param serverArguments passed on to {@code moineau serve}
 */
record ServeOptions(
    Optional<Path> model,
    Optional<URI> url,
    boolean chat,
    List<Integer> together,
    int streams,
    Lengths prompts,
    Lengths answers,
    double seconds,
    double warmUpSeconds,
    int rounds,
    int longPrompt,
    int chunkTokens,
    int threads,
    long seed,
    Optional<Path> llamaCpp,
    Path out,
    List<String> serverArguments) {
  private static final Set<String> NAMES =
      Set.of(
          "--model",
          "--url",
          "--api",
          "--together",
          "--streams",
          "--prompt",
          "--answer",
          "--seconds",
          "--warmup",
          "--rounds",
          "--long-prompt",
          "--chunk",
          "--threads",
          "--seed",
          "--llama-cpp",
          "--out");

  static final String USAGE =
      """
      Drives moineau serve with many streams at once, and llama.cpp's batches beside it:
        bench/serve/run [--model FILE] [options] [-- ARGUMENTS OF moineau serve]

        --model FILE       GGUF file (the embedded model)
        --url URL          a server that runs already, in place of one that is started
        --api NAME         completions (of tokens), or chat
        --together N,..    streams that begin together and decode together (1,4,16); 0 for none
        --streams N        users of the load, who ask again when they are answered (16)
        --prompt LENGTH    tokens of their prompts: 128, 64-512, or ~200 for a median (~128)
        --answer LENGTH    tokens of their answers (~128)
        --seconds N        of the load that count (60); 0 for none
        --warmup N         seconds before (10)
        --rounds N         of those together, which alternate with llama.cpp's (3)
        --long-prompt N    tokens of a prompt that arrives amid one stream fewer (4000); 0 for none
        --chunk N          prompt tokens that the server computes in one step (512)
        --threads N        of each program (number of physical cores)
        --seed N           of prompts and lengths (1)
        --llama-cpp DIR    libraries of llama.cpp, as for bench/peers/run; without it, it is left out
        --out DIR          where serve.md and serve.json go (serve-results)

      Exit codes: 0 done, 1 a request or program failed, 2 wrong usage.
      """;

  /**
   * Reads arguments.
   *
   * @param cores number of threads where none is named
   * @throws ServeBenchException {@code usage}
   */
  static ServeOptions parse(List<String> arguments, int cores) {
    Map<String, String> values = new HashMap<>();
    Deque<String> left = new ArrayDeque<>(arguments);
    while (!left.isEmpty() && !left.getFirst().equals("--")) {
      String name = left.pop();
      if (!NAMES.contains(name)) {
        List<String> sorted = new ArrayList<>(NAMES);
        Collections.sort(sorted);
        throw ServeBenchException.usage("an unknown argument", name, String.join(", ", sorted));
      }
      if (left.isEmpty()) {
        throw ServeBenchException.usage("an option without a value", name, name + " VALUE");
      }
      values.put(name, left.pop());
    }
    List<String> rest = left.stream().skip(1).toList();
    return new ServeOptions(
        Optional.ofNullable(values.get("--model")).map(ServeOptions::existing),
        Optional.ofNullable(values.get("--url")).map(URI::create),
        chat(values.getOrDefault("--api", "completions")),
        numbers(values.getOrDefault("--together", "1,4,16")),
        number(values, "--streams", 16, 1, 4096),
        Lengths.parse("--prompt", values.getOrDefault("--prompt", "~128")),
        Lengths.parse("--answer", values.getOrDefault("--answer", "~128")),
        number(values, "--seconds", 60, 0, 86_400),
        number(values, "--warmup", 10, 0, 3600),
        number(values, "--rounds", 3, 1, 100),
        number(values, "--long-prompt", 4000, 0, 1 << 20),
        number(values, "--chunk", 512, 1, 1 << 20),
        number(values, "--threads", cores, 1, 1024),
        number(values, "--seed", 1, 0, Integer.MAX_VALUE),
        Optional.ofNullable(values.get("--llama-cpp")).map(ServeOptions::existing),
        Path.of(values.getOrDefault("--out", "serve-results")),
        rest);
  }

  private static boolean chat(String api) {
    return switch (api) {
      case "chat" -> true;
      case "completions" -> false;
      default ->
          throw ServeBenchException.usage("an unknown API", "--api " + api, "completions, chat");
    };
  }

  private static Path existing(String name) {
    Path path = Path.of(name);
    if (!Files.isReadable(path)) {
      throw ServeBenchException.usage("a file cannot be read", name, "a file or folder");
    }
    return path;
  }

  private static List<Integer> numbers(String text) {
    return Arrays.stream(text.split(","))
        .map(word -> number(Map.of("--together", word.strip()), "--together", 0, 0, 4096))
        .filter(number -> number > 0)
        .toList();
  }

  private static int number(
      Map<String, String> values, String name, int otherwise, int least, int most) {
    String text = values.getOrDefault(name, Integer.toString(otherwise));
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Falls through to the same error.
    }
    throw ServeBenchException.usage(
        "not a number in the range", name + " " + text, least + " to " + most);
  }

  /** Most streams at once. */
  int mostStreams() {
    return together.stream().reduce(streams, Math::max);
  }

  /** Tokens of the longest sequence. */
  int longest() {
    int load = seconds == 0 ? 0 : prompts.most() + answers.most();
    int around = longPrompt == 0 ? 0 : Math.max(longPrompt, LoadRun.LONG_ANSWER);
    int together = ServeRun.TOGETHER_PROMPT + ServeRun.TOGETHER_ANSWER;
    return Math.max(Math.max(load, around), together) + 64; // a chat's template takes some
  }
}
