package io.moineau.text.jinja;

/**
 * One token of a template.
 *
 * @param line its line, from 1
 * @param type {@code data}, {@code block_begin}, {@code name}, {@code string}, {@code integer},
 *     {@code float}, {@code eof} or the operator's name in Jinja, such as {@code lparen}
 * @param text its text; of a string the value
 * @param value of a number its value, else the text
 */
record Token(int line, String type, String text, Object value) {
  boolean is(String otherType) {
    return type.equals(otherType);
  }

  boolean isName(String name) {
    return type.equals("name") && text.equals(name);
  }

  /** As Jinja's messages name it. */
  String describe() {
    return type.equals("name") ? text : describeType(type);
  }

  static String describeType(String type) {
    for (int i = 0; i < Lexer.OPERATORS.length; i += 2) {
      if (Lexer.OPERATORS[i + 1].equals(type)) {
        return Lexer.OPERATORS[i];
      }
    }
    return switch (type) {
      case "block_begin" -> "begin of statement block";
      case "block_end" -> "end of statement block";
      case "variable_begin" -> "begin of print statement";
      case "variable_end" -> "end of print statement";
      case "data" -> "template data / text";
      case "eof" -> "end of template";
      default -> type;
    };
  }
}
