package io.moineau.plan.sweep;

import io.moineau.plan.PlanException;
import io.moineau.plan.capacity.Calibration;
import io.moineau.plan.capacity.Device;
import io.moineau.plan.capacity.Layout;
import io.moineau.plan.capacity.LayoutText;
import io.moineau.plan.capacity.Limits;
import io.moineau.plan.capacity.ModelSource;
import io.moineau.plan.capacity.Models;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.capacity.Software;
import io.moineau.plan.capacity.WeightType;
import io.moineau.plan.capacity.Workload;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.yaml.Scalar;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Reads what is to be swept; docs/plan.md has the keys. */
public final class SweepReader {
  private static final String ALL = "all";
  private static final String USUAL = "usual";
  private static final int MOST_CHIPS = 1_000_000;
  private static final int MOST_BATCH = 100_000_000;
  private static final int MOST_BATCHES = 10_000;
  private static final int MOST_TOP = 1000;
  private static final int MOST_GROUPS = 20_000; // each keeps its best rows and its front

  private final YamlSection file;
  private final Catalogue catalogue;
  private final List<String> omitted = new ArrayList<>();

  private SweepReader(YamlSection file, Catalogue catalogue) {
    this.file = file;
    this.catalogue = catalogue;
  }

  /**
   * Reads a file.
   *
   * @throws PlanException {@code plan-bad-file}, and those of chips, models and types
   */
  public static Sweep read(Path path, Catalogue catalogue) {
    return new SweepReader(YamlFile.read(path), catalogue).sweep();
  }

  /**
   * Reads a text.
   *
   * @param name that errors have for the file
   * @throws PlanException as {@link #read}
   */
  public static Sweep parse(String text, String name, Catalogue catalogue) {
    return new SweepReader(YamlFile.parse(text, name), catalogue).sweep();
  }

  /** Types of weights, and of keys and values; empty for the usual one. */
  private record Types(Optional<WeightType> weights, Optional<WeightType> kv) {}

  private Sweep sweep() {
    if (!file.text("moineau-sweep").equals("1")) {
      throw file.bad("moineau-sweep", "is " + file.text("moineau-sweep"), "1");
    }
    List<ModelSource> models = models();
    List<Device> devices = devices();
    List<Integer> counts = counts();
    List<Workload> workloads = workloads();
    List<Types> types = types();
    double[] batches = batches();
    Limits limits = new Limits(seconds("ttft_seconds"), seconds("tpot_seconds"));
    double drafts = file.number("accepted_drafts").map(BigDecimal::doubleValue).orElse(1.0);
    OptionalDouble energy = optional(file.number("usd_per_kwh"));
    Map<String, Double> prices = prices(devices);
    int top = file.number("top").map(n -> whole("top", n, MOST_TOP)).orElse(10);
    Objective objective =
        file.choice("best", Objective.class).orElse(Objective.TOKENS_PER_SECOND_PER_CHIP);
    List<String> layouts = layouts();
    Planner planner =
        file.choice("software", Software.Kind.class)
            .map(SweepReader::planner)
            .orElseGet(Planner::standard);
    file.end();

    int groups = models.size() * devices.size() * workloads.size();
    if (groups > MOST_GROUPS) {
      throw file.bad(
          "models",
          "with chips and requests are " + groups + " groups",
          "at most " + MOST_GROUPS + " of a model, a chip and a kind of requests");
    }
    List<Sweep.Block> blocks = new ArrayList<>();
    Set<String> used = new LinkedHashSet<>();
    for (int m = 0; m < models.size(); m++) {
      for (int count : counts) {
        List<Cell> cells = new ArrayList<>();
        for (int d = 0; d < devices.size(); d++) {
          Device device = devices.get(d);
          Double price = prices.get(device.name());
          for (int w = 0; w < workloads.size(); w++) {
            int group = (m * devices.size() + d) * workloads.size() + w;
            Set<Question> distinct = new LinkedHashSet<>(); // the usual type may be named too
            for (Types type : types) {
              Question.Builder builder =
                  Question.of(models.get(m).shape(), device, count)
                      .workload(workloads.get(w))
                      .limits(limits)
                      .acceptedDrafts(drafts)
                      .usdPerKwh(energy)
                      .usdPerChipHour(
                          price == null ? OptionalDouble.empty() : OptionalDouble.of(price));
              type.weights().or(models.get(m)::weightType).ifPresent(builder::weights);
              type.kv().ifPresent(builder::kv);
              distinct.add(builder.build());
            }
            distinct.forEach(question -> cells.add(new Cell(question, group)));
          }
        }
        List<Layout> ways = layouts(layouts, cells.getFirst().question(), used);
        if (!ways.isEmpty()) {
          blocks.add(new Sweep.Block(cells, ways));
        }
      }
    }
    for (String layout : layouts) {
      if (!used.contains(layout)) {
        throw file.bad(
            "layouts",
            "has " + layout + ", which goes with no model and count of this file",
            "all, or layouts of as many chips as one of the counts");
      }
    }
    return new Sweep(blocks, batches, groups, top, objective, planner, omitted);
  }

