package io.moineau.text.answer;

import org.jspecify.annotations.Nullable;

/**
 * Reads calls of tools after the marker that opens them. What stands before the arguments is
 * consumed only once the function's name is known, so that text which is no call can be given back.
 */
abstract class CallReader {
  /** What a step came to. */
  enum Step {
    /** More text is needed. */
    MORE,
    /** Something was read; go on. */
    GO,
    /** The calls are over; what follows is not theirs. */
    DONE,
    /** This is no call; nothing of it was consumed. */
    DAMAGED
  }

  private @Nullable ArgumentsReader arguments;
  private boolean began;

  /** Reads on. */
  Step step(Input in, PartSink sink, boolean cut) {
    ArgumentsReader reading = arguments;
    if (reading != null) {
      if (!reading.read(in, sink, cut)) {
        return in.ended() ? Step.DONE : Step.MORE;
      }
      arguments = null;
      return Step.GO;
    }
    if (began) {
      Step step = tail(in);
      if (step == Step.GO) {
        began = false;
      }
      return step == Step.MORE && in.ended() ? Step.DONE : step;
    }
    Step step = head(in, sink);
    return step == Step.MORE && in.ended() ? Step.DAMAGED : step;
  }

  /** Tells of a call; its arguments are read next. */
  final void begin(PartSink sink, String id, String name, ArgumentsReader reader) {
    sink.startCall(id, name);
    arguments = reader;
    began = true;
  }

  /** Reads up to the arguments and calls {@link #begin}. */
  abstract Step head(Input in, PartSink sink);

  /** Reads what follows the arguments: {@link Step#GO} if another call comes. */
  abstract Step tail(Input in);

  /** Skips white space and, if it is there, a marker; DONE or MORE. */
  static Step skipOptional(Input in, String marker) {
    int at = in.skipSpace(0);
    if (marker.isEmpty()) {
      return Step.DONE;
    }
    if (at == in.length() && !in.ended()) {
      return Step.MORE;
    }
    return switch (in.fit(at, marker)) {
      case YES -> {
        in.skip(at + marker.length());
        yield Step.DONE;
      }
      case MAYBE -> Step.MORE;
      case NO -> Step.DONE;
    };
  }
}
