package io.moineau.adapt;

import io.moineau.adapt.block.Parameter;
import io.moineau.adapt.block.Parameters;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import java.lang.foreign.MemorySegment;

/** Low-rank changes as a GGUF adapter of F32, with the keys that llama.cpp asks for. */
final class AdapterExport {
  private AdapterExport() {}

  /** A writer of the file; it reads the changes when it writes. */
  static GgufWriter writer(Parameters changes, String architecture, float alpha, String name) {
    GgufWriter writer = new GgufWriter();
    writer.metadata("general.type", GgufValue.string("adapter"));
    writer.metadata("general.architecture", GgufValue.string(architecture));
    writer.metadata("general.name", GgufValue.string(name));
    writer.metadata("adapter.type", GgufValue.string("lora"));
    writer.metadata("adapter.lora.alpha", GgufValue.float32(alpha));
    for (Parameter parameter : changes.list()) {
      long[] dims = parameter.dims().stream().mapToLong(Integer::longValue).toArray();
      writer.tensor(
          parameter.name(),
          DType.F32,
          Shape.of(dims),
          sink ->
              sink.write(
                  MemorySegment.ofArray(changes.values())
                      .asSlice(4L * parameter.offset(), 4L * parameter.size())));
    }
    return writer;
  }
}
