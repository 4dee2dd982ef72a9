package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.text.MarkedText;
import io.moineau.text.TextException;
import io.moineau.text.TokenDecoder;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Messages and tools reach the prompt, whatever the template can take. */
class PromptContextTest {
  /** A tokenizer that is asked for names of tokens only. */
  record NoTokens() implements Tokenizer {
    @Override
    public int vocabularySize() {
      return 1;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int[] encode(MarkedText text, boolean addSpecial) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecial) {
      throw new UnsupportedOperationException();
    }

    @Override
    public TokenDecoder decoder(boolean skipSpecial) {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] bytes(int id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String token(int id) {
      return "</s>";
    }

    @Override
    public OptionalInt find(String token) {
      return OptionalInt.empty();
    }

    @Override
    public boolean isSpecial(int id) {
      return false;
    }

    @Override
    public OptionalInt bosId() {
      return OptionalInt.of(0);
    }

    @Override
    public OptionalInt eosId() {
      return OptionalInt.of(0);
    }

    @Override
    public int[] endOfGenerationIds() {
      return new int[] {0};
    }

    @Override
    public String describe() {
      return "none";
    }
  }

  static final Tool ORDER =
      new Tool(
          "order_parts",
          "Orders.",
          Map.of(
              "type",
              "object",
              "properties",
              Map.of(
                  "items", Map.of("type", "array", "description", "Lines"),
                  "budget", Map.of("type", "number", "description", "Most"),
                  "express", Map.of("type", "boolean", "description", "Fast"),
                  "note", Map.of("type", "string", "description", "Words")),
              "required",
              List.of("items")),
          false);
  static final Tool NOW =
      new Tool("now", "The time.", Map.of("type", "object", "properties", Map.of()), false);
  private static final List<ToolCall> CALLS =
      List.of(
          new ToolCall("call_1", "order_parts", "{\"items\": [1]}"),
          new ToolCall("call_2", "now", "{}"));

  private static final String TURNS =
      "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";

  static ModelText text(String template) {
    return ModelText.of(new NoTokens(), template, "");
  }

  private static String render(String template, ChatRequest request) {
    return text(template).render(request).text();
  }

  private static ChatRequest history(String content) {
    return ChatRequest.of(
        List.of(
            Message.user("Order."),
            Message.assistant(content, "", CALLS),
            Message.tool("call_2", "now", "noon"),
            Message.tool("call_1", "order_parts", "done")));
  }

  @Test
  void system_severalAtTheBeginning_areOne() {
    ChatRequest request =
        ChatRequest.of(List.of(Message.system("A"), Message.system("B"), Message.user("C")));
    assertThat(render(TURNS, request)).isEqualTo("[system]A\n\nB[user]C");
  }

  @Test
  void system_thatTheTemplateRefuses_joinsTheFirstQuestion() {
    String refuses =
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
            + TURNS;
    ChatRequest request = ChatRequest.of(List.of(Message.system("A"), Message.user("C")));
    assertThat(render(refuses, request)).isEqualTo("[user]A\n\nC");
  }

  @Test
  void tools_thatTheTemplateDoesNotKnow_areToldInWordsWithTheFormOfACall() {
    ChatRequest request = ChatRequest.of(List.of(Message.user("C"))).withTools(List.of(ORDER, NOW));
    String told = render(TURNS, request);
    assertThat(told)
        .startsWith("[system]")
        .contains("\"name\":\"order_parts\"", "\"name\":\"now\"", "<tool_call>")
        .endsWith("[user]C");
    assertThat(render(TURNS, request.withToolChoice(ToolChoice.NONE))).isEqualTo("[user]C");
    ModelText plain = ModelText.of(new NoTokens(), "", "");
    assertThat(plain.render(request).text()).contains("order_parts").endsWith("\nC");
  }

  @Test
  void calls_thatTheTemplateDoesNotKnow_areTextAndTheirResultsAUsersMessage() {
    assertThat(render(TURNS, history("Well.")))
        .isEqualTo(
            "[user]Order.[assistant]Well.\n<tool_call>\n"
                + "{\"name\": \"order_parts\", \"arguments\": {\"items\": [1]}}\n</tool_call>\n"
                + "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>"
                + "[user]<tool_response>\nnoon\n</tool_response>\n"
                + "<tool_response>\ndone\n</tool_response>");
  }

  private static final String CALLING =
      "{% if tools %}<tool_call>{{ tools | tojson }}{% endif %}{% for m in messages %}[{{ m.role }}]"
          + "{% if m.tool_calls %}%s{% for c in m.tool_calls %}<{{ c.function.name }} %s>"
          + "{% endfor %}{% else %}{{ m.content }}{% endif %}{% endfor %}";

  private static String calling(String before, String arguments) {
    return CALLING.replaceFirst("%s", before).replaceFirst("%s", arguments);
  }

  @Test
  void arguments_areAnObjectOrAText_asTheTemplateWants() {
    String expected =
        "[user]Order.[assistant]<order_parts {\"items\": [1]}><now {}>[tool]noon[tool]done";
    assertThat(render(calling("", "{{ c.function.arguments | tojson }}"), history("")))
        .isEqualTo(expected);
    assertThat(render(calling("", "{{ c.function.arguments }}"), history(""))).isEqualTo(expected);
  }

  @Test
  void content_besideCalls_thatTheTemplateLeavesOut_isAMessageOfItsOwn() {
    assertThat(render(calling("", "{{ c.function.arguments | tojson }}"), history("Well.")))
        .startsWith("[user]Order.[assistant]Well.[assistant]<order_parts");
    assertThat(
            render(
                calling("{{ m.content }}", "{{ c.function.arguments | tojson }}"),
                history("Well.")))
        .startsWith("[user]Order.[assistant]Well.<order_parts");
  }

  @Test
  void severalCalls_whereTheTemplateTakesOne_comeInTurnWithTheirResults() {
    String single =
        calling(
            "{% if m.tool_calls | length > 1 %}{{ raise_exception('one only') }}{% endif %}",
            "{{ c.function.arguments | tojson }}");
    assertThat(render(single, history("")))
        .isEqualTo(
            "[user]Order.[assistant]<order_parts {\"items\": [1]}>[tool]done[assistant]<now {}>[tool]noon");
  }

  @Test
  void content_thatMustBeNullBesideCalls_isNull() {
    String wantsNull =
        "{% if tools %}<tool_call>{{ tools | tojson }}{% endif %}{% for m in messages %}[{{ m.role }}]"
            + "{% if m.content is none %}{% for c in m.tool_calls %}<{{ c.function.name }}"
            + " {{ c.function.arguments | tojson }}>{% endfor %}{% else %}{{ m.content }}{% endif %}{% endfor %}";
    assertThat(render(wantsNull, history("")))
        .contains("[assistant]<order_parts {\"items\": [1]}>");
  }

  @Test
  void arguments_thatAModelSpoilt_stillRender() {
    ChatRequest request =
        ChatRequest.of(
            List.of(
                Message.user("Order."),
                Message.assistant("", "", List.of(new ToolCall("call_1", "now", "{\"a\": ")))));
    assertThat(render(calling("", "{{ c.function.arguments | tojson }}"), request))
        .contains("<now {\"arguments\": \"{\\\"a\\\": \"}>");
  }

  @Test
  void refusal_ofTheTemplate_isAnErrorWithItsOwnWords() {
    String refuses = "{{ raise_exception('roles must alternate') }}";
    assertThatThrownBy(() -> render(refuses, ChatRequest.of(List.of(Message.user("a")))))
        .isInstanceOf(TextException.class)
        .hasMessageContaining("roles must alternate");
  }
}
