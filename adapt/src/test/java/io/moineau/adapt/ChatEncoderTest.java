package io.moineau.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.error.MoineauException;
import io.moineau.testkit.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatEncoderTest {
  private static final String TWO_TURNS =
      """
      {"messages": [{"role": "user", "content": "Hi <|im_end|>"}, {"role": "assistant", "content": "Hello."}, \
      {"role": "user", "content": "More?"}, {"role": "assistant", "content": "Yes, more. "}]}
      """;

  @TempDir private Path folder;

  private List<ChatReader.Chat> chats(String lines) throws IOException {
    return ChatReader.read(Files.writeString(folder.resolve("chats.jsonl"), lines));
  }

  /** What is learnt of a chat, turn by turn. */
  private static List<String> learnt(CharTokenizer tokenizer, ChatEncoder.Encoded encoded) {
    List<String> said = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < encoded.tokens().length; i++) {
      if (encoded.learnt()[i]) {
        text.append(tokenizer.token(encoded.tokens()[i]));
      }
      if (encoded.ends().contains(i + 1)) {
        said.add(text.toString());
        text.setLength(0);
      }
    }
    assertThat(text).isEmpty();
    return said;
  }

  private List<String> learnt(String template, String lines) throws IOException {
    CharTokenizer tokenizer = new CharTokenizer("<s>", "<|im_end|>", "</s>");
    ChatEncoder encoder = new ChatEncoder(tokenizer, template);
    return learnt(tokenizer, encoder.encode(chats(lines).getFirst()));
  }

  private static final String HEAD = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}";
  private static final String TAIL =
      "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

  @Test
  void turns_ofChatMl_endWithTheirToken() throws IOException {
    assertThat(learnt("", TWO_TURNS)).containsExactly("Hello.<|im_end|>", "Yes, more. <|im_end|>");
  }

  @Test
  void turns_thatATemplateTrims_areLearntTrimmed() throws IOException {
    String template = HEAD + "{{ m.content | trim + '<|im_end|>\\n' }}" + TAIL;
    assertThat(learnt(template, TWO_TURNS))
        .containsExactly("Hello.<|im_end|>", "Yes, more.<|im_end|>");
  }

  /** As Qwen 3: only the last turn has a thought, which the prompt does not open. */
  @Test
  void turns_withAThoughtInTheLast_areFoundAll() throws IOException {
    String template =
        HEAD
            + "{% if loop.last and m.role == 'assistant' %}{{ '<think>\\n\\n</think>\\n\\n' }}"
            + "{% endif %}{{ m.content + '<|im_end|>\\n' }}"
            + TAIL;
    assertThat(learnt(template, TWO_TURNS))
        .containsExactly("Hello.<|im_end|>", "<think>\n\n</think>\n\nYes, more. <|im_end|>");
  }

  /** As reasoning models: the prompt opens a thought that the history has not. */
  @Test
  void turns_afterAPromptThatOpensAThought_areFound() throws IOException {
    String template =
        HEAD + "{{ m.content + '<|im_end|>\\n' }}" + TAIL.replace("nt\\n'", "nt\\n<think>\\n'");
    assertThat(learnt(template, TWO_TURNS))
        .containsExactly("Hello.<|im_end|>", "Yes, more. <|im_end|>");
  }

  /** As gpt-oss: a turn that is not the last ends with a token that ends no generation. */
  @Test
  void turns_thatEndDifferentlyInTheMiddle_areFoundAll() throws IOException {
    String template =
        HEAD
            + "{{ m.content + ('</s>' if loop.last and m.role == 'assistant' else '<|done|>') }}"
            + TAIL;
    assertThat(learnt(template, TWO_TURNS)).containsExactly("Hello.<|done|>", "Yes, more. </s>");
  }

  /** As GLM: what ends a turn is the head of the next one. */
  @Test
  void turns_thatEndWithTheNextOne_areFoundAll() throws IOException {
    String template = "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content }}{% endfor %}";
    template += "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";
    assertThat(learnt(template, TWO_TURNS))
        .containsExactly("Hello.<|user|>", "Yes, more. <|user|>");
  }

  @Test
  void turns_thatTheTemplateMarks_areThose() throws IOException {
    String template =
        HEAD
            + "{% if m.role == 'assistant' %}{% generation %}{{ m.content + '!<|im_end|>' }}"
            + "{% endgeneration %}{% else %}{{ m.content + '<|im_end|>' }}{% endif %}"
            + TAIL;
    assertThat(learnt(template, TWO_TURNS))
        .containsExactly("Hello.!<|im_end|>", "Yes, more. !<|im_end|>");
  }

  @Test
  void turns_withoutWeight_areReadOnly() throws IOException {
    String line = TWO_TURNS.replace("\"Hello.\"", "\"Hello.\", \"weight\": 0");
    assertThat(learnt("", line)).containsExactly("Yes, more. <|im_end|>");
    String marked =
        HEAD
            + "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}"
            + "{% endif %}"
            + TAIL;
    assertThat(learnt(marked, line)).containsExactly("Yes, more. ");
  }

  @Test
  void toolCalls_areLearnt() throws IOException {
    String template =
        HEAD
            + "{{ m.content }}{% for c in m.tool_calls or [] %}<call>{{ c.function.name }} "
            + "{{ c.function.arguments | tojson }}</call>{% endfor %}{{ '<|im_end|>\\n' }}"
            + TAIL;
    String line =
        """
        {"messages": [{"role": "user", "content": "Rain?"}, {"role": "assistant", "content": null, \
        "tool_calls": [{"type": "function", "function": {"name": "sky", "arguments": "{\\"at\\": 1}"}}]}, \
        {"role": "tool", "content": "no"}, {"role": "assistant", "content": "No rain."}]}
        """;
    assertThat(learnt(template, line))
        .containsExactly("<call>sky {\"at\": 1}</call><|im_end|>", "No rain.<|im_end|>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'conversations':[{'from':'human','value':'a'},{'from':'gpt','value':'b'}]}",
        "{'instruction':'a','input':'','output':'b'}",
        "{'instruction':'a','output':'b','system':'Be brief.'}",
        "{'messages':[{'role':'user','content':[{'type':'text','text':'a'}]},{'role':'assistant','content':'b'}]}"
      })
  void forms_ofOtherMakers_areRead(String line) throws IOException {
    assertThat(learnt("", line.replace('\'', '"'))).containsExactly("b<|im_end|>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'text':'a'}|[text]",
        "{'messages':[{'role':'user','content':'a'}]}|nothing to learn",
        "{'messages':[{'role':'robot','content':'a'}]}|role=robot",
        "{'messages':[{'role':'user','content':[{'type':'image_url'}]}]}|no text",
        "{'messages':[{'role':'assistant'}]}|without content",
        "{'conversations':[{'from':'function_call','value':'a'}]}|function_call",
        "{'conversations':[{'human':'a'}]}|without from",
        "{'instruction':1,'output':'b'}|no text",
        "{'instruction':'a','output':'b','history':[['a','b']]}|history",
        "[1]|no object",
        "{'messages'|no JSON",
      })
  void line_thatIsWrong_isNamed(String line, String part) throws IOException {
    assertThatThrownBy(() -> chats("\n" + line.replace('\'', '"') + "\n"))
        .isInstanceOfSatisfying(
            MoineauException.class, e -> assertThat(e.code()).isEqualTo("finetune-bad-data"))
        .hasMessageContaining("chats.jsonl line 2: ")
        .hasMessageContaining(part);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        // no token between turns
        "{% for m in messages %}{{ m.content }} {% endfor %}#finetune-unclear-turn#end-of-turn",
        // earlier turns are left out
        "{{ messages[-1].content }}<|im_end|>#finetune-unclear-turn#no beginning",
        "{{ raise_exception('only one question') }}#finetune-template#only one question",
      })
  void template_thatShowsNoTurns_isRefused(String template, String code, String part) {
    assertThatThrownBy(() -> learnt(template, TWO_TURNS))
        .isInstanceOfSatisfying(MoineauException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining("chats.jsonl line 1")
        .hasMessageContaining(part);
  }

  @Test
  void template_missing_isRefused() {
    assertThatThrownBy(() -> new ChatEncoder(new CharTokenizer("<s>", "</s>"), ""))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("no chat template");
  }

  /** Templates of models in use: what is learnt is what was said, and one token more. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Apertus-8B-Instruct",
        "ByteDance-Seed-OSS",
        "DeepSeek-V3",
        "GLM-4.6",
        "GLM-4.7-Flash",
        "Kimi-K2-Instruct",
        "LFM2-8B-A1B",
        "MiMo-VL",
        "Mistral-Nemo",
        "Qwen-Qwen2.5-7B-Instruct",
        "Qwen-Qwen3-0.6B",
        "Qwen3-Coder",
        "StepFun3.5-Flash"
      })
  void templates_ofModels_showTheirTurns(String name) throws IOException {
    Path file =
        SharedFiles.oracles()
            .map(oracles -> oracles.resolve("templates/" + name + ".jinja"))
            .orElse(folder.resolve("none"));
    assumeTrue(Files.exists(file), "no template " + name);
    CharTokenizer tokenizer = new CharTokenizer("<s>", "</s>", "<|im_end|>");
    ChatEncoder encoder = new ChatEncoder(tokenizer, Files.readString(file));
    List<String> said =
        learnt(tokenizer, encoder.encode(chats(TWO_TURNS.replace("more. ", "more.")).getFirst()));
    assertThat(said).hasSize(2);
    assertThat(said.get(0)).matches("(?s).*Hello\\.\\s*[<\\[].+[>\\]]");
    assertThat(said.get(1)).matches("(?s).*Yes, more\\.\\s*[<\\[].+[>\\]]");
  }
}
