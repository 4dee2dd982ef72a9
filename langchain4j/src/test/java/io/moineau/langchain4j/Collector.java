package io.moineau.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Keeps what a stream tells, and cancels after so many pieces. */
class Collector implements StreamingChatResponseHandler {
  final List<String> pieces = new ArrayList<>();
  final List<PartialToolCall> partialCalls = new ArrayList<>();
  final List<CompleteToolCall> calls = new ArrayList<>();
  final List<Throwable> errors = new ArrayList<>();
  final CompletableFuture<ChatResponse> done = new CompletableFuture<>();
  private final int most;

  Collector(int most) {
    this.most = most;
  }

  @Override
  public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
    pieces.add(piece.text());
    if (pieces.size() >= most) {
      context.streamingHandle().cancel();
    }
  }

  @Override
  public void onPartialToolCall(PartialToolCall call) {
    partialCalls.add(call);
  }

  @Override
  public void onCompleteToolCall(CompleteToolCall call) {
    calls.add(call);
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    done.complete(response);
  }

  @Override
  public void onError(Throwable error) {
    errors.add(error);
    done.completeExceptionally(error);
  }
}
