package io.moineau.text.answer;

import java.util.List;

/** gpt-oss: messages in channels, each with a header. */
final class HarmonyParser extends AnswerParser {
  static final String START = "<|start|>";
  static final String CHANNEL = "<|channel|>";
  static final String MESSAGE = "<|message|>";
  static final String CONSTRAIN = "<|constrain|>";
  static final String END = "<|end|>";
  static final String CALL = "<|call|>";
  static final String RETURN = "<|return|>";

  /** The special tokens that tell messages apart. */
  static final List<String> MARKERS =
      List.of(START, CHANNEL, MESSAGE, CONSTRAIN, END, CALL, RETURN);

  private static final Markers ENDS = new Markers(List.of(START, CHANNEL, END, CALL, RETURN));

  private enum At {
    /** Nothing has come: a header, or plain text of a model that leaves it out. */
    BEGINNING,
    HEADER,
    REASONING,
    CONTENT,
    CALL
  }

  private final boolean readsCalls;
  private At at = At.BEGINNING;
  private boolean spoke; // something was said in an earlier message
  private boolean thought;
  private boolean first = true; // of the message

  HarmonyParser(PartSink sink, boolean readsCalls) {
    super(sink);
    this.readsCalls = readsCalls;
  }

  @Override
  public boolean isReasoning() {
    return at == At.REASONING;
  }

  @Override
  boolean step() {
    return switch (at) {
      case BEGINNING -> beginning();
      case HEADER -> header();
      default -> body();
    };
  }

  private boolean beginning() {
    int from = in.skipSpace(0);
    if (from == in.length()) {
      return false;
    }
    boolean unsure = false;
    for (String marker : List.of(START, CHANNEL, MESSAGE, CONSTRAIN, END, "to=")) {
      Input.Fit fit = in.fit(from, marker);
      if (fit == Input.Fit.YES) {
        at = At.HEADER;
        return true;
      }
      unsure |= fit == Input.Fit.MAYBE;
    }
    if (unsure) {
      return false;
    }
    at = At.CONTENT;
    return true;
  }

  private boolean header() {
    int end = in.indexOf(MESSAGE, 0);
    if (end < 0) {
      return false;
    }
    String header = in.take(end);
    in.skip(MESSAGE.length());
    first = true;
    String recipient = after(header, "to=");
    if (!recipient.isEmpty() && readsCalls && !recipient.equals("assistant")) {
      String name =
          recipient.startsWith("functions.")
              ? recipient.substring("functions.".length())
              : recipient;
      sink.startCall("", name);
      at = At.CALL;
    } else {
      at = after(header, CHANNEL).equals("analysis") ? At.REASONING : At.CONTENT;
    }
    return true;
  }

  /** The word behind a marker; empty if there is none. */
  private static String after(String header, String marker) {
    int from = header.lastIndexOf(marker);
    if (from < 0) {
      return "";
    }
    int begin = from + marker.length();
    int to = begin;
    while (to < header.length()
        && !Character.isWhitespace(header.charAt(to))
        && header.charAt(to) != '<') {
      to++;
    }
    return header.substring(begin, to);
  }

  private boolean body() {
    Markers.Hit hit = ENDS.find(in);
    say(in.take(hit.at()));
    String marker = hit.marker();
    if (marker == null) {
      return false;
    }
    if (!marker.equals(CHANNEL)) {
      in.skip(marker.length());
    }
    if (at == At.CALL && first) {
      sink.arguments("{}");
    }
    at = At.HEADER;
    return true;
  }

  private void say(String text) {
    if (text.isEmpty()) {
      return;
    }
    switch (at) {
      case REASONING -> {
        sink.reasoning(first && thought ? "\n\n" + text : text);
        thought = true;
      }
      case CALL -> sink.arguments(text);
      default -> {
        sink.content(first && spoke ? "\n\n" + text : text);
        spoke = true;
      }
    }
    first = false;
  }

  @Override
  void finish() {
    String rest = in.take(in.length());
    switch (at) {
      case HEADER -> {} // a header says nothing
      case BEGINNING -> sink.content(rest);
      default -> {
        say(rest);
        if (at == At.CALL && first && !cut) {
          sink.arguments("{}");
        }
      }
    }
  }
}
