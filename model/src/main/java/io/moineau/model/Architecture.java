package io.moineau.model;

import java.util.List;

/**
 * One kind of model, in three steps: read its hyper-parameters, bind its tensors, build its pass.
 * Each is one file in {@code model.arch}.
 */
public interface Architecture {
  /** {@code general.architecture} of its files. */
  String name();

  /** Reads the hyper-parameters; needs no tensor's data. */
  ModelConfig config(HyperParameters keys);

  /** Binds the tensors of every layer and puts the blocks together. */
  List<Layer> layers(ModelConfig config, TensorBinder tensors);

  /** Whether files of this kind may hold a layer for the token after next that can be run. */
  default boolean hasNextn() {
    return false;
  }

  /** Binds that layer, {@code blk.<index>}, where {@link #hasNextn}. */
  default Layer nextnLayer(ModelConfig config, TensorBinder tensors, int index) {
    throw new UnsupportedOperationException(name());
  }
}
