package io.moineau.plan.report;

import io.moineau.plan.capacity.Bound;
import io.moineau.plan.capacity.Estimate;
import io.moineau.plan.capacity.Limits;
import io.moineau.plan.capacity.Memory;
import io.moineau.plan.capacity.ModelShape;
import io.moineau.plan.capacity.OperatorTime;
import io.moineau.plan.capacity.Plan;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.capacity.Range;
import io.moineau.plan.capacity.Workload;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** A plan in words and tables, the same for the terminal and for a page. */
public final class PlanFacts {
  /** A name and what is to be said of it. */
  public record Fact(String name, String text) {}

  /** Columns of {@link #rates}. */
  public static final List<String> RATES = List.of("rate", "in all", "per chip");

  /** Columns of {@link #operators}. */
  public static final List<String> OPERATORS =
      List.of("operator", "prefill", "waits for", "decode", "waits for");

  private static final double GIGA = 1e9;
  private static final double MEGA = 1e6;
  private static final double MILLI = 1e-3;

  private final Plan plan;
  private final Question question;
  private final String limitsWord; // of what meets them

  /** The facts of a plan. */
  public PlanFacts(Plan plan) {
    this.plan = plan;
    this.question = plan.question();
    Limits limits = question.limits();
    boolean any = limits.ttftSeconds().isPresent() || limits.tpotSeconds().isPresent();
    this.limitsWord = any ? "met" : "none";
  }

  /** What was asked, in one line. */
  public String question() {
    Workload load = question.workload();
    StringBuilder text = new StringBuilder();
    text.append(question.model().name())
        .append(" on ")
        .append(question.count())
        .append(" x ")
        .append(question.device().name())
        .append(": ")
        .append(grouped(load.inputTokens()))
        .append(" tokens in, ")
        .append(grouped(load.outputTokens()))
        .append(" out");
    if (load.cachedShare() > 0) {
      text.append(", ").append(percent(load.cachedShare())).append(" of the prompt cached");
    }
    if (question.acceptedDrafts() > 1) {
      text.append(", ").append(Range.number(question.acceptedDrafts())).append(" tokens a step");
    }
    Limits limits = question.limits();
    limits.ttftSeconds().ifPresent(s -> text.append(", first token within ").append(given(s)));
    limits.tpotSeconds().ifPresent(s -> text.append(", next tokens within ").append(given(s)));
    boolean any = limits.ttftSeconds().isPresent() || limits.tpotSeconds().isPresent();
    return text + (any && limits.nearlyAll() ? ", for 99 of 100 requests" : "");
  }

  /** The answer in one line. */
  public String verdict() {
    Optional<Estimate> best = plan.best();
    if (best.isEmpty() || !best.get().memory().fits()) {
      return plan.curve().isEmpty()
          ? "No: it does not fit."
          : "No: it fits, but not within the limits.";
    }
    Estimate estimate = best.get();
    return (estimate.meetsLimits() ? "Yes: " : "It fits, but not within the limits: ")
        + Range.number(estimate.outputTokensPerSecond().value())
        + " output tokens/s in all, "
        + Range.number(estimate.perChip(estimate.outputTokensPerSecond()).value())
        + " per chip, to "
        + grouped(Math.round(estimate.batch()))
        + (Math.round(estimate.batch()) == 1 ? " user" : " users")
        + " at a time, as "
        + estimate.layout().text()
        + ", with weights in "
        + question.weights().name()
        + ".";
  }

  /** The model, the types, and whether it fits. */
  public List<Fact> fit(Estimate estimate) {
    List<Fact> facts = new ArrayList<>();
    ModelShape model = question.model();
    String active =
        model.experts().isPresent() ? ", " + count(model.activeParameters()) + " active" : "";
    facts.add(new Fact("model", count(model.parameters()) + " parameters" + active));
    facts.add(
        new Fact(
            "weights",
            question.weights().name() + ", " + size(question.weightBytes()) + " in all"));
    facts.add(
        new Fact(
            "KV",
            question.kv().name()
                + ", "
                + grouped(Math.round(model.keptPerToken() * question.kv().bytesPerParameter()))
                + " bytes for each token"));
    Memory memory = estimate.memory();
    facts.add(
        new Fact(
            "fits",
            (memory.fits() ? "yes: " : "no: ")
                + gigabytes(memory.needed())
                + " of "
                + gigabytes(memory.available())
                + " GB on each chip (weights "
                + gigabytes(memory.weights())
                + ", KV "
                + gigabytes(memory.kv())
                + ", activations "
                + gigabytes(memory.activations())
                + ", reserve "
                + gigabytes(memory.reserve())
                + ")"));
    return facts;
  }

