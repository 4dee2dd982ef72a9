package io.moineau.plan.chips;

/** How well a figure is known. */
public enum Quality {
  /** A vendor's page, or several sources that agree. */
  A,
  /** One other source, or small conflicts. */
  B,
  /** An estimate, a roadmap, or strongly disputed. */
  C
}
