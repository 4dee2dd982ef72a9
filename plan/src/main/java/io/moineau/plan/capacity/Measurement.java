package io.moineau.plan.capacity;

import io.moineau.plan.chips.Source;
import io.moineau.plan.yaml.YamlSection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What somebody published about the speed of a model on chips. Texts are empty where the source
 * says nothing.
 *
 * @param id such as {@code B001}
 * @param date of the measurement or of the text, as exact as it is known: {@code 2025-06}
 * @param setup what ran on what
 * @param load what it was given to do
 * @param result what was measured
 * @param origin how the figure came about
 * @param use whether the planner is scored on it
 * @param why what to mind, or why it is not
 * @param note anything else
 * @param sources where it is written
 */
public record Measurement(
    String id,
    String date,
    Setup setup,
    Load load,
    Result result,
    Origin origin,
    Use use,
    String why,
    String note,
    List<Source> sources) {

  /** What the figure is of. */
  public enum Phase {
    /** Input tokens per second. */
    PREFILL,
    /** Time to the first token of one request. */
    PREFILL_LATENCY,
    /** Input tokens per second, of which some were found in a cache. */
    PREFILL_WITH_CONTEXT_CACHE,
    /** Tokens generated per second, prompts aside. */
    DECODE,
    /** Prompts and answers on the same chips, or on all chips together. */
    END_TO_END,
    /** Prompts on some chips and answers on others; rates are over all of them. */
    END_TO_END_APART,
    /** MLPerf's scenario with all requests there at the beginning. */
    OFFLINE,
    /** MLPerf's scenario with requests that arrive at random and limits of latency. */
    SERVER,
    /** The same with tighter limits. */
    INTERACTIVE,
    /** Time of a whole request. */
    LATENCY,
    /** Two extremes that do not hold at the same time. */
    VENDOR_RECORD,
    /** Of the network alone. */
    COMMUNICATION,
    /** What fits in memory. */
    MEMORY_MODEL;

    String word() {
      return this == END_TO_END_APART ? "end to end, apart" : YamlSection.word(this);
    }
  }

  /** What {@link Load#batch} counts. */
  public enum BatchUnit {
    /** Requests that are served at the same time by all chips. */
    REQUESTS_IN_ALL,
    /** Requests that are served at the same time, divided by the number of chips. */
    REQUESTS_PER_CHIP,
    /** Tokens of prompts in one pass, divided by the number of chips. */
    TOKENS_PER_CHIP
  }

  /** Which tokens a rate counts. */
  public enum Counted {
    INPUT,
    OUTPUT,
    BOTH
  }

  /** How a figure came about. */
  public enum Origin {
    MEASURED,
    PRODUCTION,
    PROFILE,
    AUDITED,
    VENDOR_MEASURED,
    COMMUNITY_MEASURED,
    INTERPOLATED,
    PRESS,
    VENDOR_CLAIM,
    SIMULATED,
    PROJECTED,
    DERIVED
  }

  /** Whether the planner is scored on a row. */
  public enum Use {
    YES,
    /** Factors are fitted to it, and it is not scored. */
    FIT,
    CAUTION,
    NO
  }

  /**
   * What ran on what.
   *
   * @param model by the name that {@link Models} knows, if it does
   * @param named as the source names it
   * @param chip by the name of the catalogue, if it is there
   * @param machine as the source names it
   * @param beside what stands beside the chips and takes a part of the work: a GPU beside CPUs, or
   *     CPUs beside GPUs
   * @param perDie whether {@code chips} and rates count dies of which a package has two
   * @param sockets of a host whose CPUs work together; 1 otherwise
   * @param chips that the total is over
   * @param group chips that work together, where these are more
   * @param layout how the model is split, as the source has it
   * @param engine software and its version
   * @param precision as the source has it
   * @param weights the type that the planner takes
   * @param kv type of keys and values, if the source says so
   */
  public record Setup(
      String model,
      String named,
      String chip,
      String machine,
      String beside,
      boolean perDie,
      int sockets,
      OptionalDouble chips,
      OptionalDouble group,
      String layout,
      String engine,
      String precision,
      String weights,
      String kv) {}

  /**
   * What it was given to do; tokens and seconds.
   *
   * @param batch in {@code unit}s
   * @param unit of {@code batch}; requests in all where there is none
   * @param inputTokens of a prompt
   * @param outputTokens of an answer
   * @param inputAtMost where lengths were drawn at random up to this
   * @param outputAtMost the same of answers
   * @param contextTokens kept when a token is generated
   * @param ttftLimit time to the first token that had to be met
   * @param tpotLimit time per further token that had to be met
   * @param drafts tokens that are guessed at each step; 0 where the source says none
   * @param drafting whether tokens are guessed, the source does not say how many
   * @param accepted tokens gained per step, the certain one counted
   */
  public record Load(
      Phase phase,
      OptionalDouble batch,
      BatchUnit unit,
      OptionalDouble inputTokens,
      OptionalDouble outputTokens,
      OptionalDouble inputAtMost,
      OptionalDouble outputAtMost,
      OptionalDouble contextTokens,
      OptionalDouble ttftLimit,
      OptionalDouble tpotLimit,
      OptionalDouble drafts,
      boolean drafting,
      OptionalDouble accepted) {}

  /**
   * What was measured; tokens per second, and seconds.
   *
   * @param perChip rate of a chip (a die where {@link Setup#perDie})
   * @param inAll rate of all chips
   * @param counted which tokens; output where there is no rate
   * @param ttft time to the first token
   * @param tpot time per further token
   * @param perUser rate that one user sees
   * @param sequences that the memory of a chip has room for
   */
  public record Result(
      OptionalDouble perChip,
      OptionalDouble inAll,
      Counted counted,
      OptionalDouble ttft,
      OptionalDouble tpot,
      OptionalDouble perUser,
      OptionalDouble sequences) {}

  /** Copies the sources. */
  public Measurement {
    sources = List.copyOf(sources);
  }

  /** {@code DeepSeek-R1 on 16 x Ascend 910C, decode, INT8, CloudMatrix-Infer}. */
  public String title() {
    String count =
        setup.chips().isPresent()
            ? String.format(Locale.ROOT, "%.0f x ", setup.chips().getAsDouble())
            : "";
    StringBuilder title = new StringBuilder();
    title.append(setup.named()).append(" on ").append(count).append(setup.machine());
    title.append(", ").append(load.phase().word());
    for (String more : List.of(setup.precision(), setup.engine())) {
      if (!more.isEmpty()) {
        title.append(", ").append(more);
      }
    }
    return title.toString();
  }

  /** As plain values for JSON; what is not known is left out. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", id);
    text(json, "date", date);
    text(json, "model", setup.named());
    text(json, "chip", setup.machine());
    number(json, "chips", setup.chips());
    text(json, "unit", setup.perDie() ? "die" : "");
    text(json, "layout", setup.layout());
    text(json, "engine", setup.engine());
    text(json, "precision", setup.precision());
    json.put("phase", load.phase().word());
    number(json, "batch", load.batch());
    text(json, "batch_unit", load.batch().isPresent() ? YamlSection.word(load.unit()) : "");
    number(json, "input", load.inputTokens());
    number(json, "output", load.outputTokens());
    number(json, "context", load.contextTokens());
    number(json, "accepted", load.accepted());
    number(json, "per_chip", result.perChip());
    number(json, "in_all", result.inAll());
    json.put("counted", YamlSection.word(result.counted()));
    number(json, "ttft_s", result.ttft());
    number(json, "tpot_s", result.tpot());
    number(json, "per_user", result.perUser());
    number(json, "sequences_per_chip", result.sequences());
    json.put("origin", YamlSection.word(origin));
    json.put("use", YamlSection.word(use));
    text(json, "why", why);
    text(json, "note", note);
    json.put("sources", sources.stream().map(Source::json).toList());
    return json;
  }

  private static void text(Map<String, Object> json, String key, String value) {
    if (!value.isEmpty()) {
      json.put(key, value);
    }
  }

  private static void number(Map<String, Object> json, String key, OptionalDouble value) {
    value.ifPresent(number -> json.put(key, number));
  }
}
