package io.moineau.text.answer;

/** A call with tags around its parameters. */
final class XmlCallReader extends CallReader {
  private static final int LONGEST_NAME = 256;

  private final XmlForm form;
  private final String prefix;
  private final ParameterTypes types;
  private boolean json; // the arguments are JSON, as functionary writes them

  /**
   * Makes one.
   *
   * @param prefix what stands before the name and was not read yet; may be empty
   */
  XmlCallReader(XmlForm form, String prefix, ParameterTypes types) {
    this.form = form;
    this.prefix = prefix;
    this.types = types;
  }

  @Override
  Step head(Input in, PartSink sink) {
    int from = in.skipSpace(0);
    if (!prefix.isEmpty()) {
      Input.Fit fit = in.fit(from, prefix);
      if (fit != Input.Fit.YES) {
        return fit == Input.Fit.MAYBE ? Step.MORE : Step.DAMAGED;
      }
      from += prefix.length();
    }
    int end = from;
    while (end < in.length() && isName(in.charAt(end))) {
      end++;
    }
    if (end == in.length() && end - from < LONGEST_NAME && !in.ended()) {
      return Step.MORE;
    }
    if (end == from || end - from >= LONGEST_NAME) {
      return Step.DAMAGED;
    }
    String name = in.substring(from, end);
    int behind = end;
    if (form == XmlForm.ARG_KEY) { // nothing closes the name but what follows it
      int next = in.skipSpace(end);
      if (next == in.length() && !in.ended()) {
        return Step.MORE;
      }
      Input.Fit key = in.fit(next, form.keyOpen());
      Input.Fit close = in.fit(next, form.callClose());
      if (key == Input.Fit.NO && close == Input.Fit.NO) {
        return Step.DAMAGED;
      }
      if (key != Input.Fit.YES && close != Input.Fit.YES) {
        return Step.MORE;
      }
    } else {
      switch (in.fit(end, form.nameClose())) {
        case NO -> {
          return Step.DAMAGED;
        }
        case MAYBE -> {
          return Step.MORE;
        }
        case YES -> behind = end + form.nameClose().length();
      }
      int next = in.skipSpace(behind);
      if (next == in.length() && !in.ended()) {
        return Step.MORE;
      }
      json = next < in.length() && in.charAt(next) == '{';
    }
    in.skip(behind);
    begin(sink, "", name, json ? new JsonArguments() : new XmlArguments(form, types, name));
    return Step.GO;
  }

  static boolean isName(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.' || c == ':';
  }

  @Override
  Step tail(Input in) {
    return json ? skipOptional(in, form.callClose()) : Step.DONE;
  }
}
