package io.moineau.cli;

import io.moineau.ResponseFormat;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What an answer must look like: llama.cpp's options with its names, and two more. */
final class FormatArguments {
  @Option(
      names = {"-j", "--json-schema"},
      paramLabel = "SCHEMA",
      description = "The answer is JSON that keeps to a schema: the schema itself, or its file.")
  private @Nullable String schema;

  @Option(
      names = "--grammar",
      paramLabel = "GRAMMAR",
      description = "The answer keeps to a grammar (GBNF): the grammar itself, or its file.")
  private @Nullable String grammar;

  @Option(
      names = "--regex",
      paramLabel = "PATTERN",
      description = "The answer matches a regular expression as a whole.")
  private @Nullable String regex;

  @Option(names = "--json-object", description = "The answer is a JSON object.")
  private boolean object;

  /** The format that these options ask for. */
  ResponseFormat format(Job job) throws IOException {
    int given =
        (schema == null ? 0 : 1)
            + (grammar == null ? 0 : 1)
            + (regex == null ? 0 : 1)
            + (object ? 1 : 0);
    if (given > 1) {
      throw job.usage("an answer has one form: give one of -j, --grammar, --regex, --json-object");
    }
    if (schema != null) {
      Object value = Json.parse(text(schema, schema.strip().startsWith("{")));
      return new ResponseFormat.JsonSchema("answer", value == null ? "null" : value);
    }
    if (grammar != null) {
      return new ResponseFormat.Gbnf(text(grammar, grammar.contains("::=")));
    }
    if (regex != null) {
      return new ResponseFormat.Regex(regex);
    }
    return object ? ResponseFormat.JSON_OBJECT : ResponseFormat.TEXT;
  }

  /** What was given, or what its file holds. */
  private static String text(String given, boolean itself) throws IOException {
    if (itself) {
      return given;
    }
    try {
      Path file = Path.of(given);
      if (Files.exists(file)) {
        return InputText.file(file);
      }
    } catch (InvalidPathException e) {
      // Then it is no file either.
    }
    throw new CliException(
        "format-unreadable",
        "neither a file nor a form of an answer",
        SafeText.ofLine(given),
        "a file, JSON that begins with {, or a grammar with ::=",
        "check the path");
  }
}
