package io.moineau.bench.train;

import io.moineau.bench.peers.PeerException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Arguments of {@code bench/train/run}.
 *
 * @param script the same model in PyTorch
 * @param recipe what is trained
 * @param python that has PyTorch; empty for none
 * @param threads of each program
 * @param rounds how often programs alternate
 * @param steps that count, in each round
 * @param warmUp steps before them
 * @param out folder of the results
 */
record TrainOptions(
    Path script,
    Path recipe,
    Optional<String> python,
    int threads,
    int rounds,
    int steps,
    int warmUp,
    Path out) {
  private static final List<String> NAMES =
      List.of("--threads", "--rounds", "--steps", "--warmup", "--recipe", "--python", "--out");

  static final String USAGE =
      """
      Trains a mixture-of-experts model of 20 M parameters here and in PyTorch, in turns:
        bench/train/run [options]

        --threads N     for each program (number of cores)
        --rounds N      programs alternate so often; medians count (3)
        --steps N       steps of 4096 tokens that count, in each round (6)
        --warmup N      steps before them (4)
        --recipe FILE   another recipe (bench/train/recipe.yaml)
        --python FILE   a Python with PyTorch in place of Debian's; none: without PyTorch
        --out DIR       where table.md and train.json go (train-results)

      Exit codes: 0 done, 1 a program failed, 2 wrong usage.
      """;

  /**
   * Reads arguments.
   *
   * @param here folder of {@code run}, {@code moe.py} and {@code recipe.yaml}
   * @throws PeerException {@code usage}
   */
  static TrainOptions parse(List<String> arguments, Path here, String python, int cores) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < arguments.size(); i += 2) {
      String name = arguments.get(i);
      if (!NAMES.contains(name)) {
        throw usage("an unknown argument", name, String.join(", ", NAMES));
      }
      if (i + 1 == arguments.size()) {
        throw usage("an option without a value", name, name + " VALUE");
      }
      values.put(name, arguments.get(i + 1));
    }
    String interpreter = values.getOrDefault("--python", python);
    String recipe = values.getOrDefault("--recipe", here.resolve("recipe.yaml").toString());
    return new TrainOptions(
        here.resolve("moe.py"),
        Path.of(recipe),
        interpreter.isEmpty() || interpreter.equals("none")
            ? Optional.empty()
            : Optional.of(interpreter),
        number(values, "--threads", cores),
        number(values, "--rounds", 3),
        number(values, "--steps", 6),
        number(values, "--warmup", 4),
        Path.of(values.getOrDefault("--out", "train-results")));
  }

  private static int number(Map<String, String> values, String name, int otherwise) {
    String text = values.getOrDefault(name, "");
    if (text.isEmpty()) {
      return otherwise;
    }
    if (!text.matches("[1-9][0-9]{0,3}")) {
      throw usage("not a number", name + " " + text, "1 to 9999");
    }
    return Integer.parseInt(text);
  }

  private static PeerException usage(String what, String where, String allowed) {
    return new PeerException("usage", what, where, allowed, "see bench/train/run --help");
  }
}
