package io.moineau.bench.fuzz;

import io.moineau.format.GgufFile;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.model.Batch;
import io.moineau.model.LanguageModel;
import io.moineau.model.Workspace;
import io.moineau.tensor.DType;
import io.moineau.testkit.SharedFiles;
import io.moineau.testkit.TinyModels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Architectures and blocks: loads a model of odd hyper-parameters and runs three tokens. */
final class ModelTarget implements FuzzTarget {
  private final List<Sample> samples = new ArrayList<>();
  private final Kernels kernels =
      Kernels.open(KernelOptions.defaults().withProvider("scalar").withThreads(1));

  ModelTarget() {
    add(GgufTarget.small(TinyModels.llama(4)).toBytes());
    add(GgufTarget.small(TinyModels.qwen3moe(4)).toBytes());
    add(GgufTarget.small(TinyModels.deepseekV3(4)).toBytes());
    add(GgufTarget.small(TinyModels.deepseekV2Lite(4)).toBytes());
    SharedFiles.oracles()
        .ifPresent(folder -> {
          for (String name : List.of("gpt-oss-MXFP4", "llama-tied", "glm4moe")) {
            GgufTarget.bytes(folder.resolve("models/" + name + ".gguf")).ifPresent(this::add);
          }
        });
  }

  private void add(byte[] bytes) {
    samples.add(new Sample(bytes, GgufFields.meanings(bytes), Damage.FIELDS));
  }

  @Override
  public String name() {
    return "model";
  }

  @Override
  public List<Sample> samples() {
    return samples;
  }

  @Override
  public void read(byte[] input) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment bytes = arena.allocate(Math.max(1, input.length), 64).asSlice(0, input.length);
      bytes.copyFrom(MemorySegment.ofArray(input));
      try (GgufFile file = GgufFile.parse(bytes, "mutant.gguf");
          LanguageModel model = LanguageModel.load(file, kernels);
          PagedKv kv = model.newKv(DType.F32, 16, 1);
          Workspace workspace = model.newWorkspace(3)) {
        Batch batch = new Batch(3);
        batch.blockTables = new int[][] {{0}};
        for (int i = 0; i < 3; i++) {
          batch.add(i % Math.max(1, model.config().vocabSize()), i, 0, i == 2);
        }
        model.forward(batch, kv, workspace);
      }
    }
  }
}
