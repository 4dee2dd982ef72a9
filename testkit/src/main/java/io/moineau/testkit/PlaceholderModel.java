package io.moineau.testkit;

import io.moineau.tensor.DType;
import java.nio.file.Path;

/**
 * Writes the model that is embedded until a trained one takes its place: a mixture of experts of
 * random weights, which strings words together and means nothing by it.
 *
 * <p>From the root, after a build: {@code java -cp
 * testkit/target/classes:format/target/classes:tensor/target/classes:error/target/classes
 * io.moineau.testkit.PlaceholderModel engine/src/main/resources/io/moineau/default.gguf}. The bytes
 * are the same every time.
 */
public final class PlaceholderModel {
  private static final long SEED = 20_251_120;

  private PlaceholderModel() {}

  /** Writes the model to the path that is given. */
  public static void main(String[] args) {
    if (args.length != 1) {
      System.err.println("placeholder: name the file to write");
      System.exit(2);
      return;
    }
    Path path = model().write(Path.of(args[0]));
    System.out.println("placeholder: wrote " + path);
  }

  /** The model. */
  public static TinyModel model() {
    return TinyModels.deepseekV3(SEED)
        .name("moineau placeholder")
        .numHiddenLayers(4)
        .experts(8, 2, 32)
        .groups(4, 2)
        .wordsOnly()
        .weights(DType.Q8_0, WeightEncoder.PLAIN);
  }
}
