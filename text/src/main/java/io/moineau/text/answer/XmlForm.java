package io.moineau.text.answer;

/**
 * How a family writes a call with tags around each parameter.
 *
 * @param callOpen before the function's name
 * @param nameClose behind it
 * @param keyOpen before a parameter's name
 * @param keyClose behind it
 * @param valueOpen before its value, after white space; empty if the value follows at once
 * @param valueClose behind the value
 * @param callClose behind the call
 * @param newlines whether a line feed after the opening and before the closing tag of a value is
 *     not part of it
 */
record XmlForm(
    String callOpen,
    String nameClose,
    String keyOpen,
    String keyClose,
    String valueOpen,
    String valueClose,
    String callClose,
    boolean newlines) {
  /** Qwen3-Coder, Seed-OSS, Nemotron 3, StepFun 3.5. */
  static final XmlForm FUNCTION =
      new XmlForm("<function=", ">", "<parameter=", ">", "", "</parameter>", "</function>", true);

  /** MiniMax M2. */
  static final XmlForm INVOKE =
      new XmlForm(
          "<invoke name=\"",
          "\">",
          "<parameter name=\"",
          "\">",
          "",
          "</parameter>",
          "</invoke>",
          true);

  /** DeepSeek V3.2 and later; a key is followed by whether its value is a string. */
  static final XmlForm DSML =
      new XmlForm(
          "<\uFF5CDSML\uFF5Cinvoke name=\"",
          "\">",
          "<\uFF5CDSML\uFF5Cparameter name=\"",
          "\">",
          "",
          "</\uFF5CDSML\uFF5Cparameter>",
          "</\uFF5CDSML\uFF5Cinvoke>",
          false);

  /** GLM 4.5 and later. */
  static final XmlForm ARG_KEY =
      new XmlForm(
          "<tool_call>",
          "\n",
          "<arg_key>",
          "</arg_key>",
          "<arg_value>",
          "</arg_value>",
          "</tool_call>",
          false);
}
