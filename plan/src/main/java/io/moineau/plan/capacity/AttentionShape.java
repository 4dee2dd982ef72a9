package io.moineau.plan.capacity;

/** The measures of a layer's attention, by the names of Hugging Face's {@code config.json}. */
public sealed interface AttentionShape {
  /** Query heads. */
  int numAttentionHeads();

  /** Weights of a layer's attention. */
  long parameters(int hiddenSize);

  /** Numbers that are kept for a token in a layer. */
  int keptPerToken();

  /**
   * Operations of a token with one position before it, in a layer, as a prompt is computed; a
   * multiplication and an addition are two.
   */
  long promptOperationsPerPosition();

  /** The same when one token is generated. */
  long decodeOperationsPerPosition();

  /** Heads that share keys and values in groups; with as many as queries, multi-head attention. */
  record GroupedQuery(int numAttentionHeads, int numKeyValueHeads, int headDim)
      implements AttentionShape {
    @Override
    public long parameters(int hiddenSize) {
      long queries = (long) numAttentionHeads * headDim;
      long keys = (long) numKeyValueHeads * headDim;
      return hiddenSize * (2 * queries + 2 * keys); // q, k, v and the output
    }

    @Override
    public int keptPerToken() {
      return 2 * numKeyValueHeads * headDim;
    }

    @Override
    public long promptOperationsPerPosition() {
      return 4L * numAttentionHeads * headDim; // scores, and values
    }

    @Override
    public long decodeOperationsPerPosition() {
      return promptOperationsPerPosition();
    }
  }

  /**
   * Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434): what is kept is one compressed
   * vector and one rotated key for all heads. When tokens are generated, the matrices that
   * decompress are absorbed into queries and outputs, so that each head works on the compressed
   * vector.
   *
   * @param qLoraRank of the queries' compression; 0 for none
   */
  record Latent(
      int numAttentionHeads,
      int qLoraRank,
      int kvLoraRank,
      int qkNopeHeadDim,
      int qkRopeHeadDim,
      int vHeadDim)
      implements AttentionShape {
    @Override
    public long parameters(int hiddenSize) {
      long heads = numAttentionHeads;
      long query = (long) qkNopeHeadDim + qkRopeHeadDim;
      long queries =
          qLoraRank == 0
              ? hiddenSize * heads * query
              : (long) hiddenSize * qLoraRank + qLoraRank * heads * query;
      long compression = (long) hiddenSize * (kvLoraRank + qkRopeHeadDim);
      long decompression = kvLoraRank * heads * (qkNopeHeadDim + vHeadDim);
      return queries + compression + decompression + heads * vHeadDim * hiddenSize;
    }

    @Override
    public int keptPerToken() {
      return kvLoraRank + qkRopeHeadDim;
    }

    @Override
    public long promptOperationsPerPosition() {
      return 2L * numAttentionHeads * (qkNopeHeadDim + qkRopeHeadDim + vHeadDim);
    }

    @Override
    public long decodeOperationsPerPosition() {
      return 2L * numAttentionHeads * (2L * kvLoraRank + qkRopeHeadDim);
    }
  }
}
