package io.moineau.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.moineau.server.api.ollama.Embed;
import io.moineau.server.api.ollama.OldEmbeddings;
import io.moineau.server.api.openai.Embeddings;
import io.moineau.server.api.openai.Rerank;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vectors and what is made of them, with the embedded model. */
class VectorsTest {
  private final ScriptedService service = new ScriptedService();
  private final Endpoint embeddings = new Embeddings(service);

  private Exchange embed(String fields) throws IOException {
    Exchange exchange = Exchange.of(embeddings, "{\"model\": \"tiny\", " + fields + "}");
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(200);
    return exchange;
  }

  private static double[] vector(Object value) {
    return ((List<?>) value).stream().mapToDouble(x -> ((Number) x).doubleValue()).toArray();
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  void embeddings_severalTexts_haveLengthOneAndTheirOrder() throws IOException {
    Exchange both = embed("\"input\": [\"A little sparrow\", \"The sea\"]");
    double[] first = vector(both.at("data[0].embedding"));
    double[] second = vector(both.at("data[1].embedding"));
    assertThat(product(first, first)).isCloseTo(1, within(1e-4));
    assertThat(both.at("data[1].index")).isEqualTo(1L);
    assertThat(both.at("object")).isEqualTo("list");
    double[] alone = vector(embed("\"input\": \"The sea\"").at("data[0].embedding"));
    assertThat(product(alone, second)).isCloseTo(1, within(1e-4));
    assertThat(product(first, second)).isLessThan(0.9999);
    int tokens =
        service.moineau().tokenize("A little sparrow", true, false).length
            + service.moineau().tokenize("The sea", true, false).length;
    assertThat(both.at("usage.prompt_tokens")).isEqualTo((long) tokens);
  }

  @Test
  void embeddings_tokensAndBase64_areTheSameNumbers() throws IOException {
    int[] tokens = service.moineau().tokenize("The sea", true, false);
    StringBuilder numbers = new StringBuilder();
    for (int token : tokens) {
      numbers.append(numbers.isEmpty() ? "" : ", ").append(token);
    }
    double[] floats = vector(embed("\"input\": \"The sea\"").at("data[0].embedding"));
    for (String input : List.of("[" + numbers + "]", "[[" + numbers + "]]")) {
      Exchange exchange = embed("\"encoding_format\": \"base64\", \"input\": " + input);
      byte[] bytes = Base64.getDecoder().decode((String) exchange.at("data[0].embedding"));
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(bytes).hasSize(4 * floats.length);
      for (double x : floats) {
        assertThat((double) buffer.getFloat()).isCloseTo(x, within(1e-5));
      }
    }
  }

  @Test
  void embeddings_dimensions_areTheBeginningScaled() throws IOException {
    double[] whole = vector(embed("\"input\": \"The sea\"").at("data[0].embedding"));
    double[] part =
        vector(embed("\"input\": \"The sea\", \"dimensions\": 8").at("data[0].embedding"));
    assertThat(part).hasSize(8);
    assertThat(product(part, part)).isCloseTo(1, within(1e-4));
    assertThat(part[0] / part[1]).isCloseTo(whole[0] / whole[1], within(1e-3));
  }

  @Test
  void ollama_bothForms_areTheSameNumbers() throws IOException {
    double[] openAi = vector(embed("\"input\": \"The sea\"").at("data[0].embedding"));
    Exchange embed =
        Exchange.of(new Embed(service), "{\"model\": \"tiny\", \"input\": [\"The sea\"]}");
    assertThat(product(openAi, vector(embed.at("embeddings[0]")))).isCloseTo(1, within(1e-4));
    assertThat((long) embed.at("prompt_eval_count")).isPositive();
    Exchange old =
        Exchange.of(new OldEmbeddings(service), "{\"model\": \"tiny\", \"prompt\": \"The sea\"}");
    assertThat(product(openAi, vector(old.at("embedding")))).isCloseTo(1, within(1e-4));
  }

  @Test
  void rerank_theQueryItself_comesFirst() throws IOException {
    String body =
        """
        {"query": "A little sparrow", "top_n": 2,
         "documents": ["The sea is deep", {"text": "A little sparrow"}, "Numbers"]%s}\
        """;
    Exchange exchange = Exchange.of(new Rerank(service), body.formatted(""));
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(200);
    assertThat(exchange.at("results[0].index")).isEqualTo(1L);
    assertThat((double) exchange.at("results[0].relevance_score")).isCloseTo(1, within(1e-4));
    assertThat(exchange.at("results[0].document.text")).isEqualTo("A little sparrow");
    assertThat((double) exchange.at("results[1].relevance_score")).isLessThan(0.9999);
    assertThat(exchange.at("results[2]")).isEqualTo("(missing)");
    Exchange bare =
        Exchange.of(new Rerank(service), body.formatted(", \"return_documents\": false"));
    assertThat(bare.at("results[0].document")).isEqualTo("(missing)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"input\": [] | input",
        "\"input\": \"\" | input",
        "\"input\": 7 | input",
        "\"input\": [\"a\", 7] | input[1]",
        "\"input\": [100000000] | input[0]",
        "\"input\": \"a\", \"dimensions\": 0 | dimensions",
        "\"input\": \"a\", \"dimensions\": 1000000 | dimensions",
        "\"input\": \"a\", \"encoding_format\": \"hex\" | encoding_format",
        "\"input\": \"a\", \"truncate_prompt_tokens\": 5 | truncate_prompt_tokens",
      })
  void embeddings_wrongBodies_nameThePlace(String fields, String parameter) throws IOException {
    Exchange exchange = Exchange.of(embeddings, "{" + fields + "}");
    assertThat(exchange.status()).as(exchange.text()).isEqualTo(400);
    assertThat(exchange.at("error.param")).isEqualTo(parameter);
  }
}
