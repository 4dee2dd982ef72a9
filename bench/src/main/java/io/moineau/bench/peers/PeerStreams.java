package io.moineau.bench.peers;

import java.nio.file.Path;

/** llama.cpp's batched generation, measured from elsewhere: loaded once, repeated at will. */
public final class PeerStreams implements AutoCloseable {
  private final Contestant.Session session;
  private final String setting;

  private PeerStreams(Contestant.Session session, String setting) {
    this.session = session;
    this.setting = setting;
  }

  /**
   * Loads a file.
   *
   * @param folder of its libraries
   * @throws PeerException {@code llama-cpp-missing}, {@code llama-cpp-load}, {@code peer-failed}
   */
  public static PeerStreams llamaCpp(Path folder, Path model, int threads) {
    LlamaCppFiles files = LlamaCppFiles.in(folder);
    String[] best = LlamaCppVariant.ask(folder, "");
    files.backend(best[0]);
    Contestant contestant = new LlamaCppContestant(folder, best[0], threads);
    ModelFile file = ModelFile.of(model);
    return new PeerStreams(
        contestant.start(file, WorkerLoop.FIRST_PROMPT), "llama.cpp " + best[1] + ", " + best[0]);
  }

  /** Its version and build. */
  public String setting() {
    return setting;
  }

  /** Tokens per second of so many sequences of 16 tokens that each go on for 32. */
  public double tokensPerSecond(int sequences) {
    return session.measure(new Work(Work.Kind.STREAMS, sequences)).tokensPerSecond();
  }

  @Override
  public void close() {
    session.close();
  }
}
