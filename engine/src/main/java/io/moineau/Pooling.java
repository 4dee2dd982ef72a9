package io.moineau;

import java.util.Optional;

/** How the hidden states of a text's tokens become one vector. */
public enum Pooling {
  /** Their mean. */
  MEAN,
  /** That of the first token, for models trained to sum up there. */
  CLS,
  /** That of the last token, which is the only one that has seen the whole text. */
  LAST;

  /** What {@code pooling_type} of a GGUF file names (llama.cpp's numbers); empty for none. */
  static Optional<Pooling> ofGguf(long type) {
    return switch ((int) type) {
      case 1 -> Optional.of(MEAN);
      case 2 -> Optional.of(CLS);
      case 3, 4 -> Optional.of(LAST); // 4: a ranking head, which reads the last token's state
      default -> Optional.empty();
    };
  }
}
