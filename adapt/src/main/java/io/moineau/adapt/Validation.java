package io.moineau.adapt;

import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.TrainableModel;
import io.moineau.text.Tokenizer;

/**
 * What a model is like on the documents kept for validation.
 *
 * @param loss in nats per token; NaN where there is none
 * @param bitsPerByte of the text
 * @param mtpAccepted part of the tokens after next for which the main model's first choice was that
 *     of multi-token prediction; NaN without that
 */
record Validation(double loss, double bitsPerByte, double mtpAccepted) {
  /** Nothing was computed. */
  static final Validation NONE = new Validation(Double.NaN, Double.NaN, Double.NaN);

  private static final int TOKENS = 1 << 16;

  /** Reads up to {@value #TOKENS} tokens, the same each time; {@code batch} is overwritten. */
  static Validation of(TrainableModel model, Corpus corpus, Tokenizer tokenizer, TokenBatch batch) {
    int context = model.config().contextLength();
    Corpus.Cursor at = new Corpus.Cursor();
    double loss = 0;
    long counted = 0;
    long bytes = 0;
    long mtpCounted = 0;
    long mtpAccepted = 0;
    for (long seen = 0; seen < TOKENS && seen < corpus.size(); ) {
      if (corpus.size() > TOKENS) {
        corpus.fill(at, 0, context, batch);
      } else if (!corpus.next(at, context, batch)) {
        break;
      }
      TrainableModel.Evaluation sums = model.evaluate(batch);
      loss += sums.loss();
      mtpCounted += sums.mtpCounted();
      mtpAccepted += sums.mtpAccepted();
      counted += batch.counted();
      for (int i = 0; i < batch.size(); i++) {
        int target = batch.target(i);
        if (target != TokenBatch.NO_TARGET && !tokenizer.isSpecial(target)) {
          bytes += tokenizer.bytes(target).length;
        }
      }
      seen += batch.size();
    }
    return counted == 0
        ? NONE
        : new Validation(
            loss / counted,
            loss / Math.log(2) / bytes,
            mtpCounted == 0 ? Double.NaN : (double) mtpAccepted / mtpCounted);
  }
}
