package io.moineau.clients.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/** The page in the browser, as somebody uses it who sees and types. */
final class Page {
  static final String ANSWER = ".message[data-role=assistant]";
  static final String QUESTION = ".message[data-role=user]";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final ChromeDriver driver;
  private final List<String> expected = new ArrayList<>();

  /** Opens the chat of a server. */
  Page(ChromeDriver driver, URI server) {
    this(driver, server, "/");
  }

  /** Opens a page of a server by its path. */
  Page(ChromeDriver driver, URI server, String path) {
    this.driver = driver;
    driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia", Map.of("media", "", "features", List.of()));
    log(); // of whoever was here before
    driver.get(server + path);
  }

  /** Waits until the page may be used. */
  Page ready() {
    until("the page is ready", () -> yes("document.documentElement.dataset.ready === 'true'"));
    return this;
  }

  // What is seen.

  Object js(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  boolean yes(String expression) {
    return Boolean.TRUE.equals(js("return Boolean(" + expression + ")"));
  }

  int count(String css) {
    return driver.findElements(By.cssSelector(css)).size();
  }

  WebElement element(String css) {
    until("there is " + css, () -> count(css) > 0);
    return driver.findElement(By.cssSelector(css));
  }

  /** The text of the first element, as it is shown; empty where there is none. */
  String text(String css) {
    return (String) js("return document.querySelector(arguments[0])?.innerText ?? ''", css);
  }

  boolean shown(String css) {
    return driver.findElements(By.cssSelector(css)).stream().anyMatch(WebElement::isDisplayed);
  }

  /** What has the focus: its id, else its classes, else its name. */
  String focused() {
    return (String) js("const e = document.activeElement; return e.id || e.className || e.tagName");
  }

  // What is done.

  void click(String css) {
    until(
        "a click on " + css,
        () -> {
          List<WebElement> found = driver.findElements(By.cssSelector(css));
          if (found.isEmpty()) {
            return false;
          }
          found.getFirst().click();
          return true;
        });
  }

  /** Clicks on what is only there while the pointer is near. */
  void hoverAndClick(String near, String css) {
    until(
        "a click on " + css,
        () -> {
          new Actions(driver).moveToElement(element(near)).perform();
          driver.findElement(By.cssSelector(css)).click();
          return true;
        });
  }

  void type(String css, CharSequence... keys) {
    element(css).sendKeys(keys);
  }

  /** Presses keys wherever the focus is. */
  void press(CharSequence... keys) {
    driver.switchTo().activeElement().sendKeys(keys);
  }

  void ask(String question) {
    click("#prompt");
    type("#prompt", question, Keys.ENTER);
  }

  /** Asks, and waits for the whole answer. */
  String answerTo(String question) {
    int before = count(ANSWER);
    ask(question);
    until("an answer", () -> count(ANSWER) == before + 1);
    ended();
    return lastAnswer();
  }

  String lastAnswer() {
    return (String)
        js(
            "return [...document.querySelectorAll(arguments[0])].at(-1)?.querySelector('.body')"
                + ".innerText ?? ''",
            ANSWER);
  }

  void ended() {
    until("nothing is being written", () -> count(".message.running") == 0);
  }

  void reload() {
    driver.navigate().refresh();
    ready();
  }

  // How it is looked at.

  void size(int width, int height, boolean phone) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
  }

  /** Dark or light, and nothing moves: colours are there at once. */
  void dark(boolean dark) {
    Map<String, String> scheme =
        Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
    Map<String, String> still = Map.of("name", "prefers-reduced-motion", "value", "reduce");
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia", Map.of("media", "", "features", List.of(scheme, still)));
  }

  // What is waited for and held.

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    WebDriverException last = null;
    while (System.nanoTime() < end) {
      try {
        if (condition.getAsBoolean()) {
          return;
        }
      } catch (StaleElementReferenceException e) {
        last = e; // drawn anew meanwhile
      } catch (WebDriverException e) {
        last = e; // not there or covered: perhaps soon
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new AssertionError("did not come within " + PATIENCE.toSeconds() + " s: " + what, last);
  }

  /** Lets the console name what a test provokes, such as {@code status of 429}. */
  Page expecting(String inConsole) {
    expected.add(inConsole);
    return this;
  }

  private List<LogEntry> log() {
    return driver.manage().logs().get(LogType.BROWSER).getAll();
  }

  /**
   * Holds that the console is clean: no error, no refusal by the content security policy, no
   * warning; and that nothing was loaded from elsewhere.
   */
  void assertClean() {
    List<String> odd =
        log().stream()
            .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
            .map(LogEntry::getMessage)
            .filter(line -> expected.stream().noneMatch(line::contains))
            .toList();
    assertThat(odd).as("lines of the console").isEmpty();
    Object foreign =
        js(
            "return performance.getEntriesByType('resource').map((e) => e.name)"
                + ".filter((name) => !name.startsWith(location.origin))");
    assertThat((List<?>) foreign).as("loaded from elsewhere").isEmpty();
    assertThat(yes("window.hacked")).as("a script of a message ran").isFalse();
  }

  void assertNoSidewaysScroll() {
    Object wider =
        js(
            "const w = document.documentElement.clientWidth;"
                + "return [document.documentElement, document.body,"
                + " document.querySelector('#thread'), document.querySelector('#main')]"
                + ".filter((e) => e).filter((e) => e.scrollWidth > e.clientWidth + 1 || e.clientWidth > w)"
                + ".map((e) => (e.id || e.tagName) + ' ' + e.scrollWidth + ' > ' + w)");
    assertThat((List<?>) wider).as("wider than the window").isEmpty();
  }
}
