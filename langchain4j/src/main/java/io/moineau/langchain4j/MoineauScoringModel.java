package io.moineau.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import io.moineau.Moineau;
import java.util.ArrayList;
import java.util.List;

/**
 * How near texts are to a query: the cosine of the angle between their vectors, -1 to 1. See {@link
 * Moineau#rerank} for what that is worth.
 */
public final class MoineauScoringModel implements ScoringModel {
  private final Moineau moineau;

  private MoineauScoringModel(Moineau moineau) {
    this.moineau = moineau;
  }

  /** Scores by this model. */
  public static MoineauScoringModel of(Moineau moineau) {
    return new MoineauScoringModel(moineau);
  }

  @Override
  public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
    List<String> texts = segments.stream().map(TextSegment::text).toList();
    return Failures.mapped(() -> {
      List<Double> scores = new ArrayList<>();
      for (float score : moineau.rerank(query, texts, "")) {
        scores.add((double) score);
      }
      int tokens = moineau.tokenize(query, true, false).length;
      for (String text : texts) {
        tokens += moineau.tokenize(text, true, false).length;
      }
      return Response.from(scores, new TokenUsage(tokens, 0, tokens));
    });
  }
}
