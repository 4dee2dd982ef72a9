package io.moineau.text.answer;

import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A call after a tag that several families share, {@code <tool_call>} or {@code [TOOL_CALLS]}: what
 * follows the tag tells which way it is written.
 */
final class TaggedCallReader extends CallReader {
  private final boolean mistral;
  private final ParameterTypes types;
  private final String closer;
  private @Nullable CallReader chosen;

  TaggedCallReader(boolean mistral, String closer, ParameterTypes types) {
    this.mistral = mistral;
    this.closer = closer;
    this.types = types;
  }

  @Override
  Step step(Input in, PartSink sink, boolean cut) {
    CallReader reader = chosen;
    if (reader == null) {
      int at = in.skipSpace(0);
      if (at == in.length()) {
        return in.ended() ? Step.DAMAGED : Step.MORE;
      }
      char first = in.charAt(at);
      if (first == '{' || first == '[') {
        reader = new JsonCallReader(closer, Set.of(), false);
      } else if (mistral) {
        reader = new NamedCallReader(NamedCallReader.Form.MISTRAL);
      } else {
        switch (in.fit(at, XmlForm.FUNCTION.callOpen())) {
          case MAYBE -> {
            return Step.MORE;
          }
          case YES ->
              reader = new XmlCallReader(XmlForm.FUNCTION, XmlForm.FUNCTION.callOpen(), types);
          case NO -> reader = new XmlCallReader(XmlForm.ARG_KEY, "", types);
        }
      }
      chosen = reader;
    }
    return Objects.requireNonNull(reader).step(in, sink, cut);
  }

  @Override
  Step head(Input in, PartSink sink) {
    return Step.DAMAGED;
  }

  @Override
  Step tail(Input in) {
    return Step.DONE;
  }
}
