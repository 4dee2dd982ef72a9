package io.moineau.text.answer;

import io.moineau.text.Json;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import io.moineau.text.grammar.Grammar;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * How a model writes reasoning and calls of tools, found from the markers in its chat template.
 * Immutable; may be used by several threads.
 */
public final class AnswerFormat {
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private final Family family;
  private final Reasoning reasoning;
  private final boolean reasons;
  private final Map<String, Integer> specials; // markers that are special tokens
  private final Set<Integer> shown;
  private final AnswerGrammars grammars;

  private AnswerFormat(String template, Tokenizer tokenizer) {
    family = Family.of(template);
    reasoning = Reasoning.of(template);
    reasons = family == Family.HARMONY || template.contains(reasoning.close());
    Map<String, Integer> found = new LinkedHashMap<>();
    for (String marker : markers(family, reasoning)) {
      OptionalInt id = tokenizer.find(marker);
      if (id.isPresent() && tokenizer.isSpecial(id.getAsInt())) {
        found.put(marker, id.getAsInt());
      }
    }
    specials = Collections.unmodifiableMap(found);
    shown = Set.copyOf(found.values());
    grammars = new AnswerGrammars(family, ReasoningGrammar.of(template, tokenizer), found.keySet());
  }

  /**
   * The format of a chat template.
   *
   * @param templateSource Jinja; empty for a model that has none
   * @param tokenizer tells which markers are special tokens
   */
  public static AnswerFormat of(String templateSource, Tokenizer tokenizer) {
    return new AnswerFormat(templateSource, tokenizer);
  }

  static Set<String> markers(Family family, Reasoning reasoning) {
    Set<String> markers = new LinkedHashSet<>();
    markers.add(reasoning.open());
    markers.add(reasoning.close());
    markers.addAll(reasoning.drops());
    markers.addAll(family.openers());
    markers.addAll(family.drops());
    switch (family) {
      case HARMONY -> markers.addAll(HarmonyParser.MARKERS);
      case KIMI -> markers.add(NamedCallReader.KIMI_ARGUMENTS);
      case DEEPSEEK_V3, DEEPSEEK_V31 -> markers.add(NamedCallReader.SEPARATOR);
      case MISTRAL, MISTRAL_ARGS -> markers.addAll(List.of("[ARGS]", "[CALL_ID]"));
      case INTERNLM -> markers.addAll(List.of("<|action_start|>", "<|plugin|>"));
      case DSML -> markers.add("\uFF5CDSML\uFF5C");
      default -> {}
    }
    return markers;
  }

  /** The family's name, such as {@code hermes}; {@code generic} where none is known. */
  public String name() {
    return family.word();
  }

  /**
   * Whether the template says nothing of calls, so that the model must be told how to write one.
   */
  public boolean isGeneric() {
    return family == Family.GENERIC;
  }

  /** Whether the template writes reasoning apart from what is said, as models do that reason. */
  public boolean hasReasoning() {
    return reasons;
  }

  /** Whether a special token is a marker that a parser must see; others are no text. */
  public boolean shows(int token) {
    return shown.contains(token);
  }

  /**
   * A parser for one answer, to which the special tokens that {@link #shows} names are written out.
   *
   * @param tools that may be called; without any, calls are text
   * @param prompt the rendered prompt, or its end: it may open the reasoning
   */
  public AnswerParser parser(List<Tool> tools, String prompt) {
    return parser(tools, prompt, this::newId);
  }

  AnswerParser parser(List<Tool> tools, String prompt, Supplier<String> ids) {
    PartSink sink = new PartSink(ids, family == Family.KIMI);
    if (family == Family.HARMONY) {
      return new HarmonyParser(sink, !tools.isEmpty());
    }
    ParameterTypes types = new ParameterTypes(tools);
    Set<String> drops = new LinkedHashSet<>(reasoning.drops());
    family.drops().stream()
        .filter(drop -> !tools.isEmpty() || specials.containsKey(drop))
        .forEach(drops::add);
    if (tools.isEmpty()) { // a special token is no text even where calls are not read
      family.openers().stream().filter(specials::containsKey).forEach(drops::add);
    }
    Set<String> bare =
        family == Family.LLAMA3
            ? tools.stream().map(Tool::name).collect(Collectors.toUnmodifiableSet())
            : Set.of();
    MarkedParser.Rules rules =
        new MarkedParser.Rules(
            reasoning,
            tools.isEmpty() ? List.of() : family.openers(),
            List.copyOf(drops),
            bare,
            opener -> reader(opener, types, bare),
            specials::containsKey);
    return new MarkedParser(rules, sink, reasoning.isOpenAfter(prompt));
  }

