package io.moineau.examples;

import java.util.List;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Spring AI over a model in this process; {@code application.properties} names the model. */
@SpringBootApplication
public class SpringBootExample {
  /** Starts, asks, and ends. */
  public static void main(String[] args) {
    SpringApplication.run(SpringBootExample.class, args).close();
  }

  /** Tells a story, tells another in pieces, then compares texts. */
  @Bean
  CommandLineRunner ask(ChatClient.Builder builder, EmbeddingModel embeddings) {
    return args -> {
      ChatClient client = builder.build();
      System.out.println(
          "story: " + client.prompt().user("Tell a story about a sparrow.").call().content());

      System.out.print("streamed: ");
      List<String> pieces =
          client.prompt().user("Tell a story about a river.").stream()
              .content()
              .doOnNext(System.out::print)
              .collectList()
              .block();
      System.out.println("\npieces: " + (pieces == null ? 0 : pieces.size()));

      System.out.println("dimensions: " + embeddings.embed("a sparrow").length);
    };
  }
}
