package io.moineau.clients.browser;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.SessionNotCreatedException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * The headless Chromium that all tests here share: that of the system, or the one that {@code
 * MOINEAU_CHROMIUM} names. None is ever downloaded; where there is none the tests say so.
 */
final class Chromium {
  private static final List<String> BROWSERS =
      List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");
  private static final List<String> DRIVERS =
      List.of("/usr/bin/chromedriver", "/usr/lib/chromium/chromedriver");

  private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

  private Chromium() {}

  /** Opened by the first test that needs it, closed with the JVM; else the test is skipped. */
  static ChromeDriver shared() {
    Optional<Path> browser = find("MOINEAU_CHROMIUM", BROWSERS);
    Optional<Path> driver = find("MOINEAU_CHROMEDRIVER", DRIVERS);
    Assumptions.assumeTrue(
        browser.isPresent(),
        "no Chromium: install Debian's packages chromium and chromium-driver, or let"
            + " MOINEAU_CHROMIUM name the program");
    Assumptions.assumeTrue(
        driver.isPresent(),
        "no chromedriver: install Debian's package chromium-driver, or let MOINEAU_CHROMEDRIVER"
            + " name the program");
    return Shared.get(browser.get(), driver.get());
  }

  private static Optional<Path> find(String variable, List<String> usual) {
    String named = System.getenv(variable);
    Stream<String> places = named == null ? usual.stream() : Stream.of(named);
    return places
        .map(Path::of)
        .filter(Files::isRegularFile)
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static final class Shared {
    private static @Nullable ChromeDriver driver;
    private static String trouble = ""; // why it does not start

    static synchronized ChromeDriver get(Path browser, Path driverProgram) {
      Assumptions.assumeTrue(trouble.isEmpty(), () -> trouble);
      if (driver != null && !lives(driver)) {
        driver.quit(); // a page made it crash: its test has failed, the others may go on
        driver = null;
      }
      if (driver == null) {
        ChromeDriver opened = open(browser.toFile(), driverProgram.toFile());
        Runtime.getRuntime().addShutdownHook(new Thread(opened::quit));
        driver = opened;
      }
      return driver;
    }

    private static boolean lives(ChromeDriver driver) {
      try {
        driver.getTitle();
        return true;
      } catch (WebDriverException e) {
        return false;
      }
    }

    /**
     * With its sandbox if that can be: as root it refuses to have one, and where the system gives
     * users no name spaces, as in many containers, it does not start with one. The pages are our
     * own.
     */
    private static ChromeDriver open(File browser, File driverProgram) {
      boolean root = "root".equals(System.getProperty("user.name"));
      try {
        return open(browser, driverProgram, !root);
      } catch (SessionNotCreatedException e) {
        try {
          return open(browser, driverProgram, false);
        } catch (SessionNotCreatedException again) {
          if (System.getenv("CI") != null) {
            throw again; // there it must work
          }
          trouble = "Chromium does not start: " + again.getRawMessage();
          return Assumptions.abort(trouble);
        }
      }
    }

    private static ChromeDriver open(File browser, File driverProgram, boolean sandbox) {
      SELENIUM.setLevel(Level.SEVERE); // it warns of each browser newer than itself
      ChromeOptions options = new ChromeOptions();
      options.setBinary(browser);
      options.addArguments(
          "--headless=new",
          "--disable-gpu",
          "--disable-dev-shm-usage",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-extensions",
          "--no-first-run",
          "--force-color-profile=srgb",
          "--hide-scrollbars",
          "--lang=en-US",
          "--window-size=1280,800",
          // What leads away from this machine leads nowhere.
          "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
      if (!sandbox) {
        options.addArguments("--no-sandbox");
      }
      options.setExperimentalOption("prefs", Map.of("intl.accept_languages", "en-US"));
      LoggingPreferences logs = new LoggingPreferences();
      logs.enable(LogType.BROWSER, Level.ALL);
      options.setCapability("goog:loggingPrefs", logs);
      ChromeDriverService service =
          new ChromeDriverService.Builder()
              .usingDriverExecutable(driverProgram)
              .usingAnyFreePort()
              .build();
      return new ChromeDriver(service, options);
    }
  }
}
