package io.moineau.springai.autoconfigure;

import io.moineau.error.MoineauException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows a model that cannot be opened as Boot shows a port that is taken: without a stack. */
public final class MoineauFailureAnalyzer extends AbstractFailureAnalyzer<MoineauException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, MoineauException cause) {
    StringBuilder text = new StringBuilder(cause.what());
    if (!cause.where().isEmpty()) {
      text.append(": ").append(cause.where());
    }
    if (!cause.allowed().isEmpty()) {
      text.append("\nallowed: ").append(cause.allowed());
    }
    return new FailureAnalysis(text.toString(), cause.action(), cause);
  }
}
