package io.moineau.text.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.text.Json;
import io.moineau.text.TextException;
import io.moineau.text.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What each family writes, cut at every place, gives the same parts. */
class AnswerParserTest {
  static final List<Tool> TOOLS =
      List.of(
          new Tool(
              "order_parts",
              "",
              Map.of(
                  "type",
                  "object",
                  "properties",
                  Map.of(
                      "items", Map.of("type", "array"),
                      "budget", Map.of("type", "number"),
                      "express", Map.of("type", "boolean"),
                      "note", Map.of("type", List.of("string", "null")),
                      "text", Map.of("type", "string"))),
              false),
          new Tool("now", "", Map.of("type", "object", "properties", Map.of()), false));

  /** One answer and what is in it: {@code calls} as name and arguments, each in turn. */
  record Case(
      String name,
      String template,
      String prompt,
      String text,
      String reasoning,
      String content,
      List<String> calls) {}

  private static Case of(String name, String template, String text, Object... expected) {
    List<String> calls = new ArrayList<>();
    for (int i = 2; i < expected.length; i++) {
      calls.add((String) expected[i]);
    }
    return new Case(
        name, template, "", text, (String) expected[0], (String) expected[1], List.copyOf(calls));
  }

  private static final String ORDER =
      "{\"items\": [{\"sku\": \"A}]\\\"-1\", \"count\": 2}], \"budget\": 12.0}";

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    String hermes = "<tool_call>";
    cases.add(
        of(
            "hermes",
            hermes,
            "<think>\nTwo calls.\n</think>\n\nLet me <see>.\n<tool_call>\n{\"name\": \"order_parts\", \"arguments\": "
                + ORDER
                + "}\n</tool_call>\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>",
            "Two calls.",
            "Let me <see>.",
            "order_parts",
            ORDER,
            "now",
            "{}"));
    cases.add(
        of(
            "hermes, arguments first, then text",
            hermes,
            "<tool_call>{\"arguments\": {\"a\": \"}\"}, \"name\": \"now\"}</tool_call>\nDone. ",
            "",
            "Done.",
            "now",
            "{\"a\": \"}\"}"));
    cases.add(
        of(
            "hermes, arguments as a string",
            hermes,
            "<tool_call>{\"name\": \"now\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>",
            "",
            "",
            "now",
            "{\"a\": 1}"));
    cases.add(
        of(
            "hermes, nested as OpenAI's API does, two in one tag",
            hermes,
            "<tool_call>{\"type\": \"function\", \"function\": {\"name\": \"now\", \"arguments\": {}}}\n"
                + "{\"name\": \"now\"}</tool_call>",
            "",
            "",
            "now",
            "{}",
            "now",
            "{}"));
    cases.add(
        of(
            "no call after all",
            hermes,
            "It writes <tool_call> and then text, <tool",
            "",
            "It writes <tool_call> and then text, <tool"));
    String coder = "<tool_call><function=x><parameter=y>";
    String coderCall =
        "<tool_call>\n<function=order_parts>\n<parameter=items>\n[{'sku': 'A', 'n': None}]\n</parameter>\n"
            + "<parameter=budget>\n12.0\n</parameter>\n<parameter=express>\nTrue\n</parameter>\n"
            + "<parameter=note>\nNone\n</parameter>\n<parameter=text>\n12\n\"é\"</par\n</parameter>\n"
            + "</function>\n</tool_call>\n<tool_call>\n<function=now>\n</function>\n</tool_call>";
    String coderJson =
        "{\"items\": [{\"sku\": \"A\", \"n\": null}], \"budget\": 12.0, \"express\": true, \"note\": null, "
            + "\"text\": \"12\\n\\\"é\\\"</par\"}";
    cases.add(
        of(
            "qwen3-coder",
            coder,
            "Well.\n\n" + coderCall,
            "",
            "Well.",
            "order_parts",
            coderJson,
            "now",
            "{}"));
    cases.add(
        of(
            "qwen3-coder without the outer tag",
            coder,
            "<function=now>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>",
            "",
            "",
            "now",
            "{\"a\": 1}"));
    cases.add(
        of(
            "seed",
            "<seed:tool_call><seed:think>",
            "<seed:think>Two.</seed:think>\n\n"
                + coderCall.replace("tool_call>", "seed:tool_call>").replace("<tool", "<seed:tool"),
            "Two.",
            "",
            "order_parts",
            coderJson,
            "now",
            "{}"));
    cases.add(
        of(
            "minimax",
            "<minimax:tool_call>",
            "Yes.\n<minimax:tool_call>\n<invoke name=\"order_parts\">\n<parameter name=\"text\">a < b</parameter>\n"
                + "<parameter name=\"budget\">3</parameter>\n</invoke>\n<invoke name=\"now\">\n</invoke>\n</minimax:tool_call>",
            "",
            "Yes.",
            "order_parts",
            "{\"text\": \"a < b\", \"budget\": 3}",
            "now",
            "{}"));
    cases.add(
        of(
            "glm",
            "<tool_call><arg_key>",
            "<think>Hm.</think>\nSee:\n<tool_call>order_parts\n<arg_key>items</arg_key>\n<arg_value>[1, 2]</arg_value>\n"
                + "<arg_key>text</arg_key>\n<arg_value>on\ntwo lines\n</arg_value>\n</tool_call>\n<tool_call>now\n</tool_call>",
            "Hm.",
            "See:",
            "order_parts",
            "{\"items\": [1, 2], \"text\": \"on\\ntwo lines\\n\"}",
            "now",
            "{}"));
    cases.add(
        of(
            "glm 4.7",
            "<tool_call><arg_key>",
            "<tool_call>now<arg_key>zone</arg_key><arg_value>UTC</arg_value></tool_call>",
            "",
            "",
            "now",
            "{\"zone\": \"UTC\"}"));
    cases.add(
        of(
            "dsml",
            "｜DSML｜",
            "Let me see.\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"order_parts\">\n"
                + "<｜DSML｜parameter name=\"items\" string=\"false\">[{\"a\": 1}]</｜DSML｜parameter>\n"
                + "<｜DSML｜parameter name=\"budget\" string=\"true\">12</｜DSML｜parameter>\n</｜DSML｜invoke>\n"
                + "<｜DSML｜invoke name=\"now\">\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>",
            "",
            "Let me see.",
            "order_parts",
            "{\"items\": [{\"a\": 1}], \"budget\": \"12\"}",
            "now",
            "{}"));
    cases.add(
        of(
            "deepseek v3",
            "<｜tool▁calls▁begin｜>```json",
            "<think>\nHm.\n</think>\n\nOk.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>order_parts\n```json\n"
                + ORDER
                + "\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "Hm.",
            "Ok.",
            "order_parts",
            ORDER,
            "now",
            "{}"));
    cases.add(
        of(
            "deepseek v3.1",
            "<｜tool▁calls▁begin｜>",
            "Ok.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>order_parts<｜tool▁sep｜>"
                + ORDER
                + "<｜tool▁call▁end｜><｜tool▁call▁begin｜>now<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "",
            "Ok.",
            "order_parts",
            ORDER,
            "now",
            "{}"));
    cases.add(
        of(
            "kimi",
            "<|tool_calls_section_begin|>",
            "Ok.<|tool_calls_section_begin|><|tool_call_begin|>functions.order_parts:0<|tool_call_argument_begin|>"
                + ORDER
                + "<|tool_call_end|><|tool_call_begin|>functions.now:1<|tool_call_argument_begin|>{}<|tool_call_end|>"
                + "<|tool_calls_section_end|>",
            "",
            "Ok.",
            "order_parts",
            ORDER,
            "now",
            "{}"));
    cases.add(
        of(
            "mistral, a list",
            "[TOOL_CALLS]",
            "[TOOL_CALLS][{\"name\": \"order_parts\", \"arguments\": "
                + ORDER
                + ", \"id\": \"aaaaaaaa1\"}, {\"name\": \"now\", \"arguments\": {}, \"id\": \"aaaaaaaa2\"}]",
            "",
            "",
            "order_parts",
            ORDER,
            "now",
            "{}"));
    cases.add(
        of(
            "mistral, a marker each",
            "[TOOL_CALLS][ARGS][THINK]",
            "[THINK]Hm.[/THINK]Ok.[TOOL_CALLS]order_parts[ARGS]"
                + ORDER
                + "[TOOL_CALLS]now[CALL_ID]abcdefghi[ARGS]{}",
            "Hm.",
            "Ok.",
            "order_parts",
            ORDER,
            "now",
            "{}"));
    cases.add(
        of(
            "llama 3",
            "<|start_header_id|> \"parameters\": ",
            "\n{\"type\": \"function\", \"name\": \"now\", \"parameters\": {\"a\": [1]}}; {\"name\": \"now\", \"parameters\": {}}",
            "",
            "",
            "now",
            "{\"a\": [1]}",
            "now",
            "{}"));
    cases.add(
        of(
            "llama 3, python tag",
            "<|start_header_id|> \"parameters\": ",
            "<|python_tag|>{\"name\": \"now\", \"parameters\": {}}",
            "",
            "",
            "now",
            "{}"));
    cases.add(
        of(
            "llama 3, JSON that calls nothing",
            "<|start_header_id|> \"parameters\": ",
            "{\"name\": \"Ada\", \"born\": 1815}",
            "",
            "{\"name\": \"Ada\", \"born\": 1815}"));
    cases.add(
        of(
            "granite",
            "<|tool_call|><think><response></response>",
            "<think>Hm.</think><response><|tool_call|>[{\"name\": \"now\", \"arguments\": {}}]</response>",
            "Hm.",
            "",
            "now",
            "{}"));
    cases.add(
        of(
            "hunyuan",
            "<tool_calls><answer></answer>",
            "<think>\nHm.\n</think>\n<answer>\nOk.\n<tool_calls>[{\"name\": \"now\", \"arguments\": {}}]</tool_calls>\n</answer>",
            "Hm.",
            "Ok.",
            "now",
            "{}"));
    cases.add(
        of(
            "command r7b",
            "<|START_ACTION|><|START_THINKING|>",
            "<|START_THINKING|>Hm.<|END_THINKING|><|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"now\", \"parameters\": {}}\n]<|END_ACTION|>",
            "Hm.",
            "",
            "now",
            "{}"));
    cases.add(
        of(
            "apertus",
            "<|tools_prefix|>",
            "Ok.<|tools_prefix|>[{\"order_parts\": " + ORDER + "}, {\"now\": {}}]<|tools_suffix|>",
            "",
            "Ok.",
            "order_parts",
            ORDER,
            "now",
            "{}"));
    cases.add(
        of(
            "functools",
            " functools[",
            "Ok. functools[{\"name\": \"now\", \"arguments\": {}}]",
            "",
            "Ok.",
            "now",
            "{}"));
    cases.add(
        of(
            "function tag",
            "<function=",
            "Ok.<function=order_parts>" + ORDER + "</function><function=now>{}</function>",
            "",
            "Ok.",
            "order_parts",
            ORDER,
            "now",
            "{}"));
    cases.add(
        of(
            "internlm",
            "<|action_start|><|plugin|>",
            "Ok.<|action_start|><|plugin|>\n{\"name\": \"now\", \"arguments\": {}}<|action_end|>",
            "",
            "Ok.",
            "now",
            "{}"));
    cases.add(
        of(
            "apriel",
            "Here are my reasoning steps: <tool_calls>",
            "Here are my reasoning steps:\nHm.\n[BEGIN FINAL RESPONSE]\nOk.\n[END FINAL RESPONSE]",
            "Hm.",
            "Ok."));
    String harmony = "<|channel|><|message|>";
    cases.add(
        of(
            "harmony",
            harmony,
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>Wait.<|end|>"
                + "<|start|>assistant<|channel|>commentary to=functions.order_parts <|constrain|>json<|message|>"
                + ORDER
                + "<|call|>",
            "Hm.",
            "Wait.",
            "order_parts",
            ORDER));
    cases.add(
        of(
            "harmony, the recipient first",
            harmony,
            " to=functions.now<|channel|>commentary json<|message|>{}",
            "",
            "",
            "now",
            "{}"));
    cases.add(
        of(
            "harmony, the answer",
            harmony,
            "<|channel|>analysis<|message|>A<|end|><|start|>assistant<|channel|>final<|message|>It is < 2.<|return|>",
            "A",
            "It is < 2."));
    cases.add(of("plain", "", "  Hello <b>you</b> \n", "", "  Hello <b>you</b> \n"));
    return cases;
  }

  /** What parts come to. */
  record Whole(String reasoning, String content, List<String> calls, List<String> ids) {
    static Whole of(List<AnswerPart> parts) {
      StringBuilder reasoning = new StringBuilder();
      StringBuilder content = new StringBuilder();
      List<String> calls = new ArrayList<>();
      List<String> ids = new ArrayList<>();
      for (AnswerPart part : parts) {
        switch (part) {
          case AnswerPart.Reasoning r -> reasoning.append(r.text());
          case AnswerPart.Content c -> content.append(c.text());
          case AnswerPart.ToolCallStart s -> {
            assertThat(s.index()).isEqualTo(ids.size());
            calls.add(s.name());
            calls.add("");
            ids.add(s.id());
          }
          case AnswerPart.ToolCallArguments a -> {
            assertThat(a.index()).isEqualTo(ids.size() - 1);
            calls.set(calls.size() - 1, calls.getLast() + a.delta());
          }
        }
      }
      return new Whole(reasoning.toString(), content.toString(), calls, ids);
    }
  }

  static AnswerFormat format(String template) {
    return AnswerFormat.of(template, new MarkerTokens(List.of()));
  }

  private static AnswerParser parser(Case one) {
    int[] count = {0};
    return format(one.template).parser(TOOLS, one.prompt, () -> "id" + count[0]++);
  }

  private static void check(Case one, Whole whole) {
    assertThat(whole.calls).isEqualTo(one.calls);
    assertThat(whole.content).isEqualTo(one.content);
    assertThat(whole.reasoning).isEqualTo(one.reasoning);
    for (int i = 1; i < whole.calls.size(); i += 2) {
      assertThat(Json.parse(whole.calls.get(i))).isInstanceOf(Map.class);
    }
  }

  private static Whole run(Case one, List<String> pieces) {
    AnswerParser parser = parser(one);
    List<AnswerPart> parts = new ArrayList<>();
    pieces.forEach(piece -> parts.addAll(parser.push(piece)));
    parts.addAll(parser.flush());
    return Whole.of(parts);
  }

  @TestFactory
  Stream<DynamicTest> families_cutAnywhere_giveTheSameParts() {
    return cases().stream()
        .map(one ->
            DynamicTest.dynamicTest(
                one.name,
                () -> {
                  String text = one.text;
                  check(one, run(one, List.of(text)));
                  check(one, run(one, List.of(text.split("(?<=.)(?=.)", -1))));
                  check(one, run(one, text.chars().mapToObj(Character::toString).toList()));
                  for (int i = 1; i < text.length(); i++) {
                    check(one, run(one, List.of(text.substring(0, i), text.substring(i))));
                  }
                  for (int seed = 0; seed < 50; seed++) {
                    check(one, run(one, randomPieces(text, new Random(seed))));
                  }
                }));
  }

  private static List<String> randomPieces(String text, Random random) {
    List<String> pieces = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int to = Math.min(text.length(), at + 1 + random.nextInt(12));
      pieces.add(text.substring(at, to));
      at = to;
    }
    return pieces;
  }

  @Test
  void garbage_ofMarkersAndBrackets_neverThrowsNorLosesTheReader() {
    String alphabet = "{}[]\"\\:,;<>/ \n\tnaé｜▁=";
    for (Case one : cases()) {
      for (int seed = 0; seed < 40; seed++) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 12; i++) {
          int from = random.nextInt(one.text.length());
          int to = Math.min(one.text.length(), from + random.nextInt(30));
          text.append(one.text, from, to);
          for (int j = random.nextInt(4); j > 0; j--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
          }
        }
        Whole whole = run(one, randomPieces(text.toString(), random));
        Whole again = run(one, List.of(text.toString()));
        assertThat(whole).as(one.name + " seed " + seed + ": " + text).isEqualTo(again);
      }
    }
  }

  @Test
  void garbage_withoutAnyCall_isAllContent() {
    AnswerParser parser = format("<tool_call>").parser(TOOLS, "");
    String text = "a <tool_call> {\"nme\": 1} </tool_cal <tool_call>{\"name\": 7}";
    List<AnswerPart> parts = new ArrayList<>(parser.push(text));
    parts.addAll(parser.flush());
    assertThat(Whole.of(parts).content()).isEqualTo(text);
  }

  @Test
  void reasoning_openedByThePrompt_comesFirst() {
    AnswerParser parser = format("<think>").parser(List.of(), "<|assistant|>\n<think>\n");
    assertThat(parser.isReasoning()).isTrue();
    List<AnswerPart> parts = new ArrayList<>(parser.push("Hm. \n</th"));
    assertThat(parts).containsExactly(new AnswerPart.Reasoning("Hm."));
    parts.addAll(parser.push("ink>\n\nYes. \n"));
    parts.addAll(parser.flush());
    assertThat(Whole.of(parts)).isEqualTo(new Whole("Hm.", "Yes. \n", List.of(), List.of()));
  }

  @Test
  void withoutTools_callsStayText() {
    AnswerParser parser = format("<tool_call>").parser(List.of(), "");
    String text = "<tool_call>{\"name\": \"now\"}</tool_call>";
    List<AnswerPart> parts = new ArrayList<>(parser.push(text));
    parts.addAll(parser.flush());
    assertThat(parts).containsExactly(new AnswerPart.Content(text));
  }

  @Test
  void arguments_streamWhileTheyCome() {
    AnswerParser parser = format("<tool_call>").parser(TOOLS, "");
    assertThat(parser.push("<tool_call>{\"name\": \"now\", \"argum")).isEmpty();
    assertThat(parser.push("ents\": {\"a\": \"b")).hasSize(2);
    assertThat(parser.push("c")).containsExactly(new AnswerPart.ToolCallArguments(0, "c"));
    AnswerParser xml = format("<function=").parser(TOOLS, "");
    xml.push("<function=order_parts><parameter=text>one");
    assertThat(xml.push(" two")).containsExactly(new AnswerPart.ToolCallArguments(0, " two"));
  }

  @Test
  void cutOff_inTheMiddleOfArguments_isLeftUnfinished() {
    AnswerParser parser = format("<function=").parser(TOOLS, "");
    List<AnswerPart> parts = new ArrayList<>();
    parts.addAll(parser.push("<function=order_parts><parameter=text>one"));
    parts.addAll(parser.flush(true));
    String cut = Whole.of(parts).calls().get(1);
    assertThat(cut).isEqualTo("{\"text\": \"one");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> Json.parse(cut))
        .isInstanceOf(TextException.class);
    AnswerParser ended = format("<function=").parser(TOOLS, "");
    parts.clear();
    parts.addAll(ended.push("<function=order_parts><parameter=text>one"));
    parts.addAll(ended.flush());
    assertThat(Whole.of(parts).calls().get(1)).isEqualTo("{\"text\": \"one\"}");
  }

  @Test
  void ids_haveTheFormOfTheFamily() {
    assertThat(format("<tool_call>").newId()).matches("call_[A-Za-z0-9]{24}");
    assertThat(format("[TOOL_CALLS]").newId()).matches("[A-Za-z0-9]{9}");
    AnswerParser kimi = format("<|tool_calls_section_begin|>").parser(TOOLS, "");
    List<AnswerPart> parts =
        kimi.push(
            "<|tool_call_begin|>functions.now:3<|tool_call_argument_begin|>{}<|tool_call_end|>");
    assertThat(Whole.of(parts).ids()).containsExactly("functions.now:3");
  }

  @Test
  void specialTokens_ofTheFormat_areNoTextWhereCallsAreNotRead() {
    AnswerFormat format =
        AnswerFormat.of("[TOOL_CALLS]", new MarkerTokens(List.of("<s>", "[TOOL_CALLS]")));
    assertThat(format.shows(1)).isTrue();
    assertThat(format.shows(0)).isFalse();
    AnswerParser parser = format.parser(List.of(), "");
    List<AnswerPart> parts = new ArrayList<>(parser.push("a[TOOL_CALLS]b <s>c</s>"));
    parts.addAll(parser.flush());
    assertThat(Whole.of(parts).content()).isEqualTo("ab <s>c</s>");
  }
}
