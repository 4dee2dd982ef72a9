package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** openai-java: chats, streams, completions and the list of models. */
class OpenAiChatTest {
  private static final LiveServer SERVER = LiveServer.shared();
  private static final OpenAIClient CLIENT = OpenAiClients.of(SERVER);

  @AfterAll
  static void close() {
    CLIENT.close();
  }

  static ChatCompletionCreateParams.Builder greedy(int tokens) {
    return ChatCompletionCreateParams.builder()
        .model(LiveServer.MODEL)
        .temperature(0)
        .maxCompletionTokens(tokens);
  }

  private static ChatCompletion create(ChatCompletionCreateParams.Builder chat) {
    return CLIENT.chat().completions().create(chat.build());
  }

  @Test
  void chat_ofSystemAndManyTurns_hasTextUsageAndReason() {
    ChatCompletion answer =
        create(
            greedy(12)
                .addSystemMessage("You are brief.")
                .addUserMessage("Why do sparrows hop?")
                .addAssistantMessage("They like to.")
                .addUserMessage("And magpies?"));
    assertThat(answer.model()).isEqualTo(LiveServer.MODEL);
    assertThat(answer.choices()).hasSize(1);
    ChatCompletion.Choice choice = answer.choices().getFirst();
    assertThat(choice.message().content()).isPresent();
    assertThat(choice.finishReason())
        .isIn(ChatCompletion.Choice.FinishReason.LENGTH, ChatCompletion.Choice.FinishReason.STOP);
    assertThat(answer.usage()).isPresent();
    assertThat(answer.usage().get().promptTokens()).isGreaterThan(20);
    assertThat(answer.usage().get().completionTokens()).isBetween(1L, 12L);
    assertThat(answer.usage().get().totalTokens())
        .isEqualTo(answer.usage().get().promptTokens() + answer.usage().get().completionTokens());
  }

  @Test
  void chat_askedTwice_tellsThatThePromptWasCached() {
    ChatCompletionCreateParams.Builder chat =
        greedy(4).addUserMessage("A question of more than one block: ".repeat(8));
    create(chat);
    ChatCompletion second = create(chat);
    assertThat(second.usage().get().promptTokensDetails().get().cachedTokens().get())
        .isGreaterThan(32);
  }

  @Test
  void stream_pieces_areTheWholeOfTheSameChat() {
    ChatCompletionCreateParams.Builder chat = greedy(40).addUserMessage("Tell me more.");
    ChatCompletion whole = create(chat);
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    List<ChatCompletionChunk> chunks = new ArrayList<>();
    try (StreamResponse<ChatCompletionChunk> stream =
        CLIENT
            .chat()
            .completions()
            .createStreaming(
                chat.streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                    .build())) {
      stream.stream().peek(accumulator::accumulate).forEach(chunks::add);
    }
    ChatCompletion streamed = accumulator.chatCompletion();
    assertThat(streamed.choices().getFirst().message().content())
        .isEqualTo(whole.choices().getFirst().message().content());
    assertThat(streamed.choices().getFirst().finishReason())
        .isEqualTo(whole.choices().getFirst().finishReason());
    assertThat(chunks.getFirst().choices().getFirst().delta().role())
        .contains(ChatCompletionChunk.Choice.Delta.Role.ASSISTANT);
    ChatCompletionChunk last = chunks.getLast();
    assertThat(last.choices()).isEmpty();
    assertThat(last.usage().get().completionTokens())
        .isEqualTo(whole.usage().get().completionTokens());
    assertThat(chunks.size()).isGreaterThan(2); // pieces join where the client is slow
  }

  @Test
  void logprobs_asked_givesThemForEachToken() {
    ChatCompletion answer =
        create(greedy(6).addUserMessage("Count.").logprobs(true).topLogprobs(3));
    var entries = answer.choices().getFirst().logprobs().get().content().get();
    assertThat((long) entries.size()).isEqualTo(answer.usage().get().completionTokens());
    entries.forEach(entry -> {
      assertThat(entry.logprob()).isLessThanOrEqualTo(0);
      assertThat(entry.topLogprobs()).hasSize(3);
      // Greedy: the token chosen is the likeliest.
      assertThat(entry.topLogprobs().getFirst().token()).isEqualTo(entry.token());
    });
  }

