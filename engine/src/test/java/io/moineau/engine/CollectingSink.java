package io.moineau.engine;

import io.moineau.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Keeps what a sequence generates. */
final class CollectingSink implements TokenSink {
  final List<Integer> tokens = new ArrayList<>();
  final List<TokenRanking> rankings = new ArrayList<>();
  final CountDownLatch over = new CountDownLatch(1);
  FinishReason reason;
  RuntimeException error;
  int endings;

  @Override
  public boolean token(int token, boolean ends, TokenRanking logprobs) {
    tokens.add(token);
    rankings.add(logprobs);
    return false;
  }

  @Override
  public void finished(FinishReason finishReason) {
    reason = finishReason;
    endings++;
    over.countDown();
  }

  @Override
  public void failed(RuntimeException failure) {
    error = failure;
    endings++;
    over.countDown();
  }
}
