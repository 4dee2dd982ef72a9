package io.moineau.text.answer;

import io.moineau.text.Json;
import io.moineau.text.answer.ParameterTypes.Type;
import java.util.EnumSet;
import java.util.Set;

/** Arguments between tags, one parameter after the other. Strings stream; other values wait. */
final class XmlArguments implements ArgumentsReader {
  private static final String AS_STRING = "\" string=\"";

  private enum At {
    BETWEEN,
    KEY,
    BEFORE_VALUE,
    VALUE
  }

  private final XmlForm form;
  private final ParameterTypes types;
  private final String tool;
  private At at = At.BETWEEN;
  private boolean began;
  private boolean streams; // the value is a string that is told as it comes
  private boolean firstOfValue;
  private Set<Type> allowed = EnumSet.noneOf(Type.class);

  XmlArguments(XmlForm form, ParameterTypes types, String tool) {
    this.form = form;
    this.types = types;
    this.tool = tool;
  }

  @Override
  public boolean read(Input in, PartSink sink, boolean cut) {
    boolean done = readOn(in, sink, cut);
    if (!done && in.ended()) {
      sink.arguments(in.take(in.length())); // cut off: nothing is lost
    }
    return done;
  }

  private boolean readOn(Input in, PartSink sink, boolean cut) {
    while (true) {
      switch (at) {
        case BETWEEN -> {
          int from = in.skipSpace(0);
          if (from == in.length() && !in.ended()) {
            return false;
          }
          Input.Fit key = in.fit(from, form.keyOpen());
          Input.Fit close = in.fit(from, form.callClose());
          if (key == Input.Fit.YES) {
            in.skip(from + form.keyOpen().length());
            at = At.KEY;
          } else if (close == Input.Fit.YES) {
            in.skip(from + form.callClose().length());
            return end(sink);
          } else if (key == Input.Fit.MAYBE || close == Input.Fit.MAYBE) {
            return false;
          } else if (in.ended() && cut) {
            return false;
          } else {
            in.skip(from);
            return end(sink); // what follows is no parameter
          }
        }
        case KEY -> {
          int end = in.indexOf(form.keyClose(), 0);
          if (end < 0) {
            return false;
          }
          key(in.take(end).strip(), sink);
          in.skip(form.keyClose().length());
          at = At.BEFORE_VALUE;
        }
        case BEFORE_VALUE -> {
          if (!form.valueOpen().isEmpty()) {
            int from = in.skipSpace(0);
            Input.Fit fit = from == in.length() ? Input.Fit.MAYBE : in.fit(from, form.valueOpen());
            if (fit == Input.Fit.MAYBE) {
              return false;
            }
            in.skip(fit == Input.Fit.YES ? from + form.valueOpen().length() : 0);
          }
          firstOfValue = true;
          at = At.VALUE;
        }
        case VALUE -> {
          if (!value(in, sink, cut)) {
            return false;
          }
          at = At.BETWEEN;
        }
      }
    }
  }

  private void key(String written, PartSink sink) {
    String key = written;
    allowed = EnumSet.noneOf(Type.class);
    int attribute = key.indexOf(AS_STRING);
    if (attribute >= 0) { // DeepSeek's form says itself what is a string
      boolean isString = key.startsWith("true", attribute + AS_STRING.length());
      key = key.substring(0, attribute);
      if (isString) {
        allowed.add(Type.STRING);
      } else {
        allowed.addAll(EnumSet.complementOf(EnumSet.of(Type.STRING)));
      }
    } else {
      allowed.addAll(types.of(tool, key));
    }
    streams = allowed.size() == 1 && allowed.contains(Type.STRING);
    sink.arguments((began ? ", " : "{") + Json.write(key) + ": " + (streams ? "\"" : ""));
    began = true;
  }

  /** Reads a value; whether it is at its end. */
  private boolean value(Input in, PartSink sink, boolean cut) {
    if (firstOfValue && form.newlines()) {
      if (in.length() == 0 && !in.ended()) {
        return false;
      }
      if (in.length() > 0 && in.charAt(0) == '\n') {
        in.skip(1);
      }
      firstOfValue = false;
    }
    int end = in.indexOf(form.valueClose(), 0);
    boolean closed = end >= 0;
    if (!closed && in.ended() && !cut) {
      end = in.length(); // the model ended its turn and left the closing tags out
    }
    if (end < 0) {
      if (streams) {
        stream(in, sink);
      }
      return false;
    }
    String text = in.take(end);
    in.skip(closed ? form.valueClose().length() : 0);
    if (form.newlines() && text.endsWith("\n")) {
      text = text.substring(0, text.length() - 1);
    }
    sink.arguments(streams ? escaped(text) + "\"" : PlainValue.json(text, allowed));
    return true;
  }

  /** Tells what surely belongs to the value: all that cannot be the beginning of its end. */
  private void stream(Input in, PartSink sink) {
    int sure = in.length();
    if (!in.ended()) {
      int hold = Math.min(sure, form.valueClose().length() - 1);
      for (int i = sure - hold; i < sure; i++) {
        if (in.fit(i, form.valueClose()) == Input.Fit.MAYBE) {
          sure = i;
          break;
        }
      }
      if (form.newlines() && sure > 0 && in.charAt(sure - 1) == '\n') {
        sure--;
      }
      if (sure > 0 && Character.isHighSurrogate(in.charAt(sure - 1))) {
        sure--;
      }
    }
    if (sure > 0) {
      sink.arguments(escaped(in.take(sure)));
    }
  }

  private static String escaped(String text) {
    String quoted = Json.write(text);
    return quoted.substring(1, quoted.length() - 1);
  }

  private boolean end(PartSink sink) {
    sink.arguments(began ? "}" : "{}");
    return true;
  }
}
