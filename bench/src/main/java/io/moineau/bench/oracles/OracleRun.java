package io.moineau.bench.oracles;

import io.moineau.kernels.Kernels;
import io.moineau.testkit.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Runs every check over a folder of oracles: {@code ./oracles [DIR]}. */
public final class OracleRun {
  private static final List<OracleCheck> CHECKS =
      List.of(
          new DequantOracle(),
          new TokenizerOracle(),
          new TemplateOracle(),
          new ModelOracle(
              Kernels.providersHere(line -> System.out.println("not compared here: " + line))));

  private OracleRun() {}

  /** Exits with 0 if all is equal, 1 if anything differs, 2 if there is no folder. */
  public static void main(String[] args) throws IOException {
    Optional<Path> folder = args.length > 0 ? Optional.of(Path.of(args[0])) : SharedFiles.oracles();
    if (folder.isEmpty() || !Files.isDirectory(folder.get())) {
      System.err.println(
          "oracles: no folder " + folder.map(Path::toString).orElse("../shared/oracles"));
      System.exit(2);
      return;
    }
    OracleReport report = run(folder.get());
    System.out.println("oracles: " + report.counts());
    System.exit(report.failed() > 0 ? 1 : 0);
  }

  static OracleReport run(Path folder) throws IOException {
    OracleReport all = new OracleReport(System.out);
    for (OracleCheck check : CHECKS) {
      Path below = folder.resolve(check.folderName());
      if (Files.isDirectory(below)) {
        check.run(below, all);
      } else {
        all.skip(check.folderName(), "no such folder in " + folder);
      }
    }
    return all;
  }
}
