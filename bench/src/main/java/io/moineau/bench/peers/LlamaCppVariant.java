package io.moineau.bench.peers;

import io.moineau.error.MoineauException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A child process that says which build of llama.cpp fits best and whether its structures are the
 * known ones: {@code LIBRARIES CPU}. A child, since libraries that do not fit can end a process.
 */
final class LlamaCppVariant {
  private LlamaCppVariant() {}

  /** Prints the build's name after {@link WorkerLoop#MARK}. */
  public static void main(String[] args) {
    int code = 0;
    try {
      LlamaCppFiles files = LlamaCppFiles.in(Path.of(args[0]));
      LlamaCppLibrary library = new LlamaCppLibrary(files);
      library.checkStructures();
      String best = LlamaCppContestant.best(files, library, args[1]);
      System.out.println(WorkerLoop.MARK + best + " " + library.version());
    } catch (MoineauException e) {
      System.err.println(e.getMessage());
      code = 1;
    }
    System.out.flush();
    Runtime.getRuntime().halt(code);
  }

  /** Asks such a child; gives the build's name and the library's version. */
  static String[] ask(Path folder, String cpu) {
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Commands.java(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                LlamaCppVariant.class.getName(),
                folder.toString(),
                cpu));
    String last = "nothing";
    try {
      Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith(WorkerLoop.MARK)) {
            return line.substring(WorkerLoop.MARK.length()).split(" ");
          }
          last = line;
        }
      }
      last += ", exit code " + process.waitFor();
    } catch (IOException e) {
      last = String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new PeerException(
        "llama-cpp-load",
        "llama.cpp does not say which of its builds fits",
        folder + ": " + last,
        "release " + LlamaCppPackage.RELEASE + " for Linux on x86-64",
        "see what it wrote above; leave it out with --peers");
  }
}
