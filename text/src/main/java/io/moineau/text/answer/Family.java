package io.moineau.text.answer;

import java.util.List;
import java.util.Locale;

/** How families of models write calls of tools. */
enum Family {
  /** gpt-oss: channels. */
  HARMONY(List.of(), List.of()),
  /** DeepSeek V3.2 and later. */
  DSML(
      List.of(XmlForm.DSML.callOpen()),
      List.of(
          "<\uFF5CDSML\uFF5Ctool_calls>",
          "</\uFF5CDSML\uFF5Ctool_calls>",
          "<\uFF5CDSML\uFF5Cfunction_calls>",
          "</\uFF5CDSML\uFF5Cfunction_calls>")),
  /** MiniMax M2. */
  MINIMAX(
      List.of(XmlForm.INVOKE.callOpen()), List.of("<minimax:tool_call>", "</minimax:tool_call>")),
  /** Seed-OSS. */
  SEED(List.of(XmlForm.FUNCTION.callOpen()), List.of("<seed:tool_call>", "</seed:tool_call>")),
  /** Kimi K2. */
  KIMI(
      List.of("<|tool_call_begin|>"),
      List.of("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", "<|tool_call_end|>")),
  /** DeepSeek V3 and R1, whose arguments stand in a fence. */
  DEEPSEEK_V3(Names.DEEPSEEK_OPENERS, Names.DEEPSEEK_DROPS),
  /** DeepSeek V3.1. */
  DEEPSEEK_V31(Names.DEEPSEEK_OPENERS, Names.DEEPSEEK_DROPS),
  /** Mistral up to Small 3: a list. */
  MISTRAL(List.of("[TOOL_CALLS]"), List.of()),
  /** Mistral from Small 3.1 and Devstral on: a marker for each call. */
  MISTRAL_ARGS(List.of("[TOOL_CALLS]"), List.of()),
  /** Command R7B and A. */
  COMMAND_R7B(
      List.of("<|START_ACTION|>"),
      List.of("<|END_ACTION|>", "<|START_RESPONSE|>", "<|END_RESPONSE|>")),
  /** Apertus. */
  APERTUS(List.of("<|tools_prefix|>"), List.of("<|tools_suffix|>")),
  /** Qwen3-Coder, Nemotron 3, StepFun 3.5. */
  QWEN_CODER(List.of("<tool_call>", XmlForm.FUNCTION.callOpen()), List.of("</tool_call>")),
  /** GLM 4.5 and later. */
  GLM(List.of("<tool_call>"), List.of("</tool_call>")),
  /** Hermes, Qwen 2.5 and 3, Ernie 4.5, Ling, and others. */
  HERMES(List.of("<tool_call>"), List.of("</tool_call>")),
  /** Firefunction. */
  FIREFUNCTION(List.of(" functools", "functools"), List.of()),
  /** Functionary 3.1, and Llama 3 told to write so. */
  FUNCTION_TAG(List.of(XmlForm.FUNCTION.callOpen()), List.of()),
  /** Granite 3. */
  GRANITE(List.of("<|tool_call|>"), List.of()),
  /** Granite 20B for function calling. */
  FUNCTION_CALL_TAG(List.of("<function_call>"), List.of("</function_call>")),
  /** InternLM 2. */
  INTERNLM(List.of("<|action_start|><|plugin|>"), List.of("<|action_end|>")),
  /** GigaChat 3.1. */
  GIGACHAT(List.of("<|function_call|>"), List.of()),
  /** Hunyuan, Apriel: a list between tags. */
  TOOL_CALLS_TAG(List.of("<tool_calls>"), List.of("</tool_calls>")),
  /** Nemotron Nano 2. */
  TOOLCALL_TAG(List.of("<TOOLCALL>"), List.of("</TOOLCALL>")),
  /** Llama 3: JSON at the beginning of the answer. */
  LLAMA3(List.of("<|python_tag|>"), List.of()),
  /** No form that we know: the model is asked for Hermes' one. */
  GENERIC(List.of("<tool_call>"), List.of("</tool_call>"));

  private static final class Names {
    static final List<String> DEEPSEEK_OPENERS = List.of("<\uFF5Ctool\u2581call\u2581begin\uFF5C>");
    static final List<String> DEEPSEEK_DROPS =
        List.of(
            "<\uFF5Ctool\u2581calls\u2581begin\uFF5C>",
            "<\uFF5Ctool\u2581calls\u2581end\uFF5C>",
            NamedCallReader.DEEPSEEK_END);
  }

  private final List<String> openers;
  private final List<String> drops;

  Family(List<String> openers, List<String> drops) {
    this.openers = openers;
    this.drops = drops;
  }

  /** What begins a call. */
  List<String> openers() {
    return openers;
  }

  /** What stands around calls and says nothing more. */
  List<String> drops() {
    return drops;
  }

  /** A name for people, such as {@code qwen-coder}. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The family whose markers a chat template has. */
  static Family of(String template) {
    if (template.contains("<|channel|>") && template.contains("<|message|>")) {
      return HARMONY;
    }
    if (template.contains("\uFF5CDSML\uFF5C")) {
      return DSML;
    }
    if (template.contains("minimax:tool_call")) {
      return MINIMAX;
    }
    if (template.contains("seed:tool_call")) {
      return SEED;
    }
    if (template.contains("tool_calls_section_begin")) {
      return KIMI;
    }
    if (template.contains("tool\u2581calls\u2581begin")) {
      return template.contains("```json") ? DEEPSEEK_V3 : DEEPSEEK_V31;
    }
    if (template.contains("[TOOL_CALLS]")) {
      return template.contains("[ARGS]") ? MISTRAL_ARGS : MISTRAL;
    }
    if (template.contains("<|START_ACTION|>")) {
      return COMMAND_R7B;
    }
    if (template.contains("<|tools_prefix|>")) {
      return APERTUS;
    }
    return ofTags(template);
  }

  private static Family ofTags(String template) {
    if (template.contains("<tool_call>") && template.contains("<arg_key>")) {
      return GLM;
    }
    if (template.contains("<tool_call>")
        && template.contains(XmlForm.FUNCTION.callOpen())
        && template.contains(XmlForm.FUNCTION.keyOpen())) {
      return QWEN_CODER;
    }
    if (template.contains("<tool_calls>")) {
      return TOOL_CALLS_TAG;
    }
    if (template.contains("<tool_call>")) {
      return HERMES;
    }
    if (template.contains("functools[")) {
      return FIREFUNCTION;
    }
    if (template.contains(XmlForm.FUNCTION.callOpen())) {
      return FUNCTION_TAG;
    }
    if (template.contains("<TOOLCALL>")) {
      return TOOLCALL_TAG;
    }
    if (template.contains("<|tool_call|>")) {
      return GRANITE;
    }
    if (template.contains("<|action_start|>")) {
      return INTERNLM;
    }
    if (template.contains("<|function_call|>")) {
      return GIGACHAT;
    }
    if (template.contains("<function_call>")) {
      return FUNCTION_CALL_TAG;
    }
    if (template.contains("<|start_header_id|>") && template.contains("\"parameters\": ")) {
      return LLAMA3;
    }
    return GENERIC;
  }
}
