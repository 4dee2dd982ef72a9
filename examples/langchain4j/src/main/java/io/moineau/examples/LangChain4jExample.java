package io.moineau.examples;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.memory.chat.TokenWindowChatMemory;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.service.AiServices;
import io.moineau.Moineau;
import io.moineau.Sampling;
import io.moineau.langchain4j.MoineauChatModel;
import io.moineau.langchain4j.MoineauEmbeddingModel;
import io.moineau.langchain4j.MoineauScoringModel;
import io.moineau.langchain4j.MoineauStreamingChatModel;
import io.moineau.langchain4j.MoineauTokenCountEstimator;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** LangChain4j over a model in this process: a path as the argument, or the built-in model. */
public final class LangChain4jExample {
  private LangChain4jExample() {}

  /** An assistant that remembers. */
  interface Storyteller {
    String tell(String wish);
  }

  /** Tells a story, goes on with it in pieces, then compares texts. */
  public static void main(String[] args) {
    try (Moineau moineau =
        args.length > 0 ? Moineau.open(Path.of(args[0])) : Moineau.openDefault()) {
      Sampling sampling = Sampling.defaults().withSeed(42).withMaxTokens(48);

      Storyteller storyteller =
          AiServices.builder(Storyteller.class)
              .chatModel(MoineauChatModel.builder(moineau).sampling(sampling).build())
              .chatMemory(
                  TokenWindowChatMemory.withMaxTokens(256, MoineauTokenCountEstimator.of(moineau)))
              .build();
      System.out.println("story: " + storyteller.tell("Tell a story about a sparrow."));

      System.out.print("streamed: ");
      CompletableFuture<ChatResponse> done = new CompletableFuture<>();
      MoineauStreamingChatModel.builder(moineau)
          .sampling(sampling)
          .build()
          .chat(
              List.of(UserMessage.from("Tell a story about a river.")),
              new StreamingChatResponseHandler() {
                @Override
                public void onPartialResponse(String piece) {
                  System.out.print(piece);
                }

                @Override
                public void onCompleteResponse(ChatResponse response) {
                  done.complete(response);
                }

                @Override
                public void onError(Throwable error) {
                  done.completeExceptionally(error);
                }
              });
      System.out.println("\ntokens: " + done.join().tokenUsage().outputTokenCount());

      Embedding vector = MoineauEmbeddingModel.of(moineau).embed("a sparrow").content();
      System.out.println("dimensions: " + vector.dimension());
      List<Double> scores =
          MoineauScoringModel.of(moineau)
              .scoreAll(
                  List.of(TextSegment.from("a sparrow"), TextSegment.from("The rain fell.")),
                  "a sparrow")
              .content();
      System.out.println("nearer: " + (scores.get(0) > scores.get(1) ? "the same text" : "rain"));
    }
  }
}
