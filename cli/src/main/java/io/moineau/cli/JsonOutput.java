package io.moineau.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.Writer;

/** JSON as the commands print it: objects on several lines, arrays on one. */
final class JsonOutput {
  /** Writes the fields of one object. */
  @FunctionalInterface
  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private JsonOutput() {}

  static JsonGenerator generator(Writer target) throws IOException {
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    printer.indentArraysWith(new DefaultPrettyPrinter.FixedSpaceIndenter());
    return new JsonFactory().createGenerator(target).setPrettyPrinter(printer);
  }

  /** Prints one object and a line end. */
  static void print(PrintStream out, Fields fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = generator(text)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("a string cannot fail", e);
    }
    out.print(text);
    out.print('\n');
  }

  /** Writes an array of numbers. */
  static void array(JsonGenerator json, String name, int[] values) throws IOException {
    json.writeFieldName(name);
    json.writeArray(values, 0, values.length);
  }

  /** Writes an array of 32-bit floats with the digits that tell them apart. */
  static void array(JsonGenerator json, String name, float[] values) throws IOException {
    json.writeArrayFieldStart(name);
    for (float value : values) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }

  /** Writes a float that JSON may not be able to hold: NaN and infinities become strings. */
  static void number(JsonGenerator json, String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumberField(name, value);
    } else {
      json.writeStringField(name, String.valueOf(value));
    }
  }
}
