package io.moineau.clients.browser;

import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.server.Server;
import io.moineau.server.ServerOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.chrome.ChromeDriver;

/**
 * A page in the browser before a server with the built-in model. Each test has a server with a port
 * of its own: for the browser that is another site, with nothing kept from the test before.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
abstract class BrowserTest {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  ChromeDriver driver;

  @BeforeEach
  final void findBrowser() {
    driver = Chromium.shared();
  }

  @AfterEach
  final void closeAll() throws Exception {
    if (driver != null) {
      driver.get("about:blank"); // ends what it listens to
    }
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }

  /** A server of this test's own. */
  final URI serve(UnaryOperator<ServerOptions> options) {
    Server server =
        Server.start(
            Shared.MODEL,
            options.apply(ServerOptions.defaults().withPort(0).withGrace(Duration.ofSeconds(1))));
    open.push(server);
    return server.uri();
  }

  final URI serve() {
    return serve(options -> options);
  }

  /** The page of a server of this test's own. */
  final Page page() {
    return new Page(driver, serve()).ready();
  }

  /** Another page of a server of this test's own, such as {@code /chips}. */
  final Page page(String path) {
    return new Page(driver, serve(), path).ready();
  }

  /** What stands before a server and answers in its place. */
  final Scripts scripts() {
    return scripts(serve());
  }

  final Scripts scripts(URI server) {
    Scripts scripts = new Scripts(server);
    open.push(scripts);
    return scripts;
  }

  final Page page(Scripts scripts) {
    return new Page(driver, scripts.uri()).ready();
  }

  /** Opened by the first test that needs it, closed with the JVM. */
  private static final class Shared {
    static final Moineau MODEL =
        Moineau.openDefault(
            ModelOptions.defaults().withThreads(1).withMaxSequences(4).withContextLength(1024));

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(MODEL::close));
    }
  }
}
