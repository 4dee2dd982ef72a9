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
}
