package io.moineau.text.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.text.Json;
import io.moineau.text.TokenConstraint;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Random schemas: what is valid is accepted, what is not is refused, what is made is valid. */
class SchemaPropertyTest {
  private static final int SCHEMAS = 60;

  private final ByteTokenizer tokenizer = new ByteTokenizer(3);
  private final GrammarVocabulary vocabulary = GrammarVocabulary.of(tokenizer);

  /** A schema, and how to make a value that keeps to it. */
  private record Sample(Object schema, Supplier<Object> value) {}

  private static Map<String, Object> map(Object... pairs) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      out.put((String) pairs[i], pairs[i + 1]);
    }
    return out;
  }

  private static Sample sample(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 11 : 7)) {
      case 0 -> new Sample(map("type", "boolean"), random::nextBoolean);
      case 1 -> integers(random);
      case 2 -> numbers(random);
      case 3 -> strings(random);
      case 4 -> {
        List<Object> values = List.of("red", "green", 3L, "a\"b\\c");
        yield new Sample(map("enum", values), () -> values.get(random.nextInt(4)));
      }
      case 5 ->
          new Sample(
              map("type", "string", "pattern", "^[a-d]{2,5}(-x)?$"),
              () -> random.nextBoolean() ? "abcd" : "dd-x");
      case 6 ->
          new Sample(
              map("type", List.of("string", "null")), () -> random.nextBoolean() ? null : "s");
      case 7, 8 -> objects(random, depth);
      case 9 -> arrays(random, depth);
      default -> {
        Sample one = sample(random, depth - 1);
        Sample other = sample(random, depth - 1);
        yield new Sample(
            map("anyOf", List.of(one.schema(), other.schema())),
            () -> (random.nextBoolean() ? one : other).value().get());
      }
    };
  }

  private static Sample integers(Random random) {
    long low = random.nextInt(2000) - 1000;
    long high = low + random.nextInt(3000);
    long step = 1 + random.nextInt(4);
    Map<String, Object> schema = map("type", "integer");
    boolean hasLow = random.nextBoolean();
    boolean hasHigh = random.nextBoolean();
    if (hasLow) {
      schema.put("minimum", low);
    }
    if (hasHigh) {
      schema.put("exclusiveMaximum", high + step);
    }
    if (step > 1) {
      schema.put("multipleOf", step);
    }
    return new Sample(
        schema, () -> Math.ceilDiv(low + random.nextLong(high - low + 1), step) * step);
  }

  private static Sample numbers(Random random) {
    double low = random.nextInt(200) / 8.0 - 10;
    double high = low + random.nextInt(80) / 16.0;
    Map<String, Object> schema = map("type", "number", "minimum", low, "maximum", high);
    return new Sample(schema, () -> low + random.nextInt(9) / 8.0 * (high - low) * 8 / 9);
  }

  private static Sample strings(Random random) {
    int min = random.nextInt(4);
    int max = min + random.nextInt(60);
    Map<String, Object> schema = map("type", "string", "minLength", min, "maxLength", max);
    return new Sample(
        schema,
        () -> {
          StringBuilder out = new StringBuilder();
          for (int n = min + random.nextInt(max - min + 1); n > 0; n--) {
            out.appendCodePoint(
                "ab \"\\\n\u00e9\u20ac\uD83D\uDE00z".codePoints().toArray()[random.nextInt(9)]);
          }
          return out.toString();
        });
  }

  private static Sample objects(Random random, int depth) {
    Map<String, Sample> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      String name = List.of("a", "ab", "key \"x\"", "n\u00e4me").get(i);
      properties.put(name, sample(random, depth - 1));
      if (random.nextBoolean()) {
        required.add(name);
      }
    }
    Map<String, Object> schemas = new LinkedHashMap<>();
    properties.forEach((name, one) -> schemas.put(name, one.schema()));
    boolean open = random.nextInt(3) == 0;
    Map<String, Object> schema =
        map(
            "type",
            "object",
            "properties",
            schemas,
            "required",
            required,
            "additionalProperties",
            open ? map("type", "integer") : (Object) false);
    return new Sample(
        schema,
        () -> {
          Map<String, Object> out = new LinkedHashMap<>();
          properties.forEach((name, one) -> {
            if (required.contains(name) || random.nextBoolean()) {
              out.put(name, one.value().get());
            }
          });
          if (open && random.nextBoolean()) {
            out.put("abc", 5L);
          }
          return out;
        });
  }

  private static Sample arrays(Random random, int depth) {
    Sample item = sample(random, depth - 1);
    int min = random.nextInt(3);
    int max = min + random.nextInt(4);
    return new Sample(
        map("type", "array", "items", item.schema(), "minItems", min, "maxItems", max),
        () -> {
          List<Object> out = new ArrayList<>();
          for (int n = min + random.nextInt(max - min + 1); n > 0; n--) {
            out.add(item.value().get());
          }
          return out;
        });
  }

  @Test
  void randomSchemas_validAccepted_invalidRejected() {
    int refused = 0;
    for (int seed = 0; seed < SCHEMAS; seed++) {
      Random random = new Random(seed);
      Sample sample = sample(random, 3);
      Grammar grammar = Grammar.ofJsonSchema(sample.schema());
      for (int i = 0; i < 5; i++) {
        Object value = sample.value().get();
        String text = random.nextBoolean() ? Json.write(value) : Json.writeIndented(value);
        assertThat(SchemaValidator.isValid(sample.schema(), value)).as(text).isTrue();
        assertThat(grammar.accepts(text))
            .as("seed %s: %s of %s", seed, text, Json.write(sample.schema()))
            .isTrue();
        Object other = mutated(value, random);
        if (!SchemaValidator.isValid(sample.schema(), other)) {
          refused++;
          assertThat(grammar.accepts(Json.write(other)))
              .as("seed %s: %s of %s", seed, Json.write(other), Json.write(sample.schema()))
              .isFalse();
        }
      }
    }
    assertThat(refused).isGreaterThan(SCHEMAS);
  }

  private static Object mutated(Object value, Random random) {
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      Map<String, Object> out = new LinkedHashMap<>();
      int at = random.nextInt(map.size());
      int i = 0;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (i++ != at) {
          out.put((String) entry.getKey(), entry.getValue());
        } else if (random.nextInt(3) > 0) {
          out.put((String) entry.getKey(), mutated(entry.getValue(), random));
        }
      }
      return out;
    }
    if (value instanceof List<?> list && !list.isEmpty() && random.nextBoolean()) {
      List<Object> out = new ArrayList<>(list);
      out.set(0, mutated(list.getFirst(), random));
      return out;
    }
    return switch (random.nextInt(4)) {
      case 0 -> "mutated text that is long enough to break most bounds, more than sixty characters";
      case 1 -> random.nextInt(10_000) - 5000L;
      case 2 ->
          value instanceof Number n ? n.doubleValue() + 0.37 : List.of(1L, 2L, 3L, 4L, 5L, 6L);
      default -> map("zz", 1L);
    };
  }

  @Test
  void randomModel_underTheMask_writesValidDocuments() {
    int ended = 0;
    for (int seed = 0; seed < SCHEMAS; seed++) {
      Random random = new Random(seed);
      Sample sample = sample(random, 3);
      TokenConstraint constraint = Grammar.ofJsonSchema(sample.schema()).constraint(vocabulary);
      List<Integer> tokens = new ArrayList<>();
      boolean end = false;
      while (!end && tokens.size() < 400) {
        int token = choose(constraint, random, tokens.size());
        constraint.accept(token);
        end = token == tokenizer.end();
        tokens.add(token);
      }
      if (end) {
        ended++;
        String text = tokenizer.decode(tokens.stream().mapToInt(i -> i).toArray(), true);
        assertThat(SchemaValidator.isValid(sample.schema(), Json.parse(text)))
            .as("seed %s: %s of %s", seed, text, Json.write(sample.schema()))
            .isTrue();
      }
    }
    assertThat(ended).isGreaterThan(SCHEMAS / 2);
  }

  /** Any token that may come; after a while one that closes something, so that texts end. */
  private int choose(TokenConstraint constraint, Random random, int length) {
    long[] mask = new long[Math.ceilDiv(tokenizer.vocabularySize(), 64)];
    constraint.allowed(mask);
    BitSet allowed = BitSet.valueOf(mask);
    assertThat(allowed.isEmpty()).isFalse();
    if (length > 30) {
      for (int token : new int[] {tokenizer.end(), '}', ']', '"'}) {
        if (allowed.get(token)) {
          return token;
        }
      }
    }
    int[] tokens = allowed.stream().toArray();
    return tokens[random.nextInt(tokens.length)];
  }
}
