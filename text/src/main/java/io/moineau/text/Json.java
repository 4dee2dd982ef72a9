package io.moineau.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as plain values: what templates, tokenizer files and requests are read into.
 *
 * <p>A text becomes {@code String}, {@code Boolean}, {@code Long} ({@code BigInteger} where 64 bits
 * do not hold it), {@code Double} (a number with a point or an exponent), {@code null}, {@code
 * List} and {@code LinkedHashMap} in the order of the text; of equal keys the last one counts.
 * Nothing is bound to classes: what these files hold is only known when they are read.
 *
 * <p>Input is hostile: its length is at most {@value #MAX_LENGTH} bytes or characters, its nesting
 * at most {@value #MAX_DEPTH}, a number at most {@value #MAX_NUMBER_LENGTH} characters.
 */
public final class Json {
  /** The deepest nesting of arrays and objects that is read or written. */
  public static final int MAX_DEPTH = 500;

  /** The most bytes or characters that are read. */
  public static final int MAX_LENGTH = 512 << 20;

  /** The most characters of one number. */
  public static final int MAX_NUMBER_LENGTH = 10_000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .maxStringLength(MAX_LENGTH)
                  .maxDocumentLength(MAX_LENGTH)
                  .build())
          .build();

  private Json() {}

  /**
   * Reads one JSON value that makes up the whole text.
   *
   * @throws TextException {@code json-malformed} or {@code json-too-large}
   */
  public static @Nullable Object parse(String text) {
    checkLength(text.length(), "text");
    try (JsonParser parser = FACTORY.createParser(text)) {
      return document(parser, "text");
    } catch (IOException e) {
      throw malformed(e, "text");
    }
  }

  /**
   * Reads one JSON value that makes up all the bytes (UTF-8).
   *
   * @throws TextException {@code json-malformed} or {@code json-too-large}
   */
  public static @Nullable Object parse(byte[] bytes) {
    return parse(bytes, "bytes");
  }

  /**
   * Reads one JSON value that makes up the whole file (UTF-8).
   *
   * @throws TextException {@code json-malformed}, {@code json-too-large} or {@code json-unreadable}
   *     (no such file, a folder, no right to read it)
   */
  public static @Nullable Object parse(Path path) {
    byte[] bytes;
    try {
      if (Files.isDirectory(path)) {
        throw unreadable(path, "it is a folder");
      }
      checkLength(Files.size(path), path.toString());
      bytes = Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw unreadable(path, "there is no such file");
    } catch (IOException e) {
      throw unreadable(path, e.toString());
    }
    return parse(bytes, path.toString());
  }

  private static @Nullable Object parse(byte[] bytes, String where) {
    checkLength(bytes.length, where);
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      return document(parser, where);
    } catch (IOException e) {
      throw malformed(e, where);
    }
  }

  private static @Nullable Object document(JsonParser parser, String where) throws IOException {
    if (parser.nextToken() == null) {
      throw new TextException(
          "json-malformed", "no JSON value", where + " is empty", "one JSON value", "");
    }
    Object value = value(parser);
    if (parser.nextToken() != null) {
      throw new TextException(
          "json-malformed",
          "text after the JSON value",
          where + position(parser.currentTokenLocation()),
          "one JSON value",
          "remove what follows it");
    }
    return value;
  }

  /** The value that begins with the current token; depth is bounded by the parser. */
  private static @Nullable Object value(JsonParser parser) throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          map.put(name, value(parser));
        }
        return map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        return list;
      }
      case VALUE_STRING -> {
        return parser.getText();
      }
      case VALUE_NUMBER_INT -> {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            ? parser.getBigIntegerValue()
            : (Object) parser.getLongValue();
      }
      case VALUE_NUMBER_FLOAT -> {
        return parser.getDoubleValue();
      }
      case VALUE_TRUE -> {
        return Boolean.TRUE;
      }
      case VALUE_FALSE -> {
        return Boolean.FALSE;
      }
      default -> {
        return null;
      }
    }
  }

  /**
   * Writes a value on one line with no spaces: {@code {"a":[1,2.5,null]}}.
   *
   * @param value strings, booleans, numbers, nulls, lists and maps with string keys, nested
   * @throws TextException {@code json-unwritable} for any other class, a number that is not finite,
   *     or nesting deeper than {@value #MAX_DEPTH}
   */
  public static String write(@Nullable Object value) {
    return write(value, false);
  }

  /**
   * Writes a value with one entry a line, indented by two spaces, with {@code "key": value}.
   *
   * @throws TextException as {@link #write(Object)}
   */
  public static String writeIndented(@Nullable Object value) {
    return write(value, true);
  }

  private static String write(@Nullable Object value, boolean indented) {
    StringWriter out = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      if (indented) {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer =
            new DefaultPrettyPrinter(
                Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                    .withArrayEmptySeparator("")
                    .withObjectEmptySeparator(""));
        printer.indentObjectsWith(indenter);
        printer.indentArraysWith(indenter);
        generator.setPrettyPrinter(printer);
      }
      write(generator, value, 0);
    } catch (IOException e) {
      throw unwritable(e.toString());
    }
    return out.toString();
  }

  private static void write(JsonGenerator out, @Nullable Object value, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw unwritable("nesting deeper than " + MAX_DEPTH);
    }
    switch (value) {
      case null -> out.writeNull();
      case String s -> out.writeString(s);
      case Boolean b -> out.writeBoolean(b);
      case BigInteger b -> out.writeNumber(b);
      case BigDecimal b -> out.writeNumber(b);
      case Float f when Float.isFinite(f) -> out.writeNumber(f);
      case Double d when Double.isFinite(d) -> out.writeNumber(d);
      case Long l -> out.writeNumber(l);
      case Integer i -> out.writeNumber(i);
      case Short i -> out.writeNumber(i);
      case Byte i -> out.writeNumber(i);
      case List<?> list -> {
        out.writeStartArray();
        for (Object item : list) {
          write(out, item, depth + 1);
        }
        out.writeEndArray();
      }
      case Map<?, ?> map -> {
        out.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          if (!(entry.getKey() instanceof String key)) {
            throw unwritable("a key of an object that is no string: " + entry.getKey());
          }
          out.writeFieldName(key);
          write(out, entry.getValue(), depth + 1);
        }
        out.writeEndObject();
      }
      case Number n -> throw unwritable("the number " + n);
      default -> throw unwritable("a value of " + value.getClass().getName());
    }
  }

  private static void checkLength(long length, String where) {
    if (length > MAX_LENGTH) {
      throw new TextException(
          "json-too-large",
          "too much JSON",
          where + " has length " + length,
          "at most " + MAX_LENGTH,
          "split it");
    }
  }

  private static TextException unwritable(String where) {
    return new TextException(
        "json-unwritable",
        "a value that JSON cannot hold",
        where,
        "strings, booleans, finite numbers, null, lists, maps with string keys",
        "");
  }

  private static TextException unreadable(Path path, String why) {
    return new TextException(
        "json-unreadable", "cannot read the JSON file " + path, why, "a readable file", "");
  }

  private static TextException malformed(IOException e, String where) {
    if (e instanceof StreamConstraintsException) {
      return new TextException(
          "json-too-large",
          "JSON beyond a limit",
          where + ": " + e.getMessage(),
          "nesting to " + MAX_DEPTH + ", numbers of " + MAX_NUMBER_LENGTH + " characters",
          "");
    }
    if (e instanceof JsonProcessingException p) {
      return new TextException(
          "json-malformed",
          "not JSON",
          where + position(p.getLocation()) + ": " + p.getOriginalMessage(),
          "RFC 8259",
          "correct the text there");
    }
    return new TextException("json-malformed", "not JSON", where + ": " + e, "RFC 8259", "");
  }

  private static String position(@Nullable JsonLocation at) {
    return at == null ? "" : " at line " + at.getLineNr() + " column " + at.getColumnNr();
  }
}
