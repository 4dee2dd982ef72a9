package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import io.moineau.plan.yaml.YamlFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A model that is planned for, and what its file says of its weights.
 *
 * @param shape its measures
 * @param origin where they are from, in words: {@code preset}, or a file
 * @param weights how the file keeps them; empty for a preset, or a file that does not say
 * @param remarks what the file says and the measures do not carry
 */
public record ModelSource(
    ModelShape shape, String origin, Optional<WeightFormat> weights, List<String> remarks) {
  /**
   * Weights as they are kept.
   *
   * @param type by the name that {@link WeightType} knows
   * @param parameters weights that were counted; 0 where the file only names the type
   * @param expertParameters those of routed experts among them
   * @param bytes of all of them
   * @param expertBytes of routed experts among them
   */
  public record WeightFormat(
      String type, long parameters, long expertParameters, long bytes, long expertBytes) {
    static WeightFormat named(String type) {
      return new WeightFormat(type, 0, 0, 0, 0);
    }

    /** Whether bytes were counted. */
    public boolean isCounted() {
      return parameters > 0;
    }

    /** Bytes of a weight of routed experts on average; of all weights in a dense model. */
    public double bytesPerParameter() {
      return expertParameters > 0
          ? (double) expertBytes / expertParameters
          : (double) bytes / parameters;
    }

    /** Bytes of a weight outside the routed experts on average. */
    public double restBytesPerParameter() {
      return (double) (bytes - expertBytes) / (parameters - expertParameters);
    }
  }

  /** Keeps its own copy of the remarks. */
  public ModelSource {
    remarks = List.copyOf(remarks);
  }

  /**
   * The model that a user names: a preset, a GGUF file, a {@code config.json}, or a folder that
   * holds one.
   *
   * @throws PlanException {@code plan-unknown-model}, {@code plan-no-model}, {@code plan-bad-file}
   *     or {@code plan-unsupported-model}
   * @throws io.moineau.format.FormatException if a GGUF file is damaged
   */
  public static ModelSource of(String name) {
    String ending = name.toLowerCase(Locale.ROOT);
    if (ending.endsWith(".gguf")) {
      return ofGguf(Path.of(name));
    }
    if (ending.endsWith(".json")) {
      return ofConfig(file(Path.of(name)));
    }
    Optional<Path> folder = folder(name);
    String model = name.substring(name.indexOf('/') + 1); // as hubs write it: owner/model
    if (folder.isEmpty() || (!Files.exists(folder.get()) && Models.isKnown(model))) {
      return new ModelSource(Models.get(model), "preset", Optional.empty(), List.of());
    }
    return ofConfig(file(folder.get().resolve("config.json")));
  }

  /**
   * The type of the file's weights, with the bytes that were counted in it.
   *
   * @throws PlanException {@code plan-unknown-weight-type}
   */
  public Optional<WeightType> weightType() {
    return weights.map(format -> {
      WeightType known = WeightType.of(format.type());
      return format.isCounted()
          ? new WeightType(
              known.name(),
              format.bytesPerParameter(),
              known.arithmetic(),
              format.restBytesPerParameter())
          : known;
    });
  }

  /** A folder of this name, unless a preset has the name and nobody wrote a path. */
  private static Optional<Path> folder(String name) {
    boolean isPath = name.contains("/") || name.contains("\\") || name.startsWith(".");
    if (name.indexOf('\0') >= 0 || name.isBlank()) {
      return Optional.empty();
    }
    Path path = Path.of(name);
    return isPath || (Files.isDirectory(path) && !Models.isKnown(name))
        ? Optional.of(path)
        : Optional.empty();
  }

  private static Path file(Path path) {
    if (Files.isRegularFile(path)) {
      return path;
    }
    Path folder = path.toAbsolutePath().getParent();
    boolean hasFolder = folder != null && Files.isDirectory(folder);
    throw new PlanException(
        "plan-no-model",
        hasFolder ? "the folder has no such file" : "there is no such folder",
        path.toString(),
        "a .gguf, a config.json as Hugging Face has them, a folder that holds one, or a preset",
        "check the path");
  }

  /** See {@link Models#ofConfig}. */
  static ModelSource ofConfig(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    String name = folder == null ? file.toString() : String.valueOf(folder.getFileName());
    ConfigReader reader = ConfigReader.ofFile(YamlFile.read(file)); // JSON is YAML
    return new ModelSource(
        reader.shape(name, List.of()),
        file.toString(),
        reader.weightType().map(WeightFormat::named),
        reader.remarks());
  }

  /** See {@link Models#ofGguf}. */
  static ModelSource ofGguf(Path file) {
    return GgufMeasures.read(file);
  }
}
