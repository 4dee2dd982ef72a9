package io.moineau;

/**
 * What is done with the pages of the mapped weights while a model loads. Nothing is copied unless
 * {@code repack} says so.
 *
 * @param populate whether they are read into memory before the first request, where the files fit
 *     into what is available; otherwise each is read when it is first needed
 * @param huge whether huge pages are asked for; a note of the card says what the system gave
 * @param numa what is done on machines with several nodes of memory; sharing out weights reads them
 * @param repack whether weights are copied to memory of the process's own, in huge pages: as much
 *     more memory as the files have, fewer misses of the address translation; a note of the card
 *     says what it cost
 */
public record PageOptions(boolean populate, boolean huge, NumaMode numa, boolean repack) {
  private static final PageOptions DEFAULTS = new PageOptions(false, false, NumaMode.OFF, false);

  /** Pages are read when they are first needed, in the system's own size. */
  public static PageOptions defaults() {
    return DEFAULTS;
  }

  /** The same, with pages read before the first request or not. */
  public PageOptions withPopulate(boolean value) {
    return new PageOptions(value, huge, numa, repack);
  }

  /** The same, with huge pages asked for or not. */
  public PageOptions withHuge(boolean value) {
    return new PageOptions(populate, value, numa, repack);
  }

  /** The same with something else done about nodes of memory. */
  public PageOptions withNuma(NumaMode value) {
    return new PageOptions(populate, huge, value, repack);
  }

  /** The same, with a copy in huge pages or not. */
  public PageOptions withRepack(boolean value) {
    return new PageOptions(populate, huge, numa, value);
  }
}