  private CallReader reader(String opener, ParameterTypes types, Set<String> bare) {
    return switch (family) {
      case DSML -> new XmlCallReader(XmlForm.DSML, "", types);
      case MINIMAX -> new XmlCallReader(XmlForm.INVOKE, "", types);
      case SEED, FUNCTION_TAG -> new XmlCallReader(XmlForm.FUNCTION, "", types);
      case KIMI -> new NamedCallReader(NamedCallReader.Form.KIMI);
      case DEEPSEEK_V3, DEEPSEEK_V31 -> new NamedCallReader(NamedCallReader.Form.DEEPSEEK);
      case MISTRAL, MISTRAL_ARGS -> new TaggedCallReader(true, "", types);
      case QWEN_CODER, GLM, HERMES, GENERIC ->
          opener.equals("<tool_call>")
              ? new TaggedCallReader(false, "</tool_call>", types)
              : new XmlCallReader(XmlForm.FUNCTION, "", types);
      case APERTUS -> new JsonCallReader("<|tools_suffix|>", Set.of(), true);
      case FIREFUNCTION -> new JsonCallReader("", Set.of(), false);
      case LLAMA3 -> new JsonCallReader("", opener.isEmpty() ? bare : Set.of(), false);
      case COMMAND_R7B,
          GRANITE,
          FUNCTION_CALL_TAG,
          INTERNLM,
          GIGACHAT,
          TOOL_CALLS_TAG,
          TOOLCALL_TAG,
          HARMONY ->
          new JsonCallReader(
              family.drops().isEmpty() ? "" : family.drops().getFirst(), Set.of(), false);
    };
  }

  /**
   * The name of a call in the form that the family's template wants: what a client sends back of
   * another server's history may be of another form.
   */
  public String templateId(String id) {
    if (!shortIds() || id.matches("[A-Za-z0-9]{9}")) {
      return id;
    }
    String letters = "000000000" + id.replaceAll("[^A-Za-z0-9]", "");
    return letters.substring(letters.length() - 9);
  }

  private boolean shortIds() {
    return family == Family.MISTRAL || family == Family.MISTRAL_ARGS;
  }

  /** A new name for a call, in the form that the family's template wants. */
  public String newId() {
    StringBuilder id = new StringBuilder(shortIds() ? "" : "call_");
    for (int i = 0; i < (shortIds() ? 9 : 24); i++) {
      id.append(LETTERS.charAt(ThreadLocalRandom.current().nextInt(LETTERS.length())));
    }
    return id.toString();
  }

  /** Whether the family's tokens leave room for reasoning and calls in one message of a history. */
  public boolean joinsCallsWithText() {
    return family != Family.HARMONY;
  }

  /** Calls as a model of this family writes them. */
  public String write(List<ToolCall> calls) {
    return CallForm.of(family).write(calls);
  }

  /** What a model is told of tools if its template cannot tell it. */
  public String instructions(List<Tool> tools) {
    StringBuilder text =
        new StringBuilder("You may call functions. These are the functions, as JSON:\n");
    for (Tool tool : tools) {
      Map<String, Object> described = new LinkedHashMap<>();
      described.put("name", tool.name());
      if (!tool.description().isEmpty()) {
        described.put("description", tool.description());
      }
      described.put("parameters", tool.parameters());
      text.append(Json.write(described)).append('\n');
    }
    ToolCall example = new ToolCall("", "NAME", "{\"PARAMETER\": \"VALUE\"}");
    return text.append("\nTo call one, write only this, with its name and its arguments:\n")
        .append(write(List.of(example)))
        .toString();
  }

  /**
   * What holds calls to the family's form and the tools' schemas.
   *
   * @param required whether there must be a call
   * @param parallel whether there may be several
   * @return nothing if nothing is to be held: no call is required and no tool is strict
   */
  public Optional<AnswerGrammar> toolGrammar(List<Tool> tools, boolean required, boolean parallel) {
    return grammar(tools, required, parallel, Optional.empty(), "");
  }

  /**
   * What holds an answer to a form, after the reasoning that the model may begin with.
   *
   * @param required whether there must be a call of a tool
   * @param parallel whether there may be several
   * @param answer the language of what is said if no tool is called; empty for any
   * @param prompt the rendered prompt, or its end: it may open the reasoning
   * @return nothing if any answer will do
   * @throws io.moineau.text.TextException {@code schema-unsupported} if a strict tool's schema
   *     cannot be enforced
   */
  public Optional<AnswerGrammar> grammar(
      List<Tool> tools,
      boolean required,
      boolean parallel,
      Optional<Grammar> answer,
      String prompt) {
    return grammars.make(tools, required, parallel, answer, prompt);
  }

  /** Whether a prompt ends inside the reasoning. */
  public boolean isReasoningOpenAfter(String prompt) {
    return family != Family.HARMONY && reasoning.isOpenAfter(prompt);
  }
}
