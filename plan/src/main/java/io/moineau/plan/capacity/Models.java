package io.moineau.plan.capacity;

import io.moineau.plan.Nearest;
import io.moineau.plan.PlanException;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The models whose measures are known here, by name. */
public final class Models {
  private static final int MANY_NAMES = 5;

  /** What tells tunings of a model apart that have the same measures: its use, date, version. */
  private static final Pattern FORM =
      Pattern.compile("(?:instruct|chat|base|thinking|it|hf|[0-9]{4}|v[0-9]\\.[0-9])+$");

  private Models() {}

  /** Those that are part of this module. */
  public static List<ModelShape> standard() {
    YamlSection file = YamlFile.resource("models.yaml");
    file.has("moineau-models");
    file.has("version");
    List<ModelShape> models = new ArrayList<>();
    for (YamlSection model : file.sections("models")) {
      String name = model.text("name");
      List<String> aliases = model.texts("aliases");
      model.has("published"); // what tests compare with
      model.has("source");
      models.add(new ConfigReader(model).shape(name, aliases));
      model.end();
    }
    file.end();
    return models;
  }

  /**
   * The model of a name or alias; capitals, spaces, signs and words such as {@code Instruct} at its
   * end do not matter, and the beginning of one name suffices.
   *
   * @throws PlanException {@code plan-unknown-model}, with the names there are
   */
  public static ModelShape get(String name) {
    List<ModelShape> models = standard();
    Optional<ModelShape> found = find(name, models);
    if (found.isPresent()) {
      return found.get();
    }
    List<ModelShape> begin = models.stream().filter(model -> begins(model, name)).toList();
    if (begin.size() == 1) {
      return begin.getFirst();
    }
    throw new PlanException(
        "plan-unknown-model",
        "no model has this name",
        "'" + name + "'",
        "nearest: " + String.join(", ", nearest(name, models)),
        "name one that is known, or give a model's .gguf, config.json or folder");
  }

  /** Whether a model has this name or alias. */
  static boolean isKnown(String name) {
    return find(name, standard()).isPresent();
  }

  private static Optional<ModelShape> find(String name, List<ModelShape> models) {
    Optional<ModelShape> exact = named(key(name), models);
    return exact.isPresent() ? exact : named(FORM.matcher(key(name)).replaceAll(""), models);
  }

  private static Optional<ModelShape> named(String key, List<ModelShape> models) {
    return models.stream()
        .filter(model -> names(model).stream().anyMatch(one -> key(one).equals(key)))
        .findFirst();
  }

  private static boolean begins(ModelShape model, String name) {
    return !key(name).isEmpty()
        && names(model).stream().anyMatch(one -> key(one).startsWith(key(name)));
  }

  private static List<String> nearest(String name, List<ModelShape> models) {
    return Nearest.of(name, models, Models::names, MANY_NAMES).stream()
        .map(ModelShape::name)
        .toList();
  }

  private static List<String> names(ModelShape model) {
    List<String> names = new ArrayList<>(model.aliases());
    names.add(model.name());
    return names;
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]", "");
  }

  /**
   * The measures in a file {@code config.json} as Hugging Face has them.
   *
   * @throws PlanException {@code plan-bad-file}
   */
  public static ModelShape ofConfig(Path file) {
    return ModelSource.ofConfig(file).shape();
  }

  /**
   * The measures of a model in a GGUF file.
   *
   * @throws PlanException {@code plan-unsupported-model}
   * @throws io.moineau.format.FormatException if the file is damaged
   */
  public static ModelShape ofGguf(Path file) {
    return ModelSource.ofGguf(file).shape();
  }
}
