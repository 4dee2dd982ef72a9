package io.moineau.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.moineau.error.MoineauException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Prints an error in its four parts, for people or as JSON, without a stack trace. */
final class ErrorPrinter {
  private ErrorPrinter() {}

  static boolean debug() {
    String debug = System.getenv("MOINEAU_DEBUG");
    return debug != null && !debug.isEmpty() && !debug.equals("0");
  }

  /** What the user is told of {@code failure}, whatever it is. */
  static MoineauException explain(Throwable failure) {
    return switch (failure) {
      case MoineauException e -> e;
      case NoSuchFileException e ->
          new CliException(
              "file-missing", "no such file", String.valueOf(e.getFile()), "", "check the path");
      case AccessDeniedException e ->
          new CliException(
              "file-denied",
              "the file may not be opened",
              String.valueOf(e.getFile()),
              "",
              "check its permissions");
      case FileSystemException e ->
          new CliException(
              "file-failed", "a file operation failed", String.valueOf(e.getMessage()), "", "");
      case IOException e ->
          new CliException(
              "input-output", "reading or writing failed", String.valueOf(e.getMessage()), "", "");
      case java.io.UncheckedIOException e when e.getCause() != null -> explain(e.getCause());
      case OutOfMemoryError e ->
          new CliException(
              "out-of-memory",
              "the memory does not suffice",
              String.valueOf(e.getMessage()),
              "",
              "set a smaller --context, or give java a larger heap: MOINEAU_JAVA_OPTS=-Xmx4g");
      default ->
          new CliException(
              "internal",
              "this is a fault of moineau, not yours",
              failure.getClass().getName()
                  + (failure.getMessage() == null ? "" : ": " + failure.getMessage()),
              "",
              "please report it with what MOINEAU_DEBUG=1 prints");
    };
  }

  /** Prints {@code failure} and returns nothing; the stack trace only under MOINEAU_DEBUG=1. */
  static void print(Throwable failure, String command, boolean json, PrintStream err) {
    MoineauException error = explain(failure);
    err.print(json ? json(error) : text(error, command));
    if (debug()) {
      failure.printStackTrace(err);
    }
    err.flush();
  }

  private static String text(MoineauException error, String command) {
    StringBuilder text = new StringBuilder(command).append(": ").append(error.what());
    if (!error.where().isEmpty()) {
      text.append(": ").append(error.where());
    }
    text.append('\n');
    if (!error.allowed().isEmpty()) {
      text.append("  allowed: ").append(error.allowed()).append('\n');
    }
    if (!error.action().isEmpty()) {
      text.append("  to do:   ").append(error.action()).append('\n');
    }
    return SafeText.ofMessage(text.toString());
  }

  private static String json(MoineauException error) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JsonOutput.generator(text)) {
      json.writeStartObject();
      json.writeObjectFieldStart("error");
      json.writeStringField("code", error.code());
      json.writeStringField("what", error.what());
      json.writeStringField("where", error.where());
      json.writeStringField("allowed", error.allowed());
      json.writeStringField("action", error.action());
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("a string cannot fail", e);
    }
    return text.append('\n').toString();
  }
}
