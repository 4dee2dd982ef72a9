package io.moineau.clients;

import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.server.Server;
import io.moineau.server.ServerOptions;
import io.moineau.testkit.TinyModels;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A server on a port of its own, with a tiny mixture of experts whose weights are random and whose
 * template is that of the Hermes models: it says nothing that makes sense, so what is asked of it
 * here is forced (a tool that must be called, a schema that must be followed).
 */
public final class LiveServer implements AutoCloseable {
  /** The name by which tests ask for the model. */
  public static final String MODEL = "tiny";

  /** Tokens of context. */
  public static final int CONTEXT = 4096;

  private static final long SEED = 11;

  private final Path file;
  private final Moineau moineau;
  private final Server server;

  private LiveServer(Path file, Moineau moineau, Server server) {
    this.file = file;
    this.moineau = moineau;
    this.server = server;
  }

  /** The server that tests share: four answers at once. */
  public static LiveServer shared() {
    return Shared.SERVER;
  }

  /** A server of a test's own. */
  public static LiveServer start(UnaryOperator<ModelOptions> options) {
    return start(options, serving -> serving);
  }

  /** A server of a test's own that behaves in its own way. */
  public static LiveServer start(
      UnaryOperator<ModelOptions> options, UnaryOperator<ServerOptions> serving) {
    try {
      Path file = Files.createTempFile("tiny", ".gguf");
      TinyModels.qwen3moe(SEED).chatTemplate(template()).maxPositionEmbeddings(CONTEXT).write(file);
      Moineau moineau =
          Moineau.open(
              file,
              options.apply(
                  ModelOptions.defaults()
                      .withContextLength(CONTEXT)
                      .withMaxSequences(4)
                      .withThreads(1)
                      .withSeed(SEED)));
      Server server =
          Server.start(
              moineau,
              serving.apply(
                  ServerOptions.defaults()
                      .withPort(0)
                      .withAlias(MODEL)
                      .withGrace(Duration.ofSeconds(2))));
      return new LiveServer(file, moineau, server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String template() throws IOException {
    try (InputStream in = LiveServer.class.getResourceAsStream("hermes.jinja")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Where it listens, without a slash at the end. */
  public URI uri() {
    return server.uri();
  }

  /** Where OpenAI's API is. */
  public String v1() {
    return server.uri() + "/v1";
  }

  /** How many answers are in the making. */
  public int running() {
    return server.running();
  }

  /**
   * Waits until nothing runs.
   *
   * @return whether that came within ten seconds; a client that is gone is noticed much sooner
   */
  public boolean becomesIdle() throws InterruptedException {
    for (int i = 0; i < 1000 && server.running() > 0; i++) {
      Thread.sleep(10);
    }
    return server.running() == 0;
  }

  @Override
  public void close() {
    server.close();
    moineau.close();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Started by the first test that needs it, ended with the JVM. */
  private static final class Shared {
    static final LiveServer SERVER = start(options -> options);

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close));
    }
  }
}