  private static Planner planner(Software.Kind kind) {
    Software software = new Software(kind, Software.USUAL.youth());
    return software.equals(Software.USUAL)
        ? Planner.standard()
        : new Planner(Calibration.standard(), software);
  }

  private List<String> list(String key, String allowed) {
    List<String> texts = file.texts(key);
    if (texts.isEmpty()) {
      throw file.bad(key, file.has(key) ? "is empty" : "is missing", allowed);
    }
    return List.copyOf(new LinkedHashSet<>(texts));
  }

  private List<ModelSource> models() {
    List<ModelSource> models = new ArrayList<>();
    for (String name : list("models", "a list of models, or [all] for every preset")) {
      if (name.equals(ALL)) {
        Models.standard().forEach(model -> models.add(ModelSource.of(model.name())));
      } else {
        models.add(ModelSource.of(name));
      }
    }
    return models;
  }

  private List<Device> devices() {
    Map<String, Device> devices = new LinkedHashMap<>();
    for (String name : list("chips", "a list of chips, or [all] for the whole catalogue")) {
      if (!name.equals(ALL)) {
        Device device = Device.of(catalogue.get(name));
        devices.put(device.name(), device);
        continue;
      }
      for (Chip chip : catalogue.chips()) {
        try {
          devices.put(chip.name(), Device.of(chip));
        } catch (PlanException e) {
          omitted.add(e.where() + ": " + e.what());
        }
      }
    }
    return List.copyOf(devices.values());
  }

  private List<Integer> counts() {
    List<Integer> counts = new ArrayList<>();
    list("counts", "a list of numbers of chips");
    for (Scalar scalar : file.scalars("counts")) {
      counts.add(whole("counts", scalar.value(), MOST_CHIPS));
    }
    return List.copyOf(new LinkedHashSet<>(counts));
  }

  private List<Workload> workloads() {
    List<Workload> workloads = new ArrayList<>();
    for (YamlSection request : file.sections("requests")) {
      int input = request.number("input").map(BigDecimal::intValue).orElse(0);
      int output = request.number("output").map(BigDecimal::intValue).orElse(0);
      double cached = request.number("cached").map(BigDecimal::doubleValue).orElse(0.0);
      request.end();
      workloads.add(new Workload(input, output, cached));
    }
    if (workloads.isEmpty()) {
      throw file.bad(
          "requests",
          file.has("requests") ? "is empty" : "is missing",
          "a list such as [{input: 4096, output: 1024}]");
    }
    return List.copyOf(new LinkedHashSet<>(workloads));
  }

  private List<Types> types() {
    List<Types> types = new ArrayList<>();
    for (Optional<WeightType> weights : types("weights")) {
      for (Optional<WeightType> kv : types("kv")) {
        types.add(new Types(weights, kv));
      }
    }
    return types;
  }

