package io.moineau.adapt.lora;

import io.moineau.adapt.AdaptException;
import io.moineau.adapt.block.Blueprint;
import io.moineau.adapt.block.Parameter;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.lora.LoraSettings.Part;
import io.moineau.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the blocks of a model that is tuned need when they are made. */
final class Tuning {
  private final ModelConfig config;
  private final FrozenTensors tensors;
  private final Blueprint blueprint;
  private final FrozenProducts products;
  private final LoraSettings settings;
  private final int buffer;
  private final List<Target> targets = new ArrayList<>();

  /** {@code buffer} is how many floats of weights, or of a gradient's factor, are there at once. */
  Tuning(
      ModelConfig config,
      FrozenTensors tensors,
      Blueprint blueprint,
      LoraSettings settings,
      int buffer) {
    this.buffer = buffer;
    this.config = config;
    this.tensors = tensors;
    this.blueprint = blueprint;
    this.settings = settings;
    products = new FrozenProducts(blueprint.workers(), buffer);
  }

  ModelConfig config() {
    return config;
  }

  FrozenTensors tensors() {
    return tensors;
  }

  Blueprint blueprint() {
    return blueprint;
  }

  Workers workers() {
    return blueprint.workers();
  }

  FrozenProducts products() {
    return products;
  }

  int buffer() {
    return buffer;
  }

  List<Target> targets() {
    return targets;
  }

  /** A norm whose gain is a tensor of {@code width} numbers. */
  FrozenNorm norm(String name, int parts, int width) {
    return new FrozenNorm(workers(), tensors.floats(name, width), parts, config.rmsNormEps());
  }

  /** A matrix that is not changed, and decides too much to be rounded. */
  TunedMatrix fixed(String name, int out, int in) {
    FrozenWeight[] weights = {tensors.matrix(name + ".weight", out, in)};
    return new TunedMatrix(this, weights, bias(name, out), Optional.empty()).exact();
  }

  /** A matrix that is changed if its part is. */
  TunedMatrix matrix(Part part, String name, int out, int in) {
    FrozenWeight[] weights = {tensors.matrix(name + ".weight", out, in)};
    return new TunedMatrix(this, weights, bias(name, out), change(part, name, 0, 1, out, in));
  }

  /** Biases of routed experts, {@code [experts, out]}; empty where the file has none. */
  float[] expertBias(String name, int experts, int out) {
    return tensors.find(name + ".bias", experts, out).orElse(new float[0]);
  }

  /**
   * Matrices of routed experts.
   *
   * @param used how many of them a token takes
   * @param bias {@code [experts, out]}, or empty
   */
  TunedMatrix experts(String name, int experts, int used, int out, int in, float[] bias) {
    FrozenWeight[] weights = tensors.matrices(name + ".weight", experts, out, in);
    Optional<TunedMatrix.Change> change = change(Part.ROUTED_EXPERTS, name, experts, used, out, in);
    return new TunedMatrix(this, weights, bias, change);
  }

  /**
   * A half of matrices that hold each expert's gate and up; they stay as they are.
   *
   * @param second whether it is the second half
   * @throws AdaptException {@code finetune-fused-experts} if they were to be changed: the engine
   *     takes no adapter of such a tensor
   */
  TunedMatrix halfOfExperts(String name, int experts, int out, int in, boolean second) {
    if (settings.parts().contains(Part.ROUTED_EXPERTS)) {
      throw new AdaptException(
          "finetune-fused-experts",
          "experts whose gate and up are one tensor cannot be changed",
          "tensor " + name + ".weight in " + tensors.file().path(),
          "files with ffn_gate_exps and ffn_up_exps, or other parts: attention, shared experts",
          "convert the model again with the two apart, or leave routed experts out");
    }
    FrozenWeight[] weights =
        tensors.rows(name + ".weight", experts, 2L * out, in, second ? out : 0, out);
    return new TunedMatrix(this, weights, new float[0], Optional.empty());
  }

  private float[] bias(String name, int out) {
    return tensors.find(name + ".bias", out).orElse(new float[0]);
  }

  /** {@code experts} is 0 for a single matrix, whose changes have no dimension for them. */
  private Optional<TunedMatrix.Change> change(
      Part part, String name, int experts, int rowsPerToken, int out, int in) {
    if (!settings.parts().contains(part)) {
      return Optional.empty();
    }
    Target target = new Target(name + ".weight", Math.max(1, experts), in, out);
    targets.add(target);
    int rank = settings.rank();
    int[] a = experts == 0 ? new int[] {rank, in} : new int[] {experts, rank, in};
    int[] b = experts == 0 ? new int[] {out, rank} : new int[] {experts, out, rank};
    // A has about the spread that PEFT gives it: uniform up to 1 / sqrt(in).
    Parameter lowA = blueprint.parameters().matrix(target.nameOfA(), 1 / Math.sqrt(3.0 * in), a);
    Parameter lowB = blueprint.parameters().matrix(target.nameOfB(), 0, b);
    String kind = name.substring(name.lastIndexOf('.') + 1);
    int width = rowsPerToken * rank;
    return Optional.of(
        new TunedMatrix.Change(
            lowA,
            lowB,
            rank,
            settings.scale(),
            blueprint.scratch("narrow " + kind, width),
            blueprint.scratch("dNarrow", width)));
  }
}
