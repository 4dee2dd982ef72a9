package io.moineau.format;

import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON header of a safetensors file, read strictly: an object of tensors, each with {@code
 * dtype}, {@code shape} and {@code data_offsets}, and {@code __metadata__}, an object of strings.
 *
 * <p>This subset of JSON is all that the format allows, so that a parser of it is shorter than the
 * checks that values of a general one would need.
 */
final class SafetensorsHeader {
  /**
   * A tensor as the header names it.
   *
   * @param begin of its bytes, counted from the first byte after the header
   * @param end of its bytes
   */
  record Entry(String name, DType type, Shape shape, long begin, long end) {}

  private static final String METADATA = "__metadata__";
  private static final int MOST_DIMENSIONS = 8;

  private final String text;
  private final String file;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private String inside = "the header";
  private int at;

  private SafetensorsHeader(String text, String file) {
    this.text = text;
    this.file = file;
  }

  /**
   * Reads a header.
   *
   * @throws FormatException {@code safetensors-bad-header}, {@code safetensors-duplicate-tensor},
   *     {@code safetensors-unknown-type}, {@code safetensors-bad-size}
   */
  static SafetensorsHeader parse(String text, String file) {
    SafetensorsHeader header = new SafetensorsHeader(text, file);
    header.object();
    header.space();
    if (header.at < text.length()) {
      throw header.bad("nothing after the object");
    }
    return header;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  Map<String, Entry> entries() {
    return entries;
  }

  private void object() {
    expect('{');
    if (accept('}')) {
      return;
    }
    do {
      inside = "the header";
      String name = string();
      expect(':');
      inside = name.equals(METADATA) ? METADATA : "tensor " + Quoted.of(name);
      if (name.equals(METADATA)) {
        strings();
      } else if (entries.putIfAbsent(name, entry(name)) != null) {
        throw new FormatException(
            "safetensors-duplicate-tensor",
            "a tensor of a safetensors file is there twice",
            place(),
            "each name once",
            "the file is damaged; fetch or convert it again");
      }
    } while (accept(','));
    expect('}');
  }

  private void strings() {
    expect('{');
    if (accept('}')) {
      return;
    }
    do {
      String key = string();
      expect(':');
      metadata.put(key, string());
    } while (accept(','));
    expect('}');
  }

  private Entry entry(String name) {
    String dtype = "";
    List<Long> dims = null;
    List<Long> offsets = null;
    expect('{');
    do {
      String key = string();
      expect(':');
      switch (key) {
        case "dtype" -> dtype = string();
        case "shape" -> dims = numbers(MOST_DIMENSIONS);
        case "data_offsets" -> offsets = numbers(2);
        default -> throw bad("dtype, shape or data_offsets, and not " + Quoted.of(key));
      }
    } while (accept(','));
    expect('}');
    if (dtype.isEmpty() || dims == null || offsets == null || offsets.size() != 2) {
      throw bad("dtype, shape and two data_offsets");
    }
    DType type = type(dtype);
    long begin = offsets.get(0);
    long end = offsets.get(1);
    try {
      Shape shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
      long bytes = type.bytesFor(shape.elements());
      if (begin > end || end - begin != bytes) {
        throw badSize("data_offsets=[" + begin + "," + end + "]", bytes + " bytes of " + shape);
      }
      return new Entry(name, type, shape, begin, end);
    } catch (TensorException e) {
      throw badSize("shape=" + dims, "at most 2^63-1 bytes");
    }
  }

  private FormatException badSize(String has, String allowed) {
    return new FormatException(
        "safetensors-bad-size",
        "a tensor's bytes do not match its shape",
        place() + " has " + has,
        allowed,
        "the file is damaged; fetch or convert it again");
  }

  private DType type(String dtype) {
    return switch (dtype) {
      case "F32" -> DType.F32;
      case "F16" -> DType.F16;
      case "BF16" -> DType.BF16;
      default ->
          throw new FormatException(
              "safetensors-unknown-type",
              "a tensor of a safetensors file has a type that is not read here",
              place() + " has dtype " + Quoted.of(dtype),
              "F32, F16, BF16",
              "save it as one of these");
    };
  }

  private List<Long> numbers(int most) {
    List<Long> numbers = new ArrayList<>();
    expect('[');
    if (accept(']')) {
      return numbers;
    }
    do {
      if (numbers.size() == most) {
        throw bad("at most " + most + " numbers");
      }
      numbers.add(number());
    } while (accept(','));
    expect(']');
    return numbers;
  }

  private long number() {
    space();
    int start = at;
    long value = 0;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      int digit = text.charAt(at) - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        throw bad("a number of 0 to 2^63-1");
      }
      value = value * 10 + digit;
      at++;
    }
    if (at == start) {
      throw bad("a whole number of 0 or more");
    }
    return value;
  }

  private String string() {
    space();
    if (at >= text.length() || text.charAt(at) != '"') {
      throw bad("a string");
    }
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return value.toString();
      }
      if (c < 0x20) {
        throw bad("no control character in a string");
      }
      value.append(c == '\\' ? escaped() : c);
    }
    throw bad("the end of a string");
  }

  private char escaped() {
    at++;
    char c = at < text.length() ? text.charAt(at) : ' ';
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int value = 0;
        for (int i = 1; i <= 4; i++) {
          int digit = at + i < text.length() ? Character.digit(text.charAt(at + i), 16) : -1;
          if (digit < 0) {
            throw bad("four hexadecimal digits");
          }
          value = value << 4 | digit;
        }
        at += 4;
        yield (char) value;
      }
      default -> throw bad("an escape of JSON");
    };
  }

  private void expect(char wanted) {
    if (!accept(wanted)) {
      throw bad("'" + wanted + "'");
    }
  }

  private boolean accept(char wanted) {
    space();
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void space() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private String place() {
    return inside + " at character " + at + " of the header of " + file;
  }

  private FormatException bad(String expected) {
    String found =
        at < text.length()
            ? "\"" + Quoted.of(text.substring(at, Math.min(at + 24, text.length()))) + "\""
            : "its end";
    return new FormatException(
        "safetensors-bad-header",
        "the header of a safetensors file is not as it should be",
        place() + " has " + found,
        "here: " + expected,
        "the file is damaged; fetch or convert it again");
  }
}
