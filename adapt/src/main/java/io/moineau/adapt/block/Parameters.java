package io.moineau.adapt.block;

import io.moineau.adapt.AdaptException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** All weights of a model in one array, and their gradients in another. */
public final class Parameters {
  private final List<Parameter> list = new ArrayList<>();
  private long size;
  private float[] values = new float[0];
  private float[] gradients = new float[0];

  /** Of nothing; blocks add theirs. */
  public Parameters() {}

  /** Adds a matrix, or a stack of them, whose values begin as a normal of this deviation. */
  public Parameter matrix(String name, double spread, int... dims) {
    return add(name, Parameter.Kind.MATRIX, spread, dims);
  }

  Parameter add(String name, Parameter.Kind kind, double spread, int... dims) {
    List<Integer> shape = new ArrayList<>();
    long count = 1;
    for (int dim : dims) {
      shape.add(dim);
      count *= dim;
    }
    if (size + count > Integer.MAX_VALUE - 64) {
      throw new AdaptException(
          "train-too-large",
          "the model has more parameters than can be trained here",
          name + " makes it " + (size + count),
          "at most " + (Integer.MAX_VALUE - 64),
          "choose fewer layers, fewer experts or smaller ones");
    }
    Parameter parameter = new Parameter(name, (int) size, List.copyOf(shape), kind, spread);
    list.add(parameter);
    // Tensors begin at whole cache lines.
    size += (count + 15) / 16 * 16;
    return parameter;
  }

  /** The tensors, in the order in which they lie. */
  public List<Parameter> list() {
    return List.copyOf(list);
  }

  /** Numbers of all, with the gaps between. */
  public int size() {
    return (int) size;
  }

  /** Makes the arrays, and the first values from a seed. */
  void allocate(long seed) {
    values = new float[size()];
    gradients = new float[size()];
    SplittableRandom seeds = new SplittableRandom(seed);
    for (Parameter parameter : list) {
      SplittableRandom random = seeds.split();
      int end = parameter.offset() + parameter.size();
      for (int i = parameter.offset(); i < end; i++) {
        values[i] =
            switch (parameter.kind()) {
              case MATRIX, TABLE -> (float) (parameter.spread() * random.nextGaussian());
              case GAIN -> 1;
              case BALANCE -> 0;
            };
      }
    }
  }

  /** The weights. */
  public float[] values() {
    return values;
  }

  /** The gradients. */
  public float[] gradients() {
    return gradients;
  }
}
