package io.moineau.text.answer;

/** Calls whose function is named by markers before a JSON object. */
final class NamedCallReader extends CallReader {
  /** The families' ways. */
  enum Form {
    /** {@code function<sep>NAME\n```json\n{}\n```<end>} or {@code NAME<sep>{}<end>}. */
    DEEPSEEK,
    /** {@code functions.NAME:0<|tool_call_argument_begin|>{}<|tool_call_end|>}. */
    KIMI,
    /** {@code NAME[ARGS]{}} or {@code NAME[CALL_ID]ID[ARGS]{}}. */
    MISTRAL
  }

  static final String SEPARATOR = "<\uFF5Ctool\u2581sep\uFF5C>";
  static final String DEEPSEEK_END = "<\uFF5Ctool\u2581call\u2581end\uFF5C>";
  static final String KIMI_ARGUMENTS = "<|tool_call_argument_begin|>";
  static final String KIMI_END = "<|tool_call_end|>";
  private static final String FENCE = "```";
  private static final int LONGEST = 512;

  private final Form form;
  private boolean fenced;

  NamedCallReader(Form form) {
    this.form = form;
  }

  @Override
  Step head(Input in, PartSink sink) {
    return switch (form) {
      case DEEPSEEK -> deepSeek(in, sink);
      case KIMI -> kimi(in, sink);
      case MISTRAL -> mistral(in, sink);
    };
  }

  private static Step unlessTooLong(Input in) {
    return in.length() > LONGEST ? Step.DAMAGED : Step.MORE;
  }

  private Step deepSeek(Input in, PartSink sink) {
    int separator = in.indexOf(SEPARATOR, 0);
    if (separator < 0) {
      return unlessTooLong(in);
    }
    String name = in.substring(0, separator).strip();
    int at = separator + SEPARATOR.length();
    int next = in.skipSpace(at);
    if (next == in.length()) {
      return in.ended() ? Step.DAMAGED : Step.MORE;
    }
    if (in.charAt(next) != '{') { // the older form: a kind, then the name on a line, then a fence
      int brace = in.indexOf("{", at);
      int line = in.indexOf("\n", at);
      if (line < 0 || brace < 0) {
        return unlessTooLong(in);
      }
      if (brace < line) {
        return Step.DAMAGED;
      }
      name = in.substring(at, line).strip();
      String between = in.substring(line, brace).strip();
      fenced = between.startsWith(FENCE);
      if (!between.isEmpty() && !fenced) {
        return Step.DAMAGED;
      }
      next = brace;
    }
    if (!isName(name)) {
      return Step.DAMAGED;
    }
    in.skip(next);
    begin(sink, "", name, new JsonArguments());
    return Step.GO;
  }

  private Step kimi(Input in, PartSink sink) {
    int marker = in.indexOf(KIMI_ARGUMENTS, 0);
    if (marker < 0) {
      return unlessTooLong(in);
    }
    String id = in.substring(0, marker).strip();
    int colon = id.lastIndexOf(':');
    String name = colon < 0 ? id : id.substring(0, colon);
    if (name.startsWith("functions.")) {
      name = name.substring("functions.".length());
    }
    if (!isName(name)) {
      return Step.DAMAGED;
    }
    in.skip(marker + KIMI_ARGUMENTS.length());
    begin(sink, colon < 0 ? "" : id, name, new JsonArguments());
    return Step.GO;
  }

  private Step mistral(Input in, PartSink sink) {
    int brace = in.indexOf("{", 0);
    if (brace < 0) {
      return unlessTooLong(in);
    }
    String before = in.substring(0, brace).strip();
    if (before.endsWith("[ARGS]")) {
      before = before.substring(0, before.length() - "[ARGS]".length());
    }
    int callId = before.indexOf("[CALL_ID]");
    String id = callId < 0 ? "" : before.substring(callId + "[CALL_ID]".length()).strip();
    String name = (callId < 0 ? before : before.substring(0, callId)).strip();
    if (!isName(name)) {
      return Step.DAMAGED;
    }
    in.skip(brace);
    begin(sink, id, name, new JsonArguments());
    return Step.GO;
  }

  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= LONGEST
        && name.chars().allMatch(c -> XmlCallReader.isName((char) c));
  }

  @Override
  Step tail(Input in) {
    return switch (form) {
      case DEEPSEEK -> {
        if (fenced) {
          Step step = skipOptional(in, FENCE);
          if (step == Step.MORE) {
            yield step;
          }
          fenced = false;
        }
        yield skipOptional(in, DEEPSEEK_END);
      }
      case KIMI -> skipOptional(in, KIMI_END);
      case MISTRAL -> Step.DONE;
    };
  }
}