  @Test
  void chat_ofTwoChoicesAndASeed_isReproducible() {
    ChatCompletionCreateParams.Builder chat =
        ChatCompletionCreateParams.builder()
            .model(LiveServer.MODEL)
            .maxCompletionTokens(8)
            .temperature(1)
            .seed(5)
            .n(2)
            .addUserMessage("Say anything.");
    List<String> first = texts(create(chat));
    assertThat(first).hasSize(2).doesNotHaveDuplicates();
    assertThat(texts(create(chat))).isEqualTo(first);
  }

  private static List<String> texts(ChatCompletion answer) {
    return answer.choices().stream().map(c -> c.message().content().orElse("")).toList();
  }

  @Test
  void chat_withAStopText_endsBeforeIt() {
    ChatCompletion free = create(greedy(40).addUserMessage("Go on."));
    String text = free.choices().getFirst().message().content().orElseThrow();
    int at = 0;
    while (!Character.isLetter(text.charAt(at)) || text.charAt(at) > 'z') {
      at++;
    }
    String stop = text.substring(at, at + 1);
    ChatCompletion stopped = create(greedy(40).addUserMessage("Go on.").stop(stop));
    assertThat(stopped.choices().getFirst().message().content().orElse(""))
        .isEqualTo(text.substring(0, at));
    assertThat(stopped.choices().getFirst().finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
  }

  @Test
  void chat_withALogitBias_saysThatTokenOnly() {
    ChatCompletion answer =
        create(
            greedy(5)
                .addUserMessage("Go on.")
                .logitBias(
                    ChatCompletionCreateParams.LogitBias.builder()
                        .putAdditionalProperty("65", JsonValue.from(100))
                        .build()));
    String text = answer.choices().getFirst().message().content().orElseThrow();
    assertThat(text).hasSize(5);
    assertThat(text.chars().distinct().count()).isEqualTo(1);
  }

  @Test
  void parallel_chats_allAnswerAsAlone() {
    List<String> alone = new ArrayList<>();
    List<CompletableFuture<String>> together = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      alone.add(texts(create(greedy(16).addUserMessage("Number " + i))).getFirst());
    }
    for (int i = 0; i < 8; i++) {
      ChatCompletionCreateParams chat = greedy(16).addUserMessage("Number " + i).build();
      together.add(
          CLIENT
              .async()
              .chat()
              .completions()
              .create(chat)
              .thenApply(answer -> texts(answer).getFirst()));
    }
    assertThat(together.stream().map(CompletableFuture::join)).isEqualTo(alone);
  }

  @Test
  void completions_plainAndStreamed_areTheSame() {
    CompletionCreateParams completion =
        CompletionCreateParams.builder()
            .model(LiveServer.MODEL)
            .prompt("Once upon a time")
            .maxTokens(16)
            .temperature(0)
            .build();
    String whole = CLIENT.completions().create(completion).choices().getFirst().text();
    assertThat(whole).isNotEmpty();
    StringBuilder streamed = new StringBuilder();
    try (StreamResponse<Completion> stream = CLIENT.completions().createStreaming(completion)) {
      stream.stream()
          .flatMap(part -> part.choices().stream())
          .forEach(choice -> streamed.append(choice.text()));
    }
    assertThat(streamed.toString()).isEqualTo(whole);
  }

  @Test
  void models_listedAndAskedFor_areTheOneServed() {
    assertThat(CLIENT.models().list().autoPager().stream().map(Model::id))
        .contains(LiveServer.MODEL);
    assertThat(CLIENT.models().retrieve(LiveServer.MODEL).id()).isEqualTo(LiveServer.MODEL);
  }
}
