package io.moineau.text.answer;

import io.moineau.text.Json;
import io.moineau.text.TextException;
import io.moineau.text.ToolCall;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pieces in which a family writes calls: {@code open pre NAME mid ARGUMENTS post sep pre NAME
 * mid ARGUMENTS post close}.
 *
 * @param open begins the calls; what triggers a grammar
 * @param pre before a function's name; {@link #NUMBER} stands for the call's number
 * @param mid between name and arguments
 * @param post behind the arguments
 * @param sep between two calls
 * @param close behind the last
 * @param parallel whether one answer may hold several
 * @param xml how parameters are written if not as JSON
 * @param space what stands around a value between tags, and behind its closing tag
 */
record CallForm(
    String open,
    String pre,
    String mid,
    String post,
    String sep,
    String close,
    boolean parallel,
    @Nullable XmlForm xml,
    Space space) {
  /** Stands for the number of a call, from 0. */
  static final String NUMBER = "\u0000";

  private static final String NAME = "{\"name\": \"";
  private static final String ARGUMENTS = "\", \"arguments\": ";

  /**
   * Line feeds around values.
   *
   * @param inside between the tags and the value
   * @param behind between a key's closing tag and the opening tag of its value, and behind the
   *     value's closing tag
   */
  record Space(String inside, String behind) {
    static final Space NONE = new Space("", "");
  }

  static CallForm of(Family family) {
    return switch (family) {
      case HERMES, GENERIC ->
          json("<tool_call>", "\n" + NAME, ARGUMENTS, "}\n</tool_call>", "\n<tool_call>", "");
      case TOOL_CALLS_TAG -> list("<tool_calls>", "</tool_calls>");
      case TOOLCALL_TAG -> list("<TOOLCALL>", "</TOOLCALL>");
      case MISTRAL -> list("[TOOL_CALLS]", "");
      case GRANITE -> list("<|tool_call|>", "");
      case FIREFUNCTION -> list(" functools", "");
      case COMMAND_R7B ->
          json(
              "<|START_ACTION|>[",
              "\n    {\"tool_call_id\": \"" + NUMBER + "\", \"tool_name\": \"",
              "\", \"parameters\": ",
              "}",
              ",",
              "\n]<|END_ACTION|>");
      case APERTUS -> json("<|tools_prefix|>[", "{\"", "\": ", "}", ", ", "]<|tools_suffix|>");
      case LLAMA3 -> one("", NAME, "\", \"parameters\": ", "}");
      case GIGACHAT -> one("<|function_call|>", NAME, ARGUMENTS, "}");
      case FUNCTION_CALL_TAG ->
          json("<function_call>", " " + NAME, ARGUMENTS, "}", "\n<function_call>", "");
      case INTERNLM ->
          json(
              "<|action_start|><|plugin|>",
              "\n" + NAME,
              ARGUMENTS,
              "}<|action_end|>",
              "<|action_start|><|plugin|>",
              "");
      case FUNCTION_TAG -> json("<function=", "", ">", "</function>", "<function=", "");
      case MISTRAL_ARGS -> json("[TOOL_CALLS]", "", "[ARGS]", "", "[TOOL_CALLS]", "");
      case KIMI ->
          json(
              "<|tool_calls_section_begin|>",
              "<|tool_call_begin|>functions.",
              ":" + NUMBER + NamedCallReader.KIMI_ARGUMENTS,
              NamedCallReader.KIMI_END,
              "",
              "<|tool_calls_section_end|>");
      case DEEPSEEK_V3 ->
          json(
              "<\uFF5Ctool\u2581calls\u2581begin\uFF5C>",
              "<\uFF5Ctool\u2581call\u2581begin\uFF5C>function" + NamedCallReader.SEPARATOR,
              "\n```json\n",
              "\n```" + NamedCallReader.DEEPSEEK_END,
              "\n",
              "<\uFF5Ctool\u2581calls\u2581end\uFF5C>");
      case DEEPSEEK_V31 ->
          json(
              "<\uFF5Ctool\u2581calls\u2581begin\uFF5C>",
              "<\uFF5Ctool\u2581call\u2581begin\uFF5C>",
              NamedCallReader.SEPARATOR,
              NamedCallReader.DEEPSEEK_END,
              "",
              "<\uFF5Ctool\u2581calls\u2581end\uFF5C>");
      case HARMONY ->
          one("", "<|channel|>commentary to=functions.", " <|constrain|>json<|message|>", "");
      case QWEN_CODER ->
          xml(
              "<tool_call>",
              "\n<function=",
              ">\n",
              "</function>\n</tool_call>",
              "\n<tool_call>",
              "",
              XmlForm.FUNCTION,
              new Space("\n", "\n"));
      case SEED ->
          xml(
              "<seed:tool_call>",
              "\n<function=",
              ">\n",
              "</function>\n</seed:tool_call>",
              "\n<seed:tool_call>",
              "",
              XmlForm.FUNCTION,
              new Space("", "\n"));
      case MINIMAX ->
          xml(
              "<minimax:tool_call>",
              "\n<invoke name=\"",
              "\">\n",
              "</invoke>",
              "",
              "\n</minimax:tool_call>",
              XmlForm.INVOKE,
              new Space("", "\n"));
      case DSML ->
          xml(
              "<\uFF5CDSML\uFF5Ctool_calls>",
              "\n<\uFF5CDSML\uFF5Cinvoke name=\"",
              "\">\n",
              "</\uFF5CDSML\uFF5Cinvoke>",
              "",
              "\n</\uFF5CDSML\uFF5Ctool_calls>",
              XmlForm.DSML,
              new Space("", "\n"));
      case GLM ->
          xml(
              "<tool_call>",
              "",
              "\n",
              "</tool_call>",
              "\n<tool_call>",
              "",
              XmlForm.ARG_KEY,
              new Space("", "\n"));
    };
  }

  private static CallForm json(
      String open, String pre, String mid, String post, String sep, String close) {
    return new CallForm(open, pre, mid, post, sep, close, true, null, Space.NONE);
  }

  private static CallForm one(String open, String pre, String mid, String post) {
    return new CallForm(open, pre, mid, post, "", "", false, null, Space.NONE);
  }

  private static CallForm list(String open, String close) {
    return json(open + "[", NAME, ARGUMENTS, "}", ", ", "]" + close);
  }

  private static CallForm xml(
      String open,
      String pre,
      String mid,
      String post,
      String sep,
      String close,
      XmlForm form,
      Space space) {
    return new CallForm(open, pre, mid, post, sep, close, true, form, space);
  }

  /** Calls as a model of this family writes them. */
  String write(List<ToolCall> calls) {
    StringBuilder text = new StringBuilder(open);
    for (int i = 0; i < calls.size(); i++) {
      ToolCall call = calls.get(i);
      String number = Integer.toString(i);
      text.append(i == 0 ? "" : sep)
          .append(pre.replace(NUMBER, number))
          .append(call.name())
          .append(mid.replace(NUMBER, number))
          .append(xml == null ? call.arguments() : parameters(xml, call.arguments()))
          .append(post);
    }
    return text.append(close).toString();
  }

  private String parameters(XmlForm form, String arguments) {
    StringBuilder text = new StringBuilder();
    if (parsed(arguments) instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        boolean isString = entry.getValue() instanceof String;
        text.append(before(form, String.valueOf(entry.getKey()), isString))
            .append(isString ? entry.getValue() : Json.write(entry.getValue()))
            .append(after(form));
      }
    }
    return text.toString();
  }

  /** What stands before a parameter's value. */
  String before(XmlForm form, String key, boolean isString) {
    String named = form == XmlForm.DSML ? key + "\" string=\"" + isString : key;
    return form.keyOpen()
        + named
        + form.keyClose()
        + (form.valueOpen().isEmpty() ? "" : space.behind + form.valueOpen())
        + space.inside;
  }

  /** What stands behind a parameter's value. */
  String after(XmlForm form) {
    return space.inside + form.valueClose() + space.behind;
  }

  private static @Nullable Object parsed(String json) {
    try {
      return Json.parse(json);
    } catch (TextException e) {
      return null;
    }
  }
}
