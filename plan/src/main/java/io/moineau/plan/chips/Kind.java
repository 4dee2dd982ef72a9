package io.moineau.plan.chips;

/** What a row of the catalogue is. */
public enum Kind {
  GPU,
  CONSUMER_GPU,
  NPU,
  ASIC,
  CPU,
  /** Storage: drives and memory, for shares of storage chips. */
  STORAGE,
  /** A whole machine of many chips. */
  SYSTEM;

  /**
   * Whether total processing performance is computed: for processors of matrices. That of CPUs is
   * left to their vendors' classing, and a system is not one item of the rules.
   */
  boolean hasPerformance() {
    return this != CPU && this != SYSTEM && this != STORAGE;
  }
}
