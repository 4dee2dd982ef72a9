package io.moineau.cli;

import io.moineau.Sampling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Sampling as {@code /set} shows and changes it, with the names of the command line. */
final class SamplingSettings {
  private record Setting(
      Function<Sampling, Object> read, BiFunction<Sampling, String, Sampling> change) {}

  private static final Map<String, Setting> SETTINGS = new LinkedHashMap<>();

  static {
    add("temp", Sampling::temperature, (s, v) -> s.withTemperature(number(v)));
    add("top-k", Sampling::topK, (s, v) -> s.withTopK(integer(v)));
    add("top-p", Sampling::topP, (s, v) -> s.withTopP(number(v)));
    add("min-p", Sampling::minP, (s, v) -> s.withMinP(number(v)));
    add("typical", Sampling::typicalP, (s, v) -> s.withTypicalP(number(v)));
    add("top-nsigma", Sampling::topNSigma, (s, v) -> s.withTopNSigma(number(v)));
    add("repeat-penalty", Sampling::repeatPenalty, (s, v) -> s.withRepeatPenalty(number(v)));
    add("repeat-last-n", Sampling::repeatLastN, (s, v) -> s.withRepeatLastN(integer(v)));
    add("presence-penalty", Sampling::presencePenalty, (s, v) -> s.withPresencePenalty(number(v)));
    add(
        "frequency-penalty",
        Sampling::frequencyPenalty,
        (s, v) -> s.withFrequencyPenalty(number(v)));
    add(
        "dry-multiplier",
        s -> s.dry().multiplier(),
        (s, v) ->
            s.withDry(
                new Sampling.Dry(
                    number(v),
                    s.dry().base(),
                    s.dry().allowedLength(),
                    s.dry().penaltyLastN(),
                    s.dry().sequenceBreakers())));
    add(
        "xtc-probability",
        s -> s.xtc().probability(),
        (s, v) -> s.withXtc(new Sampling.Xtc(number(v), s.xtc().threshold())));
    add(
        "xtc-threshold",
        s -> s.xtc().threshold(),
        (s, v) -> s.withXtc(new Sampling.Xtc(s.xtc().probability(), number(v))));
    add(
        "mirostat",
        s -> s.mirostat().version(),
        (s, v) ->
            s.withMirostat(
                new Sampling.Mirostat(integer(v), s.mirostat().tau(), s.mirostat().eta())));
    add(
        "seed",
        s -> s.seed().isPresent() ? s.seed().getAsLong() : "random",
        (s, v) -> s.withSeed(integer64(v)));
    add("predict", Sampling::maxTokens, (s, v) -> s.withMaxTokens(integer(v)));
    add(
        "stop",
        s -> s.stop().isEmpty() ? "none" : s.stop(),
        (s, v) -> s.withStop(v.equals("none") ? List.of() : List.of(v.replace("\\n", "\n"))));
  }

  private SamplingSettings() {}

  private static void add(
      String name, Function<Sampling, Object> read, BiFunction<Sampling, String, Sampling> change) {
    SETTINGS.put(name, new Setting(read, change));
  }

  static Iterable<String> names() {
    return SETTINGS.keySet();
  }

  /** All names with their values. */
  static TextTable table(Sampling sampling) {
    TextTable table = new TextTable("", "");
    SETTINGS.forEach((name, setting) -> table.row(name, setting.read.apply(sampling)));
    return table;
  }

  /**
   * The sampling with one value changed.
   *
   * @throws CliException {@code chat-bad-setting} for an unknown name or a value that is no number
   */
  static Sampling change(Sampling sampling, String name, String value) {
    Setting setting = SETTINGS.get(name.startsWith("--") ? name.substring(2) : name);
    if (setting == null) {
      throw new CliException(
          "chat-bad-setting",
          "no such setting",
          SafeText.ofLine(name),
          String.join(", ", SETTINGS.keySet()),
          "");
    }
    try {
      return setting.change.apply(sampling, value.strip());
    } catch (NumberFormatException e) {
      throw new CliException(
          "chat-bad-setting",
          "a setting takes a number",
          SafeText.ofLine(name + " " + value),
          "a number",
          "");
    }
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }

  private static int integer(String text) {
    return Integer.parseInt(text);
  }

  private static long integer64(String text) {
    return Long.parseLong(text);
  }
}
