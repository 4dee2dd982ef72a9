package io.moineau.text.answer;

/**
 * Arguments that are JSON already: an object, passed on as it comes, or a string that holds one.
 */
final class JsonArguments implements ArgumentsReader {
  private int depth;
  private boolean inString;
  private boolean escaped;
  private boolean began;

  @Override
  public boolean read(Input in, PartSink sink, boolean cut) {
    if (!began) {
      in.skip(in.skipSpace(0));
      if (in.length() == 0) {
        return false;
      }
      if (in.charAt(0) != '{' && in.charAt(0) != '[') {
        return whole(in, sink);
      }
      began = true;
    }
    for (int i = 0; i < in.length(); i++) {
      if (ends(in.charAt(i))) {
        sink.arguments(in.take(i + 1));
        return true;
      }
    }
    sink.arguments(in.take(in.length()));
    return false;
  }

  private boolean ends(char c) {
    if (inString) {
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == '"') {
        inString = false;
      }
      return false;
    }
    switch (c) {
      case '"' -> inString = true;
      case '{', '[' -> depth++;
      case '}', ']' -> depth--;
      default -> {}
    }
    return depth == 0;
  }

  /** A string, null or something else: known once it is there as a whole. */
  private static boolean whole(Input in, PartSink sink) {
    int end = JsonScan.value(in, 0);
    if (end == JsonScan.BAD) {
      sink.arguments("{}"); // nothing is there
      return true;
    }
    if (end == JsonScan.MORE) {
      if (in.ended()) {
        sink.arguments(in.take(in.length()));
      }
      return false;
    }
    String value = in.take(end);
    if (value.equals("null")) {
      sink.arguments("{}");
      return true;
    }
    String inside = JsonScan.text(value);
    sink.arguments(inside == null ? value : inside.isBlank() ? "{}" : inside);
    return true;
  }
}
