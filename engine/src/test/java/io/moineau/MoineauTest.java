package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.engine.EngineException;
import io.moineau.error.MoineauException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The facade over the embedded model. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MoineauTest {
  private static Moineau moineau;

  @BeforeAll
  static void open() {
    moineau = Moineau.openDefault(ModelOptions.defaults().withContextLength(256));
  }

  @AfterAll
  static void close() {
    moineau.close();
  }

  private static Sampling endless(int maxTokens) {
    return Sampling.greedy().withMaxTokens(maxTokens).withIgnoreEos(true);
  }

  @Test
  void card_embeddedModel_saysThatItIsADemonstration() {
    ModelCard card = moineau.card();
    assertThat(card.demonstration()).isTrue();
    assertThat(card.contextLength()).isEqualTo(256);
    assertThat(card.parameters()).isPositive();
    assertThat(card.activeParameters()).isBetween(1L, card.parameters());
    assertThat(card.memory().fits()).isTrue();
    assertThat(card.provider()).isNotEmpty();
    assertThat(card.threads()).isPositive();
    assertThat(card.quantization()).isNotEmpty();
  }

  @Test
  void chat_greetingAndStory_areAnsweredInSentences() {
    Answer hello = moineau.chat(List.of(Message.user("Hello!")), Sampling.greedy());
    assertThat(hello.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(hello.text()).matches("[A-Z][A-Za-z ,.!?']{2,120}");
    Answer story =
        moineau.chat(
            List.of(Message.user("Tell me a story.")), Sampling.greedy().withMaxTokens(120));
    assertThat(story.text()).startsWith("Once upon a time").contains(". ");
  }

  @Test
  void chat_message_isAnswered() {
    Answer answer = moineau.chat(List.of(Message.user("Hello")), endless(8));
    assertThat(answer.tokens()).hasSize(8);
    assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(answer.usage().promptTokens())
        .isEqualTo(moineau.countTokens(List.of(Message.user("Hello"))));
    assertThat(answer.timings().decodeTokens()).isEqualTo(7);
  }

  @Test
  void conversation_secondTurn_findsTheFirstInTheCache() {
    Conversation conversation = moineau.conversation();
    conversation.system("Be brief.");
    conversation.say("One", endless(4));
    Answer second = conversation.say("Two", endless(4));
    assertThat(conversation.messages()).hasSize(5);
    // At least the system message and the first question.
    assertThat(second.usage().cachedTokens())
        .isGreaterThanOrEqualTo(
            moineau.tokenize("Be brief.", false, false).length
                + moineau.tokenize("One", false, false).length);
    Moineau fresh = Moineau.openDefault(ModelOptions.defaults().withContextLength(256));
    try (fresh) {
      Answer alone =
          fresh.chat(
              conversation.messages().subList(0, conversation.messages().size() - 1), endless(4));
      assertThat(alone.usage().cachedTokens()).isZero();
      assertThat(alone.tokens()).isEqualTo(second.tokens());
    }
  }

  @Test
  void conversation_undoAndClear_forget() {
    Conversation conversation = moineau.conversation(List.of(Message.system("s")));
    conversation.say("a", endless(2));
    conversation.say("b", endless(2));
    conversation.undo();
    assertThat(conversation.messages()).hasSize(3);
    assertThat(conversation.messages().get(1).content()).isEqualTo("a");
    conversation.clear();
    assertThat(conversation.messages()).containsExactly(Message.system("s"));
    assertThat(conversation.countTokens()).isPositive();
  }

  @Test
  void cancel_whileStreaming_endsTheAnswerAndKeepsTheModel() {
    try (Generation generation = moineau.completeStream("a", endless(-1))) {
      generation.hasNext();
      generation.cancel();
      Answer answer = generation.answer();
      assertThat(answer.finishReason())
          .isIn(FinishReason.CANCELLED, FinishReason.LENGTH); // it may have been at its end
    }
    assertThat(moineau.complete("a", endless(2)).tokens()).hasSize(2);
  }

  @Test
  void callback_pieces_makeTheText() {
    StringBuilder text = new StringBuilder();
    Answer answer = moineau.complete("ab", endless(20), text::append);
    assertThat(text.toString()).isEqualTo(answer.text());
  }

  @Test
  void complete_untilTheContextIsFull_saysLength() {
    Answer answer = moineau.complete("a", endless(-1));
    assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(answer.usage().totalTokens()).isEqualTo(256);
  }

  @Test
  void complete_promptTooLong_saysTheNumbers() {
    int[] prompt = new int[300];
    java.util.Arrays.fill(prompt, moineau.tokenize("a", false, false)[0]);
    assertThatThrownBy(() -> moineau.generate(prompt, endless(1)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("300")
        .hasMessageContaining("256");
  }

  @Test
  void complete_logprobs_areOnePerToken() {
    Answer answer = moineau.complete("ab", endless(5).withLogprobs(3));
    assertThat(answer.logprobs()).hasSize(5);
    for (TokenLogprobs step : answer.logprobs()) {
      assertThat(step.top()).hasSize(3);
      assertThat(step.chosen().logprob()).isNegative();
      assertThat(step.top().getFirst().logprob())
          .isGreaterThanOrEqualTo(step.top().get(2).logprob());
    }
  }

  @Test
  void complete_logitBias_forcesAToken() {
    int token = moineau.tokenize("b", false, false)[0];
    Answer answer = moineau.complete("a", endless(3).withLogitBias(Map.of(token, 1000.0)));
    assertThat(answer.tokens()).containsOnly(token);
  }

  @Test
  void complete_stopToken_ends() {
    int token = moineau.tokenize("b", false, false)[0];
    Answer answer =
        moineau.complete(
            "a", endless(30).withLogitBias(Map.of(token, 1000.0)).withStopTokens(List.of(token)));
    assertThat(answer.tokens()).containsExactly(token);
    assertThat(answer.text()).isEmpty();
    assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void chat_specialTokensInUserText_stayText() {
    int[] ends = endTokens();
    String smuggled = moineau.token(ends[0]);
    int[] parsed = moineau.tokenize(smuggled, false, true);
    assertThat(parsed).as("the token is one when it is parsed").hasSize(1);
    int plain = count(moineau, List.of(Message.user("x")), parsed[0]);
    int withText = count(moineau, List.of(Message.user("x" + smuggled)), parsed[0]);
    assertThat(withText).isEqualTo(plain);
  }

  @Test
  void chat_roleInsideASpecialToken_isRecognised() {
    int[] start = moineau.tokenize("<|im_start|>", false, true);
    assertThat(start).as("the embedded model has this token").hasSize(1);
    assertThat(moineau.promptTokens(List.of(Message.user("x")))).contains(start);
    assertThat(moineau.renderPrompt(List.of(Message.user("x")))).contains("<|im_start|>user\nx");
  }

  private static int[] endTokens() {
    // Any special token of the vocabulary does.
    for (String name :
        new String[] {"<|end|>", "<|im_end|>", "<|endoftext|>", "</s>", "<|eot_id|>"}) {
      int[] ids = moineau.tokenize(name, false, true);
      if (ids.length == 1) {
        return ids;
      }
    }
    throw new AssertionError("the embedded model has no special token that this test knows");
  }

  private static int count(Moineau model, List<Message> messages, int token) {
    int n = 0;
    for (int id : model.promptTokens(messages)) {
      n += id == token ? 1 : 0;
    }
    return n;
  }

  @Test
  void onExperts_listener_seesEveryExpertLayer() {
    if (moineau.card().numExperts() == 0) {
      return;
    }
    AtomicInteger calls = new AtomicInteger();
    List<String> wrong = new ArrayList<>();
    moineau.onExperts((layer, numTokens, experts, weights) -> {
      calls.incrementAndGet();
      for (int i = 0; i < numTokens * moineau.card().numExpertsPerTok(); i++) {
        if (experts[i] < 0 || experts[i] >= moineau.card().numExperts()) {
          wrong.add("layer " + layer + " expert " + experts[i]);
        }
      }
    });
    moineau.complete("abc", endless(3));
    moineau.clearExpertListener();
    int seen = calls.get();
    assertThat(seen).isPositive();
    assertThat(wrong).isEmpty();
    moineau.complete("abc", endless(3));
    assertThat(calls.get()).isEqualTo(seen);
  }

  @Test
  void close_generationRunning_endsItWithANamedError() {
    Moineau own = Moineau.openDefault(ModelOptions.defaults());
    Generation generation = own.completeStream("a", endless(-1));
    own.close();
    own.close();
    try {
      generation.answer(); // it may have reached its end before the close
    } catch (EngineException e) {
      assertThat(e.code()).isEqualTo("model-closed");
    }
    generation.close();
    assertCode(() -> own.complete("a", endless(1)), "model-closed");
    assertCode(() -> own.chat("a"), "model-closed");
    assertCode(() -> own.tokenize("a"), "model-closed");
    assertCode(own::evaluator, "model-closed");
    assertThat(own.card().demonstration()).isTrue();
  }

  @Test
  void open_memoryTooSmall_isRefusedWithTheSum() {
    assertThatThrownBy(
            () -> Moineau.openDefault(ModelOptions.defaults().withMemoryLimitBytes(1000)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("weights")
        .hasMessageContaining("1000 B");
    try (Moineau own =
        Moineau.openDefault(
            ModelOptions.defaults().withMemoryLimitBytes(1000).withMemoryCheck(MemoryCheck.WARN))) {
      assertThat(own.card().notes()).anyMatch(note -> note.contains("memory is short"));
      assertThat(own.complete("a", endless(1)).tokens()).hasSize(1);
    }
  }

  @Test
  void open_batchInvariant_manySequencesAndChunksAndCacheGiveTheSameAsAlone() throws Exception {
    ModelOptions invariant =
        ModelOptions.defaults().withContextLength(256).withBatchInvariant(true);
    String beginning = "Once upon a time there was a bird that lived in a tall tree with a cat.";
    List<List<Integer>> alone = new ArrayList<>();
    try (Moineau one =
        Moineau.openDefault(
            invariant.withServing(
                ServingOptions.defaults().withPrefixCache(PrefixCacheOptions.off())))) {
      for (int i = 0; i < 8; i++) {
        alone.add(one.complete(beginning + " text " + i, endless(24)).tokens());
      }
    }
    for (int parallel : new int[] {1, 3, 8}) {
      try (Moineau many =
          Moineau.openDefault(invariant.withMaxSequences(parallel).withChunkTokens(8 + parallel))) {
        List<Generation> generations = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          generations.add(many.completeStream(beginning + " text " + i, endless(24)));
        }
        for (int i = 0; i < 8; i++) {
          assertThat(generations.get(i).answer().tokens())
              .as("text %d of %d at once", i, parallel)
              .isEqualTo(alone.get(i));
        }
      }
    }
  }

  @Test
  void open_noFile_isANamedError(@TempDir Path folder) throws Exception {
    for (Path path : new Path[] {folder.resolve("none.gguf"), folder, folder.resolve("empty")}) {
      Files.write(folder.resolve("empty"), new byte[0]);
      assertThatThrownBy(() -> Moineau.open(path)).isInstanceOf(MoineauException.class);
    }
  }

  private static void assertCode(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String code) {
    assertThatThrownBy(call)
        .isInstanceOf(EngineException.class)
        .extracting(e -> ((EngineException) e).code())
        .isEqualTo(code);
  }
}