  /** How it is run, how long users wait, what it takes. */
  public List<Fact> answer(Estimate estimate) {
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("layout", estimate.layout().text()));
    facts.add(
        new Fact(
            "in flight",
            grouped(Math.round(estimate.batch()))
                + (Math.round(estimate.batch()) == 1 ? " request, " : " requests, ")
                + Range.number(estimate.batch() / question.count())
                + " for each chip"));
    Limits limits = question.limits();
    facts.add(
        new Fact(
            "first token", duration(estimate.ttft()) + met(estimate.ttft(), limits.ttftSeconds())));
    facts.add(
        new Fact(
            "next tokens", duration(estimate.tpot()) + met(estimate.tpot(), limits.tpotSeconds())));
    facts.add(
        new Fact(
            "bound by",
            word(estimate.prefillBound())
                + " in prefill, "
                + word(estimate.decodeBound())
                + " in decode"));
    if (estimate.watts().known()) {
      facts.add(
          new Fact(
              "energy",
              estimate.joulesPerOutputToken().text("J for each output token")
                  + "; "
                  + estimate.watts().times(1 / 1000.0).text("kW")));
    } else {
      facts.add(new Fact("energy", "unknown: the catalogue has no power of this chip"));
    }
    facts.add(
        new Fact(
            "cost",
            estimate
                .usdPerMillionOutputTokens()
                .map(cost -> cost.text("USD for a million output tokens"))
                .orElse("unknown: give --price-chip-hour or --price-kwh")));
    return facts;
  }

  private static String met(Range estimate, OptionalDouble limit) {
    if (limit.isEmpty()) {
      return "";
    }
    double most = limit.getAsDouble();
    String verdict =
        estimate.high() <= most
            ? "met"
            : estimate.value() <= most ? "met, but not by the whole range" : "not met";
    return ", limit " + given(most) + ": " + verdict;
  }

  /** Rates of tokens and requests, in all and for each chip. */
  public List<List<String>> rates(Estimate estimate) {
    List<List<String>> rows = new ArrayList<>();
    rate(rows, "output tokens/s", estimate.outputTokensPerSecond(), estimate);
    rate(rows, "requests/s", estimate.requestsPerSecond(), estimate);
    rate(rows, "prefill alone, tokens/s", estimate.prefillTokensPerSecond(), estimate);
    rate(rows, "decode alone, tokens/s", estimate.decodeTokensPerSecond(), estimate);
    return rows;
  }

  private static void rate(List<List<String>> rows, String name, Range range, Estimate estimate) {
    rows.add(List.of(name, range.text("").strip(), estimate.perChip(range).text("").strip()));
  }

  /** Columns of {@link #choices}. */
  public List<String> choicesHeader() {
    return List.of(
        "layout",
        "in flight",
        "output tokens/s",
        "first token",
        "next tokens",
        "GB per chip",
        "limits");
  }

  /** The best choices, the first first. */
  public List<List<String>> choices(int most) {
    List<List<String>> rows = new ArrayList<>();
    for (Estimate one : plan.choices().stream().limit(most).toList()) {
      rows.add(row(one));
    }
    return rows;
  }

  /** Throughput against latency: what no other choice beats in both. */
  public List<List<String>> curve() {
    return plan.curve().stream().map(this::row).toList();
  }

  private List<String> row(Estimate one) {
    return List.of(
        one.layout().text(),
        grouped(Math.round(one.batch())),
        Range.number(one.outputTokensPerSecond().value()),
        seconds(one.ttft().value()),
        seconds(one.tpot().value()),
        gigabytes(one.memory().needed()),
        !one.memory().fits() ? "does not fit" : one.meetsLimits() ? limitsWord : "missed");
  }

  /** The time of each operator in a step of prompts and of generating. */
  public List<List<String>> operators(Estimate estimate) {
    List<String> names = new ArrayList<>();
    estimate.prefill().forEach(one -> names.add(one.name()));
    for (OperatorTime one : estimate.decode()) {
      if (!names.contains(one.name())) {
        names.add(one.name());
      }
    }
    List<List<String>> rows = new ArrayList<>();
    for (String name : names) {
      List<String> row = new ArrayList<>(List.of(name));
      row.addAll(share(name, estimate.prefill()));
      row.addAll(share(name, estimate.decode()));
      rows.add(row);
    }
    return rows;
  }

  private static List<String> share(String name, List<OperatorTime> operators) {
    double all = operators.stream().mapToDouble(OperatorTime::seconds).sum();
    for (OperatorTime one : operators) {
      if (one.name().equals(name) && one.seconds() > 0) {
        return List.of(percent(one.seconds() / all), word(one.bound()));
      }
    }
    return List.of("-", "");
  }

  private static String word(Bound bound) {
    return bound.text();
  }

  private static String size(double bytes) {
    return bytes >= GIGA ? gigabytes(bytes) + " GB" : Range.number(bytes / MEGA) + " MB";
  }

  static String gigabytes(double bytes) {
    return Range.number(bytes / GIGA);
  }

  private static String count(long parameters) {
    if (parameters >= GIGA) {
      return Range.number(parameters / GIGA) + " billion";
    }
    return parameters >= MEGA ? Range.number(parameters / MEGA) + " million" : grouped(parameters);
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String percent(double share) {
    return Math.round(100 * share) + " %";
  }

  /** {@code 41.2 ms} or {@code 1.53 s}. */
  static String seconds(double seconds) {
    return seconds < 1 ? Range.number(seconds / MILLI) + " ms" : Range.number(seconds) + " s";
  }

  /** A limit as it was given: without digits that nobody wrote. */
  private static String given(double seconds) {
    boolean isLong = seconds >= 1;
    BigDecimal number =
        BigDecimal.valueOf(isLong ? seconds : seconds / MILLI)
            .round(new MathContext(6))
            .stripTrailingZeros();
    return number.toPlainString() + (isLong ? " s" : " ms");
  }

  private static String duration(Range range) {
    return range.value() < 1 ? range.times(1 / MILLI).text("ms") : range.text("s");
  }
}
