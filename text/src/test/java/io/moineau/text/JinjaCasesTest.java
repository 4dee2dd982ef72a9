package io.moineau.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Small templates over many kinds of values, with what Python's Jinja2 3.1.6 makes of them.
 *
 * <p>They were drawn from a generator that combines values, operators, methods, filters, tests and
 * statements at random; the expected texts are the reference's.
 */
class JinjaCasesTest {
  @Test
  void render_casesOfReference_areEqual() throws IOException {
    Map<?, ?> file;
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("jinja/cases.json"))) {
      file = (Map<?, ?>) Objects.requireNonNull(Json.parse(in.readAllBytes()));
    }
    int ran = 0;
    for (Object one : (List<?>) Objects.requireNonNull(file.get("cases"))) {
      Map<?, ?> c = (Map<?, ?>) one;
      Map<String, Object> context = new LinkedHashMap<>();
      Map<?, ?> contexts = (Map<?, ?>) Objects.requireNonNull(file.get("contexts"));
      Map<?, ?> shared = (Map<?, ?>) Objects.requireNonNull(contexts.get(c.get("context")));
      shared.forEach((k, v) -> context.put((String) k, v));
      String template = (String) Objects.requireNonNull(c.get("template"));
      String expected = c.containsKey("expected") ? (String) c.get("expected") : null;
      String error = c.containsKey("error") ? (String) c.get("error") : null;
      String text;
      try {
        text = ChatTemplate.compile(template).render(context).text();
      } catch (TextException e) {
        assertThat(error).as("%s: %s", template, e.getMessage()).isNotNull();
        assertThat(e.code().equals("template-syntax"))
            .as("%s: %s", template, e.getMessage())
            .isEqualTo(error.equals("syntax"));
        ran++;
        continue;
      }
      assertThat(error).as(template).isNull();
      assertThat(text).as(template).isEqualTo(expected);
      ran++;
    }
    assertThat(ran).isGreaterThan(1000);
  }
}
