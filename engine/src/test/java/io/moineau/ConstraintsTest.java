package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.text.Json;
import io.moineau.text.TextException;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tool;
import io.moineau.text.grammar.Grammar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Answers in a form that was asked for, from the embedded model, which was not trained for any. */
@Tag("model")
class ConstraintsTest {
  private static Moineau moineau;

  @BeforeAll
  static void open() {
    moineau = Moineau.openDefault();
  }

  @AfterAll
  static void close() {
    moineau.close();
  }

  private static Answer answer(ResponseFormat format, Sampling sampling) {
    GenerationRequest request =
        GenerationRequest.of(
                moineau.promptTokens(List.of(Message.user("Tell me about a bird."))), sampling)
            .withContinues(false)
            .withConstraint(moineau.constraint(format).orElseThrow());
    try (Generation generation = moineau.generate(request)) {
      return generation.answer();
    }
  }

  private static Sampling sampling(int seed) {
    return Sampling.defaults().withSeed(seed).withMaxTokens(400);
  }

  @Test
  void constraint_schema_answersKeepToIt() {
    Map<String, Object> schema =
        Map.of(
            "type",
            "object",
            "properties",
            properties(),
            "required",
            List.of("name", "age", "kind"),
            "additionalProperties",
            false);
    for (int seed = 0; seed < 4; seed++) {
      Answer answer = answer(new ResponseFormat.JsonSchema("bird", schema), sampling(seed));
      assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
      Map<?, ?> bird = (Map<?, ?>) Json.parse(answer.text());
      assertThat(bird.keySet().toString()).isEqualTo("[name, age, kind]");
      assertThat(((String) bird.get("name")).length()).isLessThanOrEqualTo(20);
      assertThat((Long) bird.get("age")).isBetween(0L, 30L);
      assertThat(bird.get("kind")).isIn("sparrow", "owl");
    }
  }

  private static Map<String, Object> properties() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("name", Map.of("type", "string", "maxLength", 20));
    properties.put("age", Map.of("type", "integer", "minimum", 0, "maximum", 30));
    properties.put("kind", Map.of("enum", List.of("sparrow", "owl")));
    return properties;
  }

  @Test
  void constraint_regexAndGrammar_answersKeepToThem() {
    Answer regex =
        answer(new ResponseFormat.Regex("[A-Z][a-z]{2,8}(, [a-z]{3,9}){2}\\."), sampling(1));
    assertThat(regex.text()).matches("[A-Z][a-z]{2,8}(, [a-z]{3,9}){2}\\.");
    Answer grammar =
        answer(new ResponseFormat.Gbnf("root ::= \"yes\" | \"no\" | \"perhaps\""), sampling(1));
    assertThat(grammar.text()).isIn("yes", "no", "perhaps");
    assertThat(grammar.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void chat_withFormat_keepsToIt() {
    ChatRequest request =
        ChatRequest.of(List.of(Message.user("Do sparrows fly?")))
            .withSampling(sampling(3))
            .withResponseFormat(new ResponseFormat.Regex("(yes|no), [a-z]{3,12}"));
    try (ChatStream stream = moineau.chat(request)) {
      assertThat(stream.answer().message().content()).matches("(yes|no), [a-z]{3,12}");
    }
    Conversation conversation = moineau.conversation();
    conversation.format(new ResponseFormat.Regex("[0-9]{2}"));
    assertThat(conversation.say("How old?", sampling(4)).text()).matches("[0-9]{2}");
    ChatRequest both = request.withTools(List.of(new Tool("f", "", Map.of(), false)));
    try (ChatStream stream = moineau.chat(both)) { // a call, or an answer in the format
      Message message = stream.answer().message();
      assertThat(message.toolCalls().isEmpty()).isEqualTo(!message.content().isEmpty());
    }
  }

  @Test
  void constraint_endForbidden_stopsWhenTheTextIsWhole() {
    Answer answer = answer(new ResponseFormat.Regex("a{3}"), sampling(1).withIgnoreEos(true));
    assertThat(answer.text()).isEqualTo("aaa");
    assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void constraint_sameSeed_sameTokens_withLogprobs() {
    ResponseFormat format = new ResponseFormat.Regex("[a-z ]{10,40}");
    Answer one = answer(format, sampling(7).withLogprobs(2));
    Answer other = answer(format, sampling(7).withLogprobs(2));
    assertThat(one.tokens()).isEqualTo(other.tokens());
    assertThat(one.logprobs()).hasSize(one.tokens().size());
  }

  @Test
  void constraint_text_isNone_wrongOneIsRefused() {
    assertThat(moineau.constraint(ResponseFormat.TEXT)).isEqualTo(Optional.empty());
    assertThatThrownBy(() -> moineau.constraint(new ResponseFormat.Regex("(?=a)")))
        .isInstanceOf(TextException.class);
  }

  @Test
  void grammar_sameSchema_isKept() {
    Constraints constraints = new Constraints(null); // the vocabulary is not needed here
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", properties());
    Object same = Json.parse(Json.write(schema));
    assertThat(constraints.grammar(new ResponseFormat.JsonSchema("a", schema)).orElseThrow())
        .isSameAs(constraints.grammar(new ResponseFormat.JsonSchema("b", same)).orElseThrow());
  }

  @Test
  void grammar_masksBeyondTheBound_theOldestAreForgotten() {
    Tokenizer tokenizer = moineau.tokenizer();
    assertThat(keptOf(tokenizer, 1L << 20)).isEqualTo(3);
    assertThat(keptOf(tokenizer, 1)).isEqualTo(1);
  }

  /** How many of three grammars are kept, the first two of them with masks. */
  private static int keptOf(Tokenizer tokenizer, long mostBytes) {
    Constraints constraints = new Constraints(tokenizer, mostBytes);
    for (String pattern : List.of("a+", "b+", "c+")) {
      Grammar grammar = constraints.grammar(new ResponseFormat.Regex(pattern)).orElseThrow();
      constraints
          .constraint(grammar)
          .allowed(new long[Math.ceilDiv(tokenizer.vocabularySize(), 64)]);
      assertThat(grammar.maskBytes()).isPositive();
    }
    return constraints.numKept();
  }
}
