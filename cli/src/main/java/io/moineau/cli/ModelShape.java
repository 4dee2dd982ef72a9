package io.moineau.cli;

import io.moineau.format.GgufFile;
import io.moineau.format.GgufMetadata;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a file says of its model: counts, types and sizes, read from names, shapes and metadata
 * alone, so that it works for architectures that cannot be run too.
 *
 * @param architecture {@code general.architecture}
 * @param parameters weights in all
 * @param activeParameters weights that take part for one token: the share of experts that is used
 *     counts, of the token embedding one row
 * @param types weights and bytes by type
 * @param numLayers layers
 * @param hiddenSize width
 * @param numExperts routed experts per layer; 0 for a dense model
 * @param numExpertsPerTok of these, chosen per token
 * @param contextLength tokens that the model was made for
 * @param vocabularySize tokens of the vocabulary
 * @param kvElementsPerToken elements of keys and values per token, over all layers
 */
record ModelShape(
    String architecture,
    long parameters,
    long activeParameters,
    Map<DType, long[]> types,
    long numLayers,
    long hiddenSize,
    long numExperts,
    long numExpertsPerTok,
    long contextLength,
    long vocabularySize,
    long kvElementsPerToken) {

  static ModelShape of(GgufFile file) {
    GgufMetadata metadata = file.metadata();
    String arch = metadata.findString("general.architecture").orElse("");
    long experts = number(metadata, arch + ".expert_count");
    long used = Math.min(experts, number(metadata, arch + ".expert_used_count"));
    Map<DType, long[]> types = new EnumMap<>(DType.class);
    long all = 0;
    double active = 0;
    for (TensorView tensor : file.tensors().values()) {
      long elements = tensor.shape().elements();
      long[] of = types.computeIfAbsent(tensor.type(), type -> new long[3]);
      of[0]++;
      of[1] += elements;
      of[2] += tensor.data().byteSize();
      all += elements;
      active +=
          isDraft(tensor, metadata, arch) ? 0 : elements * activeShare(tensor, experts, used, file);
    }
    return new ModelShape(
        arch,
        all,
        Math.round(active),
        bySize(types),
        layers(metadata, arch),
        number(metadata, arch + ".embedding_length"),
        experts,
        used,
        number(metadata, arch + ".context_length"),
        vocabulary(file),
        kvElements(metadata, arch));
  }

  /** Layers that run: the last ones may be for multi-token prediction. */
  private static long layers(GgufMetadata metadata, String arch) {
    return Math.max(
        0,
        number(metadata, arch + ".block_count") - number(metadata, arch + ".nextn_predict_layers"));
  }

  private static boolean isDraft(TensorView tensor, GgufMetadata metadata, String arch) {
    String[] parts = tensor.name().split("\\.", 3);
    return number(metadata, arch + ".nextn_predict_layers") > 0
        && parts.length == 3
        && parts[0].equals("blk")
        && parts[1].matches("[0-9]{1,9}")
        && Long.parseLong(parts[1]) >= layers(metadata, arch);
  }

  private static double activeShare(TensorView tensor, long experts, long used, GgufFile file) {
    String name = tensor.name();
    if (experts > 0 && name.contains("_exps.")) {
      return (double) used / experts;
    }
    if (name.equals("token_embd.weight") && file.find("output.weight").isPresent()) {
      return 1.0 / Math.max(1, tensor.shape().dim(0));
    }
    return 1;
  }

  private static Map<DType, long[]> bySize(Map<DType, long[]> types) {
    Map<DType, long[]> sorted = new LinkedHashMap<>();
    types.entrySet().stream()
        .sorted((a, b) -> Long.compare(b.getValue()[2], a.getValue()[2]))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  private static long vocabulary(GgufFile file) {
    return file.find("token_embd.weight").map(tensor -> tensor.shape().dim(0)).orElse(0L);
  }

  /** MLA keeps one compressed vector per layer; other attention keys and values per KV head. */
  private static long kvElements(GgufMetadata metadata, String arch) {
    long layers = layers(metadata, arch);
    long rank = number(metadata, arch + ".attention.kv_lora_rank");
    if (rank > 0) {
      return layers * (rank + number(metadata, arch + ".rope.dimension_count"));
    }
    long heads = Math.max(1, first(metadata, arch + ".attention.head_count"));
    long width = number(metadata, arch + ".embedding_length") / heads;
    long key = number(metadata, arch + ".attention.key_length");
    long value = number(metadata, arch + ".attention.value_length");
    long perHead = (key > 0 ? key : width) + (value > 0 ? value : width);
    String kvHeads = arch + ".attention.head_count_kv";
    long[] perLayer = metadata.findIntegers(kvHeads).orElse(new long[] {heads});
    long sum = 0;
    for (long layer = 0; layer < Math.min(layers, 100_000); layer++) {
      sum += perLayer.length > 1 && layer < perLayer.length ? perLayer[(int) layer] : perLayer[0];
    }
    return sum * perHead;
  }

  private static long first(GgufMetadata metadata, String key) {
    return metadata.findIntegers(key).filter(a -> a.length > 0).map(a -> a[0]).orElse(0L);
  }

  private static long number(GgufMetadata metadata, String key) {
    return Math.max(0, metadata.findInteger(key).orElse(0L));
  }

  /** Bytes of keys and values for a context. */
  long kvBytes(DType type, long context) {
    return (long) ((double) kvElementsPerToken * context * type.blockBytes() / type.blockSize());
  }
}
