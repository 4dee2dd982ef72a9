package io.moineau.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Moineau in a process of its own, with the flags of {@code ./moineau} but the AOT cache.
 *
 * @param cpu what MOINEAU_CPU is set to; empty for no limit
 */
record MoineauContestant(int threads, String cpu) implements Contestant {
  static final String NAME = "moineau";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> whyNot(ModelFile file) {
    return Optional.empty();
  }

  @Override
  public Session start(ModelFile file, int context) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Commands.java(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xms32m",
                "-Xmx2g",
                "-XX:-UsePerfData",
                "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
                "-cp",
                System.getProperty("java.class.path"),
                MoineauWorker.class.getName(),
                file.path().toString(),
                Integer.toString(threads),
                Integer.toString(context)));
    Map<String, String> environment = cpu.isEmpty() ? Map.of() : Map.of("MOINEAU_CPU", cpu);
    return new ChildSession(NAME, command, environment);
  }
}
