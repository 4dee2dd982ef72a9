package io.moineau.bench.fuzz;

import io.moineau.format.SafetensorsFile;
import io.moineau.format.SafetensorsWriter;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The safetensors reader: the header, and the ends of every tensor. */
final class SafetensorsTarget implements FuzzTarget {
  @Override
  public String name() {
    return "safetensors";
  }

  @Override
  public List<Sample> samples() {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    for (DType type : List.of(DType.F32, DType.F16, DType.BF16)) {
      byte[] bytes = new byte[6 * type.blockBytes()];
      writer.tensor(
          "t." + type, type, Shape.of(2, 3), sink -> sink.write(MemorySegment.ofArray(bytes)));
    }
    return List.of(new Sample(writer.toBytes(), List.of(new Field(0, 8))));
  }

  @Override
  public void read(byte[] input) {
    try (SafetensorsFile file =
        SafetensorsFile.parse(MemorySegment.ofArray(input), "mutant.safetensors")) {
      for (TensorView tensor : file.tensors().values()) {
        if (tensor.data().byteSize() > 0) {
          tensor.data().get(ValueLayout.JAVA_BYTE, 0);
          tensor.data().get(ValueLayout.JAVA_BYTE, tensor.data().byteSize() - 1);
        }
      }
    }
  }
}
