package io.moineau.text.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers in which markers stand around reasoning and calls. */
final class MarkedParser extends AnswerParser {
  private enum At {
    /** Before anything but white space: reasoning may begin, or a call without a marker. */
    START,
    REASONING,
    CONTENT,
    CALL
  }

  /**
   * What a parser goes by.
   *
   * @param reasoning markers of reasoning
   * @param openers what begins a call; empty if calls are not read
   * @param drops what is left out
   * @param bare names that make a call out of JSON with no marker; empty if there is no such form
   * @param reader reads the call behind an opener; empty for a call without one
   * @param hidden whether a marker is no text even where it opens no call
   */
  record Rules(
      Reasoning reasoning,
      List<String> openers,
      List<String> drops,
      Set<String> bare,
      Function<String, CallReader> reader,
      Function<String, Boolean> hidden) {}

  private final Rules rules;
  private final Markers inReasoning;
  private final Markers inContent;
  private final StringBuilder space = new StringBuilder(); // white space held back
  private At at;
  private boolean mayReason;
  private boolean trims; // white space before what comes next is not part of it
  private String opener = "";
  private @Nullable CallReader call;

  MarkedParser(Rules rules, PartSink sink, boolean beginsInReasoning) {
    super(sink);
    this.rules = rules;
    this.at = beginsInReasoning ? At.REASONING : At.START;
    this.mayReason = !beginsInReasoning;
    this.trims = beginsInReasoning;
    inReasoning = new Markers(List.of(rules.reasoning.close()));
    List<String> markers = new ArrayList<>(rules.openers);
    markers.addAll(rules.drops);
    inContent = new Markers(markers);
  }

  @Override
  public boolean isReasoning() {
    return at == At.REASONING;
  }

  @Override
  boolean step() {
    return switch (at) {
      case START -> start();
      case REASONING -> reasoning();
      case CONTENT -> content();
      case CALL -> call();
    };
  }

  private boolean start() {
    int first = in.skipSpace(0);
    if (first == in.length()) {
      if (in.ended()) {
        at = At.CONTENT;
        return true;
      }
      return false;
    }
    if (mayReason) {
      Input.Fit fit = in.fit(first, rules.reasoning.open());
      if (fit == Input.Fit.MAYBE) {
        return false;
      }
      if (fit == Input.Fit.YES) {
        in.skip(first + rules.reasoning.open().length());
        mayReason = false;
        trims = true;
        at = At.REASONING;
        return true;
      }
    }
    boolean unsure = false;
    for (String drop : rules.drops) {
      Input.Fit fit = in.fit(first, drop);
      if (fit == Input.Fit.YES) {
        in.skip(first + drop.length());
        trims = true;
        return true;
      }
      unsure |= fit == Input.Fit.MAYBE;
    }
    if (unsure) {
      return false;
    }
    if (!rules.bare.isEmpty() && in.charAt(first) == '{') {
      opener = "";
      call = rules.reader.apply("");
      at = At.CALL;
      return true;
    }
    at = At.CONTENT;
    return true;
  }

  private boolean reasoning() {
    Markers.Hit hit = inReasoning.find(in);
    say(in.take(hit.at()), true);
    if (hit.marker() == null) {
      return false;
    }
    in.skip(hit.marker().length());
    space.setLength(0);
    trims = true;
    at = At.START;
    return true;
  }

  private boolean content() {
    Markers.Hit hit = inContent.find(in);
    say(in.take(hit.at()), false);
    String marker = hit.marker();
    if (marker == null) {
      return false;
    }
    in.skip(marker.length());
    if (rules.openers.contains(marker)) {
      opener = marker;
      call = rules.reader.apply(marker);
      at = At.CALL;
    } else {
      space.setLength(0);
    }
    return true;
  }

  private boolean call() {
    CallReader reader = call;
    if (reader == null) {
      at = At.CONTENT;
      return true;
    }
    int before = sink.calls();
    CallReader.Step step = reader.step(in, sink, cut);
    if (sink.calls() > before) {
      space.setLength(0); // white space before a call belongs to nobody
      trims = true;
    }
    switch (step) {
      case MORE -> {
        return false;
      }
      case GO -> {
        return true;
      }
      case DONE -> {
        trims = true;
      }
      case DAMAGED -> {
        if (!rules.hidden.apply(opener)) {
          say(opener, false);
        }
      }
    }
    call = null;
    at = At.CONTENT;
    return true;
  }

  /** Tells text, with white space at its end held back until it is known what follows. */
  private void say(String text, boolean reasoning) {
    if (text.isEmpty()) {
      return;
    }
    if (!reasoning && rules.openers.isEmpty() && !trims) {
      sink.content(text);
      return;
    }
    int from = 0;
    if (trims) {
      while (from < text.length() && Character.isWhitespace(text.charAt(from))) {
        from++;
      }
      if (from == text.length()) {
        return;
      }
      trims = false;
    }
    int to = text.length();
    while (to > from && Character.isWhitespace(text.charAt(to - 1))) {
      to--;
    }
    if (to > from) {
      String whole = space + text.substring(from, to);
      space.setLength(0);
      if (reasoning) {
        sink.reasoning(whole);
      } else {
        sink.content(whole);
      }
    }
    space.append(text, to, text.length());
  }

  @Override
  void finish() {
    String rest = in.take(in.length()); // markers that never became whole
    say(rest, at == At.REASONING);
    if (at != At.REASONING && sink.calls() == 0) {
      sink.content(space.toString());
    }
  }
}
