package io.moineau.clients.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The rules of accessibility of axe-core, over a page as it stands. */
final class Axe {
  private Axe() {}

  /** Puts axe-core into the page. */
  static void load(Page page) throws IOException {
    String path = "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";
    try (InputStream in = Objects.requireNonNull(Axe.class.getResourceAsStream(path))) {
      page.expecting("willReadFrequently"); // axe's way of looking at colours
      page.js(new String(in.readAllBytes(), StandardCharsets.UTF_8) + "\n;window.axe = axe;");
    }
  }

  /** Holds that nothing serious is amiss. */
  static void assertAccessible(Page page, String state) {
    Object found =
        page.driver.executeAsyncScript(
            "const done = arguments[0];"
                + "axe.run(document, {resultTypes: ['violations']}).then((r) => done(r.violations"
                + ".filter((v) => v.impact === 'serious' || v.impact === 'critical')"
                + ".map((v) => v.id + ': ' + v.help + ' at '"
                + " + v.nodes.map((n) => n.target.join(' ') + ' (' + (n.any[0]?.message ?? '') + ')')"
                + ".join('; '))), (e) => done([String(e)]))");
    assertThat((List<?>) found).as(state).isEmpty();
  }
}
