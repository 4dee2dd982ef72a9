package io.moineau.model;

import io.moineau.format.GgufFile;
import io.moineau.model.arch.BailingMoe;
import io.moineau.model.arch.Deepseek2;
import io.moineau.model.arch.Dots1;
import io.moineau.model.arch.Ernie45;
import io.moineau.model.arch.Ernie45Moe;
import io.moineau.model.arch.Glm4Moe;
import io.moineau.model.arch.GptOss;
import io.moineau.model.arch.HunyuanMoe;
import io.moineau.model.arch.Llama;
import io.moineau.model.arch.MinimaxM2;
import io.moineau.model.arch.Olmoe;
import io.moineau.model.arch.Qwen2;
import io.moineau.model.arch.Qwen2Moe;
import io.moineau.model.arch.Qwen3;
import io.moineau.model.arch.Qwen3Moe;
import java.util.List;
import java.util.stream.Collectors;

/** The architectures that run, by the name in {@code general.architecture}. */
public final class Architectures {
  private static final List<Architecture> ALL =
      List.of(
          new BailingMoe(),
          new Deepseek2(),
          new Dots1(),
          new Ernie45(),
          new Ernie45Moe(),
          new Glm4Moe(),
          new GptOss(),
          new HunyuanMoe(),
          new Llama(),
          new MinimaxM2(),
          new Olmoe(),
          new Qwen2(),
          new Qwen2Moe(),
          new Qwen3(),
          new Qwen3Moe());

  private Architectures() {}

  /** The names of all. */
  public static List<String> names() {
    return ALL.stream().map(Architecture::name).toList();
  }

  /**
   * The architecture of a file.
   *
   * @throws ModelException {@code model-unknown-architecture} if none of that name runs
   */
  public static Architecture of(GgufFile file) {
    String name =
        file.metadata()
            .findString("general.architecture")
            .orElseThrow(() ->
                new ModelException(
                    "model-no-architecture",
                    "a file does not say what it is",
                    "key general.architecture is missing in " + file.path(),
                    String.join(", ", names()),
                    "this is no model, or it is damaged"));
    return ALL.stream()
        .filter(a -> a.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new ModelException(
                "model-unknown-architecture",
                "a model's architecture is not known",
                "general.architecture=" + name + " in " + file.path(),
                names().stream().collect(Collectors.joining(", ")),
                "use a model of one of these"));
  }

  /** The hyper-parameters of a file, checked; no tensor's data is read. */
  public static ModelConfig config(GgufFile file) {
    Architecture architecture = of(file);
    try {
      return architecture.config(new HyperParameters(file, architecture.name()));
    } catch (ArithmeticException e) {
      throw tooLarge(file);
    }
  }

  /**
   * Whether a file holds a layer for the token after next that can be run: one that some converters
   * leave out although {@code nextn_predict_layers} counts it.
   */
  public static boolean hasNextn(GgufFile file) {
    Architecture architecture = of(file);
    if (!architecture.hasNextn()) {
      return false;
    }
    HyperParameters keys = new HyperParameters(file, architecture.name());
    int layers = keys.integer("block_count", 1) - keys.integer("nextn_predict_layers", 0, 0);
    return file.find("blk." + layers + ".nextn.eh_proj.weight").isPresent();
  }

  /** The error for sizes whose product no model has. */
  static ModelException tooLarge(GgufFile file) {
    return new ModelException(
        "model-too-large",
        "sizes of a model overflow when multiplied",
        file.path().toString(),
        "products below 2^31",
        "the file is damaged; fetch or convert it again");
  }
}
