package io.moineau.bench.oracles;

import io.moineau.text.ChatTemplate;
import io.moineau.text.Json;
import io.moineau.text.MarkedText;
import io.moineau.text.TextException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Chat templates: each case's text byte for byte, or its error, as the README of the folder says.
 */
final class TemplateOracle implements OracleCheck {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-05T09:07:03Z"), ZoneOffset.UTC);

  @Override
  public String folderName() {
    return "templates";
  }

  @Override
  public void run(Path folder, OracleReport report) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        String name = file.getFileName().toString().replaceFirst("\\.json$", "");
        Object json = Objects.requireNonNull(Json.parse(file));
        if (json instanceof Map<?, ?> map) {
          expressions(map, report);
        } else {
          Path template = folder.resolve(name + ".jinja");
          templates(
              name, new String(Files.readAllBytes(template), StandardCharsets.UTF_8), json, report);
        }
      }
    }
  }

  private static void templates(String name, String source, Object cases, OracleReport report) {
    ChatTemplate template;
    try {
      template = ChatTemplate.compile(source, CLOCK);
    } catch (TextException e) {
      report.differ(name, "does not compile: " + e.getMessage());
      return;
    }
    for (Object one : (List<?>) cases) {
      Map<?, ?> c = (Map<?, ?>) one;
      String label = name + "/" + c.get("name");
      compare(label, c, () -> template.render(context(c.get("context"), null)), report);
    }
  }

  private static void expressions(Map<?, ?> file, OracleReport report) {
    for (Object one : (List<?>) Objects.requireNonNull(file.get("cases"))) {
      Map<?, ?> c = (Map<?, ?>) one;
      String source = (String) Objects.requireNonNull(c.get("template"));
      compare(
          "expressions/" + c.get("name"),
          c,
          () ->
              ChatTemplate.compile(source, CLOCK)
                  .render(context(file.get("context"), c.get("context"))),
          report);
    }
  }

  private static Map<String, Object> context(
      @org.jspecify.annotations.Nullable Object shared,
      @org.jspecify.annotations.Nullable Object own) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (Object part :
        new Object[] {shared == null ? Map.of() : shared, own == null ? Map.of() : own}) {
      ((Map<?, ?>) part).forEach((k, v) -> out.put((String) k, v));
    }
    return out;
  }

  private interface Rendering {
    MarkedText run();
  }

  private static void compare(String label, Map<?, ?> c, Rendering rendering, OracleReport report) {
    Map<?, ?> error = (Map<?, ?>) c.get("expected_error");
    String text;
    try {
      text = rendering.run().text();
    } catch (TextException e) {
      error(label, error, e, report);
      return;
    }
    if (error != null) {
      String detail = "no error, expected " + error.get("type") + ": " + error.get("message");
      if ("runtime".equals(error.get("kind")) || "sandbox".equals(error.get("kind"))) {
        report.lenient(label, detail);
      } else {
        report.differ(label, detail);
      }
      return;
    }
    String expected = (String) Objects.requireNonNull(c.get("expected"));
    if (text.equals(expected)) {
      report.pass();
    } else {
      report.differ(label, difference(text, expected));
    }
  }

  private static void error(
      String label,
      @org.jspecify.annotations.Nullable Map<?, ?> expected,
      TextException e,
      OracleReport report) {
    if (expected == null) {
      report.differ(label, "unexpected error " + e.code() + ": " + e.getMessage());
      return;
    }
    boolean right =
        switch (String.valueOf(expected.get("kind"))) {
          case "raised_by_template" ->
              e.code().equals("template-raised") && e.what().equals(expected.get("message"));
          case "syntax" -> e.code().equals("template-syntax");
          default -> e.code().equals("template-runtime") || e.code().equals("template-limit");
        };
    if (right) {
      report.pass();
    } else {
      report.differ(
          label, "error " + e.code() + ": " + e.what() + ", expected " + expected.get("message"));
    }
  }

  private static String difference(String text, String expected) {
    int at = 0;
    int end = Math.min(text.length(), expected.length());
    while (at < end && text.charAt(at) == expected.charAt(at)) {
      at++;
    }
    return "at character "
        + at
        + ": "
        + Json.write(text.substring(at, Math.min(text.length(), at + 60)))
        + " and not "
        + Json.write(expected.substring(at, Math.min(expected.length(), at + 60)));
  }
}
