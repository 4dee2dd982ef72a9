package io.moineau.text.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Collects the parts of an answer; neighbours of one kind become one. */
final class PartSink {
  private final Supplier<String> ids;
  private final boolean keepsIds;
  private List<AnswerPart> parts = new ArrayList<>();
  private int calls;

  /**
   * Makes one.
   *
   * @param ids names for calls
   * @param keepsIds whether a name that the model gives a call is kept
   */
  PartSink(Supplier<String> ids, boolean keepsIds) {
    this.ids = ids;
    this.keepsIds = keepsIds;
  }

  /** Calls that began. */
  int calls() {
    return calls;
  }

  void content(String text) {
    if (text.isEmpty()) {
      return;
    }
    if (!parts.isEmpty() && parts.getLast() instanceof AnswerPart.Content before) {
      parts.set(parts.size() - 1, new AnswerPart.Content(before.text() + text));
    } else {
      parts.add(new AnswerPart.Content(text));
    }
  }

  void reasoning(String text) {
    if (text.isEmpty()) {
      return;
    }
    if (!parts.isEmpty() && parts.getLast() instanceof AnswerPart.Reasoning before) {
      parts.set(parts.size() - 1, new AnswerPart.Reasoning(before.text() + text));
    } else {
      parts.add(new AnswerPart.Reasoning(text));
    }
  }

  void startCall(String id, String name) {
    String kept = keepsIds && !id.isEmpty() ? id : ids.get();
    parts.add(new AnswerPart.ToolCallStart(calls++, kept, name));
  }

  /** More of the arguments of the call that began last. */
  void arguments(String delta) {
    if (delta.isEmpty()) {
      return;
    }
    if (!parts.isEmpty() && parts.getLast() instanceof AnswerPart.ToolCallArguments before) {
      parts.set(
          parts.size() - 1,
          new AnswerPart.ToolCallArguments(before.index(), before.delta() + delta));
    } else {
      parts.add(new AnswerPart.ToolCallArguments(calls - 1, delta));
    }
  }

  List<AnswerPart> drain() {
    List<AnswerPart> all = parts;
    parts = new ArrayList<>();
    return all;
  }
}
