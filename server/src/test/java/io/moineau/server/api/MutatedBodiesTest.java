package io.moineau.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.server.api.anthropic.CountTokens;
import io.moineau.server.api.anthropic.Messages;
import io.moineau.server.api.ollama.Chat;
import io.moineau.server.api.ollama.Generate;
import io.moineau.server.api.openai.ChatCompletions;
import io.moineau.server.api.openai.Responses;
import io.moineau.text.Json;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever stands in a body, a request is answered or refused; the server never fails. */
class MutatedBodiesTest {
  private static final int ROUNDS = 400;

  private static final String TOOLS =
      """
      "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]\
      """;

  /** Values that are wrong in most places. */
  private static final List<Object> ODD =
      Arrays.asList(
          null,
          true,
          "",
          "text",
          "\ud83d\udc26",
          0L,
          -1L,
          1L << 62,
          new BigInteger("9".repeat(40)),
          1e300,
          0.5,
          List.of(),
          List.of(List.of()),
          Arrays.asList((Object) null),
          Map.of(),
          Map.of("type", "function"),
          Map.of("", ""));

  @Test
  void anyBody_neverAFault() throws IOException {
    ScriptedService service = new ScriptedService();
    Map<Endpoint, String> bodies = new LinkedHashMap<>();
    bodies.put(
        new Messages(service),
        """
        {"model": "tiny", "max_tokens": 2000, "system": [{"type": "text", "text": "S"}],
         "messages": [{"role": "user", "content": "Hi"},
           {"role": "assistant", "content": [{"type": "thinking", "thinking": "H", "signature": ""},
             {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}}]},
           {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a",
             "content": [{"type": "text", "text": "R"}]}]}],
         "tools": [{"name": "f", "input_schema": {"type": "object"}}],
         "tool_choice": {"type": "tool", "name": "f"}, "stop_sequences": ["x"], "stream": true,
         "thinking": {"type": "enabled", "budget_tokens": 1024}, "temperature": 1, "top_k": 3,
         "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {}}},
         "context_management": {"edits": [{"type": "e", "keep": "all"}]}}\
        """);
    bodies.put(
        new CountTokens(service),
        """
        {"model": "tiny", "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
         "tools": [{"name": "f", "input_schema": {"type": "object", "properties": {"a": {}}}}]}\
        """);
    bodies.put(
        new Responses(service),
        """
        {"model": "tiny", "instructions": "S", "stream": true, "max_output_tokens": 5, "input": [
           {"role": "user", "content": [{"type": "input_text", "text": "x"}]},
           {"type": "reasoning", "summary": [{"type": "summary_text", "text": "x"}]},
           {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
           {"type": "function_call_output", "call_id": "a", "output": "x"}],
         "tools": [{"type": "function", "name": "f", "parameters": {}, "strict": true}],
         "tool_choice": {"type": "function", "name": "f"}, "include": ["x"], "top_logprobs": 2,
         "reasoning": {"effort": "low"}, "metadata": {"a": "b"},
         "text": {"format": {"type": "json_schema", "name": "n", "schema": {}}}}\
        """);
    bodies.put(
        new Chat(service),
        """
        {"model": "tiny", %s, "format": {"type": "object"}, "think": "low", "messages": [
           {"role": "user", "content": "x"},
           {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]},
           {"role": "tool", "tool_name": "f", "content": "x"}],
         "options": {"seed": 1, "num_predict": 3, "num_ctx": 5, "stop": ["x"], "mirostat": 1}}\
        """
            .formatted(TOOLS));
    bodies.put(
        new Generate(service),
        """
        {"model": "tiny", "prompt": "x", "system": "S", "format": "json", "think": true,
         "stream": false, "options": {"temperature": 0.5, "repeat_penalty": 1.1}}\
        """);
    bodies.put(
        new ChatCompletions(service),
        """
        {"model": "tiny", %s, "tool_choice": "auto", "stop": ["x"], "logit_bias": {"5": 1},
         "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]},
           {"role": "assistant", "tool_calls": [{"id": "a", "type": "function",
             "function": {"name": "f", "arguments": "{}"}}]},
           {"role": "tool", "tool_call_id": "a", "content": "x"}],
         "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
         "stream_options": {"include_usage": true}, "n": 2, "max_tokens": 5}\
        """
            .formatted(TOOLS));
    for (Map.Entry<Endpoint, String> entry : bodies.entrySet()) {
      mutate(entry.getKey(), entry.getValue());
    }
  }

  private static void mutate(Endpoint endpoint, String body) throws IOException {
    Exchange whole = Exchange.of(endpoint, body);
    assertThat(whole.status()).as(endpoint.path() + " " + whole.text()).isEqualTo(200);
    int refused = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      Object mutated = body(Json.parse(body), random);
      String text = Json.write(mutated);
      Exchange exchange = Exchange.of(endpoint, text);
      assertThat(exchange.status())
          .as("seed " + seed + ", " + endpoint.path() + ": " + text + " gave " + exchange.text())
          .isIn(200, 400, 404);
      assertThat(exchange.text()).doesNotContain("internal_error");
      refused += exchange.status() == 200 ? 0 : 1;
    }
    assertThat(refused).as("refused by " + endpoint.path()).isBetween(ROUNDS / 10, ROUNDS - 1);
  }

  /** The same with one value, anywhere, that is another. */
  private static Object body(Object value, Random random) {
    List<Runnable> changes = new ArrayList<>();
    places(value, random, changes);
    changes.get(random.nextInt(changes.size())).run();
    return value;
  }

  @SuppressWarnings("unchecked")
  private static void places(Object value, Random random, List<Runnable> changes) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> object = (Map<String, Object>) map;
      for (String name : object.keySet()) {
        changes.add(() -> object.put(name, odd(random)));
        places(object.get(name), random, changes);
      }
    } else if (value instanceof List<?> list) {
      List<Object> array = (List<Object>) list;
      for (int i = 0; i < array.size(); i++) {
        int index = i;
        changes.add(() -> array.set(index, odd(random)));
        places(array.get(i), random, changes);
      }
    }
  }

  private static Object odd(Random random) {
    return ODD.get(random.nextInt(ODD.size()));
  }
}
