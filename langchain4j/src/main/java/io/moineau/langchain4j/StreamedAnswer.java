package io.moineau.langchain4j;

import dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.moineau.ChatStream;
import io.moineau.Moineau;
import io.moineau.text.ToolCall;
import io.moineau.text.answer.AnswerPart;
import java.util.ArrayList;
import java.util.List;

/** One answer on its way to a handler. Used by one thread, but for the handle. */
final class StreamedAnswer {
  private final Moineau moineau;
  private final String modelName;
  private final StreamingChatResponseHandler handler;
  private final List<AnswerPart.ToolCallStart> calls = new ArrayList<>();
  private final List<StringBuilder> arguments = new ArrayList<>();
  private int completed;

  StreamedAnswer(Moineau moineau, String modelName, StreamingChatResponseHandler handler) {
    this.moineau = moineau;
    this.modelName = modelName;
    this.handler = handler;
  }

  /** Answers, and tells the handler whatever comes of it. */
  void run(io.moineau.ChatRequest request) {
    Handle handle = null;
    ChatResponse response;
    try (ChatStream stream = moineau.chat(request)) {
      handle = new Handle(stream);
      while (!handle.isCancelled() && stream.hasNext()) {
        tell(stream.next(), handle);
      }
      if (handle.isCancelled()) {
        return;
      }
      completeUpTo(calls.size());
      response = Answers.of(stream.answer(), modelName);
    } catch (RuntimeException | Error e) {
      if (handle == null || !handle.isCancelled()) {
        Throwable told = e instanceof RuntimeException failure ? Failures.of(failure) : e;
        InternalStreamingChatResponseHandlerUtils.withLoggingExceptions(
            () -> handler.onError(told));
      }
      return;
    }
    InternalStreamingChatResponseHandlerUtils.onCompleteResponse(handler, response);
  }

  private void tell(AnswerPart part, Handle handle) {
    switch (part) {
      case AnswerPart.Content content -> {
        completeUpTo(calls.size());
        InternalStreamingChatResponseHandlerUtils.onPartialResponse(
            handler, content.text(), handle);
      }
      case AnswerPart.Reasoning reasoning ->
          InternalStreamingChatResponseHandlerUtils.onPartialThinking(
              handler, reasoning.text(), handle);
      case AnswerPart.ToolCallStart call -> {
        completeUpTo(calls.size());
        calls.add(call);
        arguments.add(new StringBuilder());
      }
      case AnswerPart.ToolCallArguments more -> {
        arguments.get(more.index()).append(more.delta());
        AnswerPart.ToolCallStart call = calls.get(more.index());
        InternalStreamingChatResponseHandlerUtils.onPartialToolCall(
            handler,
            PartialToolCall.builder()
                .index(more.index())
                .id(call.id())
                .name(call.name())
                .partialArguments(more.delta())
                .build(),
            handle);
      }
    }
  }

  /** Tells the calls that are at their end: those before the one that is being written. */
  private void completeUpTo(int end) {
    for (; completed < end; completed++) {
      AnswerPart.ToolCallStart call = calls.get(completed);
      ToolCall whole = new ToolCall(call.id(), call.name(), arguments.get(completed).toString());
      InternalStreamingChatResponseHandlerUtils.onCompleteToolCall(
          handler, new CompleteToolCall(completed, Answers.call(whole)));
    }
  }

  /** What a handler cancels by. */
  private static final class Handle implements StreamingHandle {
    private final ChatStream stream;
    private volatile boolean cancelled;

    Handle(ChatStream stream) {
      this.stream = stream;
    }

    @Override
    public void cancel() {
      cancelled = true;
      stream.cancel();
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }
  }
}
