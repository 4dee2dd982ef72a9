package io.moineau.text.answer;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Calls as JSON: {@code {"name": "f", "arguments": {}}}, one or a list of them, with the names of
 * the members that families use.
 */
final class JsonCallReader extends CallReader {
  private static final Set<String> NAMES = Set.of("name", "tool_name", "function", "function_name");
  private static final Set<String> ARGUMENTS = Set.of("arguments", "parameters", "args");
  private static final Set<String> IDS = Set.of("id", "tool_call_id", "call_id");
  private static final Set<String> OTHERS = Set.of("type");

  private final String closer;
  private final Set<String> known; // empty: any name, and any other members
  private final boolean nameIsKey;
  private boolean list;
  private boolean inside; // in a list that began
  private int open; // objects that are open around the arguments

  /**
   * Makes one.
   *
   * @param closer the marker behind the calls; may be missing in the text
   * @param known if not empty, only these names make a call: for calls that no marker opens
   * @param nameIsKey whether a call is {@code {"f": {}}}
   */
  JsonCallReader(String closer, Set<String> known, boolean nameIsKey) {
    this.closer = closer;
    this.known = known;
    this.nameIsKey = nameIsKey;
  }

  @Override
  Step head(Input in, PartSink sink) {
    int at = in.skipSpace(0);
    if (at == in.length()) {
      return Step.MORE;
    }
    if (!inside && in.charAt(at) == '[' && known.isEmpty()) {
      at = in.skipSpace(at + 1);
      if (at == in.length()) {
        return Step.MORE;
      }
      if (in.charAt(at) == ']') { // an empty list calls nothing
        in.skip(at + 1);
        return Step.DONE;
      }
      list = true;
    }
    if (in.charAt(at) != '{') {
      return Step.DAMAGED;
    }
    return new Head().read(in, at + 1, sink);
  }

  /** The members up to the arguments, in any order. */
  private final class Head {
    private @Nullable String name;
    private String id = "";
    private @Nullable String arguments;
    private int depth = 1;

    Step read(Input in, int from, PartSink sink) {
      int at = from;
      while (true) {
        at = in.skipSpace(at);
        if (at == in.length()) {
          return Step.MORE;
        }
        char c = in.charAt(at);
        if (c == ',') {
          at++;
        } else if (c == '}') {
          at++;
          if (--depth == 0) {
            return name == null
                ? Step.DAMAGED
                : start(in, at, sink, ArgumentsReader.of(arguments == null ? "{}" : arguments));
          }
        } else if (c == '"') {
          int end = JsonScan.string(in, at);
          if (end < 0) {
            return Step.MORE;
          }
          String key = JsonScan.text(in.substring(at, end));
          at = in.skipSpace(end);
          if (at == in.length()) {
            return Step.MORE;
          }
          if (key == null || in.charAt(at) != ':') {
            return Step.DAMAGED;
          }
          at = in.skipSpace(at + 1);
          if (at == in.length()) {
            return Step.MORE;
          }
          if (nameIsKey) {
            name = key;
            return start(in, at, sink, new JsonArguments());
          }
          if (ARGUMENTS.contains(key) && name != null) {
            return start(in, at, sink, new JsonArguments());
          }
          int next = member(in, key, at);
          if (next == JsonScan.MORE) {
            return Step.MORE;
          }
          if (next == JsonScan.BAD) {
            return Step.DAMAGED;
          }
          at = next;
        } else {
          return Step.DAMAGED;
        }
      }
    }

    private int member(Input in, String key, int at) {
      if (key.equals("function") && in.charAt(at) == '{') { // OpenAI's own nesting
        depth++;
        return at + 1;
      }
      if (!known.isEmpty() && !isExpected(key)) {
        return JsonScan.BAD;
      }
      int end = JsonScan.value(in, at);
      if (end < 0) {
        return end;
      }
      String value = in.substring(at, end);
      if (NAMES.contains(key)) {
        name = JsonScan.text(value);
        return name == null || name.isEmpty() || (!known.isEmpty() && !known.contains(name))
            ? JsonScan.BAD
            : end;
      }
      if (IDS.contains(key)) {
        String text = JsonScan.text(value);
        id = text == null ? "" : text;
      } else if (ARGUMENTS.contains(key)) {
        arguments = value;
      }
      return end;
    }

    private boolean isExpected(String key) {
      return NAMES.contains(key)
          || ARGUMENTS.contains(key)
          || IDS.contains(key)
          || OTHERS.contains(key);
    }

    private Step start(Input in, int consumed, PartSink sink, ArgumentsReader reader) {
      in.skip(consumed);
      inside = true;
      open = depth;
      begin(sink, id, name == null ? "" : name, reader);
      return Step.GO;
    }
  }

  @Override
  Step tail(Input in) {
    int at = in.skipSpace(0);
    while (open > 0) {
      if (at == in.length()) {
        return Step.MORE;
      }
      char c = in.charAt(at);
      if (c == '}') {
        open--;
        at = in.skipSpace(at + 1);
        in.skip(at);
        at = 0;
      } else if (c == ',' || c == '"') {
        int end = member(in, c == ',' ? in.skipSpace(at + 1) : at);
        if (end == JsonScan.MORE) {
          return Step.MORE;
        }
        if (end == JsonScan.BAD) {
          open = 0;
          break;
        }
        at = in.skipSpace(end);
      } else {
        open = 0; // not JSON any more: what follows is text
      }
    }
    return next(in, at);
  }

  private static int member(Input in, int at) {
    if (at >= in.length()) {
      return JsonScan.MORE;
    }
    if (in.charAt(at) != '"') {
      return JsonScan.BAD;
    }
    int end = JsonScan.string(in, at);
    if (end < 0) {
      return end;
    }
    int colon = in.skipSpace(end);
    if (colon == in.length()) {
      return JsonScan.MORE;
    }
    return in.charAt(colon) == ':' ? JsonScan.value(in, in.skipSpace(colon + 1)) : JsonScan.BAD;
  }

  /** Another call, or the end of the list. */
  private Step next(Input in, int from) {
    int at = in.skipSpace(from);
    if (at == in.length()) {
      return closer.isEmpty() && known.isEmpty() && !list ? Step.DONE : Step.MORE;
    }
    char c = in.charAt(at);
    if (list) {
      if (c == ',') {
        in.skip(at + 1);
        return Step.GO;
      }
      if (c == ']') {
        in.skip(at + 1);
        list = false;
        inside = false;
        return skipOptional(in, closer);
      }
      return Step.DONE;
    }
    if (c == '{') {
      in.skip(at);
      return Step.GO;
    }
    if (c == ';' || c == ',') {
      int brace = in.skipSpace(at + 1);
      if (brace == in.length()) {
        return Step.MORE;
      }
      if (in.charAt(brace) == '{') {
        in.skip(brace);
        return Step.GO;
      }
      return Step.DONE;
    }
    return skipOptional(in, closer);
  }
}
