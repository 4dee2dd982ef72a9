package io.moineau;

/** What happens before a load when the memory needed exceeds what the machine has. */
public enum MemoryCheck {
  /** The model is not loaded; the error has the sum and the nearest setting that fits. */
  REFUSE,
  /** The model is loaded all the same, and its card says so. */
  WARN
}