  private List<Optional<WeightType>> types(String key) {
    List<String> names = file.has(key) ? list(key, "a list of types, or [usual]") : List.of(USUAL);
    return names.stream()
        .map(name ->
            name.equals(USUAL) ? Optional.<WeightType>empty() : Optional.of(WeightType.of(name)))
        .toList();
  }

  private List<String> layouts() {
    return file.has("layouts") ? list("layouts", "a list of layouts, or [all]") : List.of(ALL);
  }

  private List<Layout> layouts(List<String> texts, Question question, Set<String> used) {
    Set<Layout> ways = new LinkedHashSet<>();
    for (String text : texts) {
      if (text.equals(ALL)) {
        used.add(text);
        ways.addAll(Planner.layouts(question));
        continue;
      }
      try {
        Layout layout = LayoutText.parse(text, question.count());
        Planner.standard().prepare(question, layout); // whether the model can be cut so
        ways.add(layout);
        used.add(text);
      } catch (PlanException e) {
        // It is for another count or model; one that is for none is refused in the end.
      }
    }
    return List.copyOf(ways);
  }

  private double[] batches() {
    if (file.isMap("batches")) {
      YamlSection grid = file.section("batches").orElseThrow();
      double from = grid.number("from").map(BigDecimal::doubleValue).orElse(1.0);
      double to = grid.number("to").map(BigDecimal::doubleValue).orElse(0.0);
      double factor = grid.number("factor").map(BigDecimal::doubleValue).orElse(2.0);
      grid.end();
      if (!(from >= 1 && to >= from && to <= MOST_BATCH && factor > 1)) {
        throw file.bad(
            "batches",
            "are from " + from + " to " + to + " by a factor of " + factor,
            "from 1 or more, to as many or more, factor above 1");
      }
      Set<Double> sizes = new LinkedHashSet<>();
      for (int i = 0; sizes.size() <= MOST_BATCHES; i++) {
        double size = Math.rint(from * Math.pow(factor, i));
        if (size > to) {
          break;
        }
        sizes.add(size);
      }
      if (sizes.size() > MOST_BATCHES) {
        throw file.bad("batches", "are too many", "at most " + MOST_BATCHES);
      }
      return sizes.stream().mapToDouble(Double::doubleValue).toArray();
    }
    list("batches", "a list of numbers, or {from: 1, to: 1024, factor: 2}");
    return file.scalars("batches").stream()
        .mapToDouble(scalar -> whole("batches", scalar.value(), MOST_BATCH))
        .distinct()
        .toArray();
  }

  private int whole(String key, BigDecimal number, int most) {
    return whole(key, number.toPlainString(), most);
  }

  private int whole(String key, String text, int most) {
    if (text.matches("[1-9][0-9]{0,8}") && Integer.parseInt(text) <= most) {
      return Integer.parseInt(text);
    }
    throw file.bad(key, "has " + text, "whole numbers from 1 to " + most);
  }

  private OptionalDouble seconds(String key) {
    return optional(file.number(key));
  }

  private static OptionalDouble optional(Optional<BigDecimal> number) {
    return number
        .map(value -> OptionalDouble.of(value.doubleValue()))
        .orElse(OptionalDouble.empty());
  }

  private Map<String, Double> prices(List<Device> devices) {
    Map<String, Double> prices = new LinkedHashMap<>();
    Optional<YamlSection> section = file.section("usd_per_chip_hour");
    if (section.isEmpty()) {
      return prices;
    }
    for (String name : section.get().keys()) {
      String chip = catalogue.get(name).name();
      if (devices.stream().noneMatch(device -> device.name().equals(chip))) {
        throw section.get().bad(name, "is not one of the chips", "chips of this file");
      }
      prices.put(chip, section.get().number(name).orElseThrow().doubleValue());
    }
    return prices;
  }
}
