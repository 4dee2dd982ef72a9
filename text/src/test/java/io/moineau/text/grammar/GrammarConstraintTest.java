package io.moineau.text.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.text.TextException;
import io.moineau.text.TokenConstraint;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tokenizers;
import io.moineau.text.grammar.Expr.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GrammarConstraintTest {
  private static final long SEED = 5;

  private final ByteTokenizer tokenizer = new ByteTokenizer(SEED);
  private final GrammarVocabulary vocabulary = GrammarVocabulary.of(tokenizer);

  private static final Map<String, Object> PERSON =
      Map.of(
          "type",
          "object",
          "properties",
          Map.of(
              "name", Map.of("type", "string"),
              "code", Map.of("type", "string", "minLength", 34, "maxLength", 90)),
          "additionalProperties",
          Map.of("type", "array", "items", Map.of("type", "integer"), "maxItems", 40));

  private static BitSet allowed(TokenConstraint constraint, Tokenizer tokenizer) {
    long[] mask = new long[Math.ceilDiv(tokenizer.vocabularySize(), 64)];
    java.util.Arrays.fill(mask, -1); // all words are overwritten
    constraint.allowed(mask);
    return BitSet.valueOf(mask);
  }

  /** Tries each token alone, in states that know the whole stack and keep nothing. */
  private static BitSet reference(Rule root, byte[] text, Tokenizer tokenizer, int end) {
    StateTable table = new StateTable(AutomatonBuilder.build(root, List.of()));
    State state = table.next(table.start, text);
    BitSet out = new BitSet();
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      byte[] bytes = tokenizer.bytes(id);
      if (!tokenizer.isSpecial(id) && bytes.length > 0 && !table.next(state, bytes).isDead()) {
        out.set(id);
      }
    }
    if (state.ends) {
      out.set(end);
    }
    return out;
  }

  private void assertMasks(Rule root, TokenConstraint constraint, Random random, int steps) {
    java.io.ByteArrayOutputStream text = new java.io.ByteArrayOutputStream();
    for (int step = 0; step < steps; step++) {
      BitSet allowed = allowed(constraint, tokenizer);
      assertThat(allowed)
          .as("after %s, seed %s", text, SEED)
          .isEqualTo(reference(root, text.toByteArray(), tokenizer, tokenizer.end()));
      assertThat(constraint.canEnd()).isEqualTo(allowed.get(tokenizer.end()));
      int token = choose(allowed, random);
      constraint.accept(token);
      if (token == tokenizer.end()) {
        return;
      }
      text.writeBytes(tokenizer.bytes(token));
    }
  }

  /** Prefers tokens that are not single bytes, and seldom ends. */
  private int choose(BitSet allowed, Random random) {
    int[] tokens = allowed.stream().toArray();
    assertThat(tokens).isNotEmpty();
    for (int i = 0; i < 6; i++) {
      int token = tokens[random.nextInt(tokens.length)];
      if (token >= 256 && token != tokenizer.end()) {
        return token;
      }
    }
    return tokens[random.nextInt(tokens.length)];
  }

  @Test
  void allowed_anyState_asEachTokenTriedAlone() {
    Random random = new Random(SEED);
    List<Rule> roots =
        List.of(
            new JsonRules().value(),
            JsonSchemaCompiler.compile(PERSON),
            new Rule("r", RegexParser.whole("(?:[a-c ]{3,70}\u20ac{1,50}|\"x\", )*")),
            GbnfParser.parse(
                "root ::= \"{\" root \"}\" | (\"ab\" | \"a\" \"b\"{2,60})+", Map.of()));
    for (Rule root : roots) {
      MaskTable masks = new MaskTable(AutomatonBuilder.build(root, List.of()), vocabulary);
      for (int i = 0; i < 12; i++) {
        assertMasks(root, new GrammarConstraint(masks), random, 14);
      }
    }
  }

  @Test
  void allowed_insideCountedString_longTokensToo() {
    Rule root = JsonSchemaCompiler.compile(PERSON);
    MaskTable masks = new MaskTable(AutomatonBuilder.build(root, List.of()), vocabulary);
    for (int length : List.of(0, 1, 33, 34, 40, 50, 57, 58, 89, 90)) {
      String text = "{\"code\": \"" + "x".repeat(length);
      TokenConstraint constraint = new GrammarConstraint(masks);
      for (int token : ByteTokenizer.bytesOf(text)) {
        constraint.accept(token);
      }
      assertThat(allowed(constraint, tokenizer))
          .as(text)
          .isEqualTo(
              reference(
                  root,
                  text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                  tokenizer,
                  tokenizer.end()));
    }
  }

  @Test
  void allowed_realVocabularies_asEachTokenTriedAlone() {
    Path folder = Path.of(System.getProperty("moineau.root", "."), "../shared/oracles/tokenizers");
    Path file = folder.resolve("gpt2/tokenizer.json");
    assumeTrue(Files.exists(file), "no tokenizers to try");
    Tokenizer real = Tokenizers.fromTokenizerJson(file);
    GrammarVocabulary all = GrammarVocabulary.of(real);
    Rule root = JsonSchemaCompiler.compile(PERSON);
    TokenConstraint constraint =
        new GrammarConstraint(new MaskTable(AutomatonBuilder.build(root, List.of()), all));
    int end = real.endOfGenerationIds()[0];
    java.io.ByteArrayOutputStream text = new java.io.ByteArrayOutputStream();
    String document = "{\"name\": \"J\u00f6rg \u20ac\", \"k\": [1, 23]}";
    for (int token : real.encode(document, false, false)) {
      byte[] bytes = real.bytes(token);
      BitSet found = allowed(constraint, real);
      assertThat(found.get(token)).as(text.toString()).isTrue();
      if (text.size() % 3 == 0) {
        assertThat(found)
            .as(text.toString())
            .isEqualTo(reference(root, text.toByteArray(), real, end));
      }
      constraint.accept(token);
      text.writeBytes(bytes);
    }
  }

  @Test
  void accept_notAllowed_throwsAndStays() {
    TokenConstraint constraint = Grammar.ofGbnf("root ::= \"ab\"").constraint(vocabulary);
    assertThatThrownBy(() -> constraint.accept('b')).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> constraint.accept(tokenizer.end()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> constraint.accept(-1)).isInstanceOf(IllegalStateException.class);
    constraint.accept('a');
    constraint.accept('b');
    assertThat(constraint.canEnd()).isTrue();
    constraint.accept(tokenizer.end());
    assertThat(allowed(constraint, tokenizer).stream().toArray()).containsExactly(tokenizer.end());
  }

  @Test
  void copy_goesOn_originalStays() {
    TokenConstraint original =
        Grammar.ofGbnf("root ::= \"a\" (\"b\" | \"c\")").constraint(vocabulary);
    original.accept('a');
    BitSet before = allowed(original, tokenizer);
    TokenConstraint copy = original.copy();
    copy.accept('b');
    assertThat(copy.canEnd()).isTrue();
    assertThat(original.canEnd()).isFalse();
    assertThat(allowed(original, tokenizer)).isEqualTo(before);
    original.accept('c');
    assertThat(copy.canEnd() && original.canEnd()).isTrue();
  }

  @Test
  void token_named_isTheOnlySpecialOneThatMayCome() {
    int call = tokenizer.special(1);
    Grammar grammar = Grammar.ofGbnf("root ::= <[" + call + "]> \"a\" !<[98]> <|call|>?");
    TokenConstraint constraint = grammar.constraint(vocabulary);
    assertThat(allowed(constraint, tokenizer).stream().toArray()).containsExactly(call);
    constraint.accept(call);
    constraint.accept('a');
    BitSet other = allowed(constraint, tokenizer);
    assertThat(other.get('b')).isFalse();
    assertThat(other.get('c')).isTrue();
    assertThat(other.get(call)).isFalse();
    constraint.accept('c');
    assertThat(constraint.canEnd()).isTrue();
    constraint.accept(call);
    // The text of a special token is not the token.
    TokenConstraint text = Grammar.ofGbnf("root ::= \"<|call|>\"").constraint(vocabulary);
    assertThat(allowed(text, tokenizer).get(call)).isFalse();
    assertThatThrownBy(() -> Grammar.token("<none>").constraint(vocabulary))
        .isInstanceOfSatisfying(
            TextException.class, e -> assertThat(e.code()).isEqualTo("grammar-unknown-token"));
  }

  @Test
  void lazyConstraint_freeUntilTrigger_thenGrammar() {
    TokenConstraint constraint =
        Grammar.ofGbnf("root ::= \"x\" [0-9]+")
            .lazyConstraint(vocabulary, List.of("<tool>", "<|call|>"));
    assertThat(constraint.canEnd()).isTrue();
    BitSet free = allowed(constraint, tokenizer);
    // All but the token of no bytes.
    assertThat(free.cardinality()).isEqualTo(tokenizer.vocabularySize() - 1);
    for (int token : ByteTokenizer.bytesOf("any <too <tool")) {
      constraint.accept(token);
    }
    BitSet near = allowed(constraint, tokenizer);
    assertThat(near.get('>')).isTrue();
    assertThat(near.get('!')).isTrue();
    TokenConstraint copy = constraint.copy();
    copy.accept(tokenizer.special(1));
    assertThat(allowed(copy, tokenizer).stream().toArray()).containsExactly('x');
    constraint.accept('>');
    assertThat(constraint.canEnd()).isFalse();
    assertThat(allowed(constraint, tokenizer).stream().toArray()).containsExactly('x');
    constraint.accept('x');
    constraint.accept('7');
    assertThat(constraint.canEnd()).isTrue();
    assertThat(allowed(constraint, tokenizer).get('a')).isFalse();
  }

  @Test
  void lazyConstraint_tokenBeyondTheTrigger_mustFitTheGrammar() {
    TokenConstraint fits =
        Grammar.ofGbnf("root ::= \"x1\"").lazyConstraint(vocabulary, List.of("<tool>"));
    TokenConstraint not =
        Grammar.ofGbnf("root ::= \"y1\"").lazyConstraint(vocabulary, List.of("<tool>"));
    int over = tokenizer.find("l>x").getAsInt();
    for (int token : ByteTokenizer.bytesOf("<too")) {
      fits.accept(token);
      not.accept(token);
    }
    assertThat(allowed(fits, tokenizer).get(over)).isTrue();
    assertThat(allowed(not, tokenizer).get(over)).isFalse();
  }

  @Test
  void accept_longText_workDoesNotGrow() {
    // A list by right recursion: the stack must not grow with it.
    MaskTable masks =
        new MaskTable(
            AutomatonBuilder.build(
                GbnfParser.parse("root ::= item | item \",\" root\nitem ::= [0-9]+", Map.of()),
                List.of()),
            vocabulary);
    TokenConstraint constraint = new GrammarConstraint(masks);
    List<Integer> cardinalities = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      constraint.accept(i % 2 == 0 ? '1' : ',');
      if (i % 5000 == 0) {
        cardinalities.add(allowed(constraint, tokenizer).cardinality());
      }
    }
    assertThat(cardinalities).containsOnly(cardinalities.getFirst());
    State state = masks.start();
    for (int i = 0; i < 1000; i++) {
      state = masks.next(state, i % 2 == 0 ? '1' : ',');
    }
    State later = masks.next(masks.next(state, '1'), ',');
    assertThat(later).isSameAs(state);
  }

  @Test
  void masks_manyStates_forgottenAndMadeAnew() {
    MaskTable masks =
        new MaskTable(
            AutomatonBuilder.build(
                new Rule("r", RegexParser.whole("(?:[a-z ]{90000}x?){3}")), List.of()),
            vocabulary);
    TokenConstraint constraint = new GrammarConstraint(masks);
    BitSet first = allowed(constraint, tokenizer);
    for (int i = 0; i < 60_000; i++) {
      constraint.accept('a' + i % 26);
    }
    assertThat(allowed(constraint, tokenizer)).isEqualTo(first);
  }
}
