package io.moineau.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import io.moineau.Sampling;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What users of LangChain4j ask of a model that answers in pieces. */
final class MoineauStreamingChatModelTest {
  private static StreamingChatModel streaming(int tokens) {
    return MoineauStreamingChatModel.builder(TinyChat.shared())
        .sampling(Sampling.greedy().withMaxTokens(tokens).withIgnoreEos(tokens > 200))
        .build();
  }

  private static ChatResponse wait(CompletableFuture<ChatResponse> done) throws Exception {
    return done.get(60, TimeUnit.SECONDS);
  }

  @Test
  void stream_pieces_areTheWholeOfTheSameChat() throws Exception {
    ChatRequest chat = MoineauChatModelTest.chat().build();
    String whole = MoineauChatModelTest.model(40).chat(chat).aiMessage().text();
    Collector collector = new Collector(Integer.MAX_VALUE);
    streaming(40).chat(chat, collector);
    assertThat(wait(collector.done).aiMessage().text()).isEqualTo(whole);
    assertThat(String.join("", collector.pieces)).isEqualTo(whole);
    assertThat(collector.pieces).hasSizeGreaterThan(1);
  }

  @Test
  void tools_streamed_partsAreTheCompleteCall() throws Exception {
    ChatRequest chat =
        MoineauChatModelTest.withTool(
            List.of(UserMessage.from("The weather?")), ToolChoice.REQUIRED);
    Collector collector = new Collector(Integer.MAX_VALUE);
    streaming(200).chat(chat, collector);
    ChatResponse response = wait(collector.done);
    assertThat(collector.calls).hasSameSizeAs(response.aiMessage().toolExecutionRequests());
    for (int i = 0; i < collector.calls.size(); i++) {
      int index = i;
      assertThat(collector.calls.get(i).index()).isEqualTo(i);
      assertThat(collector.calls.get(i).toolExecutionRequest())
          .isEqualTo(response.aiMessage().toolExecutionRequests().get(i));
      assertThat(
              collector.partialCalls.stream()
                  .filter(part -> part.index() == index)
                  .map(PartialToolCall::partialArguments)
                  .collect(Collectors.joining()))
          .isEqualTo(collector.calls.get(i).toolExecutionRequest().arguments());
    }
    assertThat(collector.calls).isNotEmpty();
  }

  @Test
  void cancel_midway_endsTheAnswerAndTheCallbacks() throws Exception {
    Collector collector = new Collector(3);
    streaming(1500).chat(MoineauChatModelTest.chat().build(), collector);
    for (int i = 0; i < 3000 && (collector.pieces.size() < 3 || running() > 0); i++) {
      Thread.sleep(10);
    }
    assertThat(running()).isZero();
    Thread.sleep(50);
    assertThat(collector.pieces).hasSize(3);
    assertThat(collector.done).isNotDone();
  }

  private static int running() {
    return TinyChat.shared().stats().running();
  }

  @Test
  void handler_thatThrows_isToldAndTheAnswerGoesOn() throws Exception {
    Collector collector =
        new Collector(Integer.MAX_VALUE) {
          @Override
          public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            pieces.add(piece.text());
            throw new IllegalStateException("mine");
          }

          @Override
          public void onError(Throwable error) {
            errors.add(error);
          }
        };
    streaming(5).chat(MoineauChatModelTest.chat().build(), collector);
    wait(collector.done);
    assertThat(collector.errors).hasSameSizeAs(collector.pieces);
    assertThat(collector.errors.getFirst()).hasMessage("mine");
  }

  @Test
  void errors_ofTheRequest_goToTheHandler() {
    Collector collector = new Collector(1);
    streaming(4).chat("0123456789".repeat(TinyChat.CONTEXT), collector);
    assertThatThrownBy(() -> wait(collector.done))
        .hasCauseInstanceOf(InvalidRequestException.class);
  }

  @Test
  void content_thatIsNoText_isRefusedAtOnce() {
    ChatRequest picture =
        ChatRequest.builder()
            .messages(UserMessage.from(ImageContent.from("http://a/b.png")))
            .build();
    assertThatThrownBy(() -> streaming(4).chat(picture, new Collector(1)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("IMAGE");
  }
}
