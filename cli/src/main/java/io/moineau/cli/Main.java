package io.moineau.cli;

/** The moineau command. */
public final class Main {
  private Main() {}

  /** Runs the command. */
  public static void main(String[] args) {
    System.out.println("moineau");
  }
}
