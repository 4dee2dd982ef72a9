package io.moineau.bench.peers;

import java.util.Optional;

/**
 * Jlama 0.8.4, which is named because people ask for it: it loads folders of safetensors, never
 * GGUF, so there is no file that both can be given.
 */
record JlamaContestant() implements Contestant {
  static final String NAME = "jlama";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> whyNot(ModelFile file) {
    return Optional.of("0.8.4 cannot read the file: it reads safetensors, not GGUF");
  }

  @Override
  public Session start(ModelFile file, int context) {
    throw new IllegalStateException("nothing to start");
  }
}
