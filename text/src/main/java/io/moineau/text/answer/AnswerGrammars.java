package io.moineau.text.answer;

import io.moineau.text.TextException;
import io.moineau.text.Tool;
import io.moineau.text.answer.ParameterTypes.Type;
import io.moineau.text.grammar.Grammar;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes grammars of a family's answers out of the pieces in {@link CallForm}. */
final class AnswerGrammars {
  private final Family family;
  private final ReasoningGrammar reasoning;
  private final Markers specials;
  private final CallForm form;

  /**
   * Makes one.
   *
   * @param specials the family's markers that are special tokens
   */
  AnswerGrammars(Family family, ReasoningGrammar reasoning, Collection<String> specials) {
    this.family = family;
    this.reasoning = reasoning;
    this.specials = new Markers(specials);
    this.form = CallForm.of(family);
  }

  Optional<AnswerGrammar> make(
      List<Tool> tools,
      boolean required,
      boolean parallel,
      Optional<Grammar> answer,
      String prompt) {
    if (required && !tools.isEmpty()) {
      return Optional.of(eager(prompt, calls(tools, parallel)));
    }
    if (answer.isPresent() && tools.isEmpty()) {
      boolean open = reasoning.isOpenAfter(prompt);
      return Optional.of(new AnswerGrammar(reasoning.before(answer.get(), open), List.of()));
    }
    if (answer.isPresent()) {
      Grammar said =
          family == Family.HARMONY
              ? Grammar.sequence(reasoning.header("final"), answer.get())
              : answer.get();
      return Optional.of(eager(prompt, Grammar.choice(List.of(said, calls(tools, parallel)))));
    }
    boolean strict = tools.stream().anyMatch(Tool::strict);
    if (!strict && (tools.isEmpty() || family != Family.GENERIC)) {
      return Optional.empty();
    }
    return Optional.of(whenCalled(tools, parallel, prompt));
  }

  private AnswerGrammar eager(String prompt, Grammar what) {
    boolean open = reasoning.isOpenAfter(prompt);
    return new AnswerGrammar(reasoning.first(what, open), List.of());
  }

  private Grammar calls(List<Tool> tools, boolean parallel) {
    return Grammar.sequence(literal(form.open()), afterOpen(tools, parallel));
  }

  private Grammar afterOpen(List<Tool> tools, boolean parallel) {
    Grammar one = Grammar.choice(tools.stream().map(this::call).toList());
    if (!parallel || !form.parallel()) {
      return Grammar.sequence(one, literal(form.close()));
    }
    return Grammar.sequence(
        one, Grammar.sequence(literal(form.sep()), one).repeat(0, -1), literal(form.close()));
  }

  private Grammar call(Tool tool) {
    return Grammar.sequence(
        literal(form.pre()),
        Grammar.text(tool.name()),
        literal(form.mid()),
        arguments(tool),
        literal(form.post()));
  }

  /** The model decides whether it calls; once it does, the call has the right form. */
  private AnswerGrammar whenCalled(List<Tool> tools, boolean parallel, String prompt) {
    switch (family) {
      case HARMONY -> {
        List<Grammar> options = new ArrayList<>();
        for (Tool tool : tools) {
          options.add(
              Grammar.sequence(
                  Grammar.text(tool.name()),
                  literal("<|channel|>commentary").repeat(0, 1),
                  Grammar.text(" ").repeat(0, 1),
                  literal(HarmonyParser.CONSTRAIN).repeat(0, 1),
                  Grammar.text("json").repeat(0, 1),
                  literal(HarmonyParser.MESSAGE),
                  arguments(tool)));
        }
        return new AnswerGrammar(
            Grammar.choice(options),
            List.of("commentary to=functions.", "assistant to=functions."));
      }
      case LLAMA3 -> { // a call begins with the answer and nothing marks it
        Grammar text = Grammar.ofRegex("([^{\\s][\\s\\S]*)?");
        return eager(prompt, Grammar.choice(List.of(calls(tools, parallel), text)));
      }
      default -> {
        return new AnswerGrammar(afterOpen(tools, parallel), List.of(form.open()));
      }
    }
  }

  private Grammar arguments(Tool tool) {
    Map<String, Object> schema = closed(tool.parameters());
    XmlForm xml = form.xml();
    try {
      return xml == null ? Grammar.ofJsonSchema(schema) : parameters(tool, schema, xml);
    } catch (TextException e) {
      if (tool.strict() || !e.code().equals("schema-unsupported")) {
        throw e;
      }
      // A schema that cannot be forced is the model's to keep to, as without a grammar.
      return xml == null ? Grammar.ofJsonObject() : Grammar.until(form.post());
    }
  }

  /** A schema that says nothing of further properties means none, for a model's sake. */
  private static Map<String, Object> closed(Map<String, Object> parameters) {
    Map<String, Object> schema = new LinkedHashMap<>(parameters);
    schema.putIfAbsent("type", "object");
    schema.putIfAbsent("properties", Map.of());
    schema.putIfAbsent("additionalProperties", false);
    return schema;
  }

  /** Parameters between tags, in the schema's order. */
  private Grammar parameters(Tool tool, Map<String, Object> schema, XmlForm xml) {
    ParameterTypes types = new ParameterTypes(List.of(tool));
    Set<Object> required = new HashSet<>();
    if (schema.get("required") instanceof List<?> names) {
      required.addAll(names);
    }
    List<Grammar> parts = new ArrayList<>();
    parts.add(Grammar.text(""));
    if (schema.get("properties") instanceof Map<?, ?> properties) {
      for (Map.Entry<?, ?> property : properties.entrySet()) {
        String name = String.valueOf(property.getKey());
        Grammar one =
            parameter(name, types.of(tool.name(), name), property.getValue(), schema, xml);
        parts.add(required.contains(name) ? one : one.repeat(0, 1));
      }
    }
    return Grammar.sequence(parts.toArray(Grammar[]::new));
  }

  private Grammar parameter(
      String name,
      Set<Type> types,
      @Nullable Object property,
      Map<String, Object> root,
      XmlForm xml) {
    boolean isString = types.equals(Set.of(Type.STRING));
    Grammar before = literal(form.before(xml, name, isString));
    if (isString && property instanceof Map<?, ?> map && map.get("enum") instanceof List<?> list) {
      List<Grammar> options =
          list.stream().map(value -> Grammar.text(String.valueOf(value))).toList();
      return Grammar.sequence(before, Grammar.choice(options), literal(form.after(xml)));
    }
    if (isString) { // its length and pattern are the model's to keep to
      return Grammar.sequence(
          before, Grammar.until(xml.valueClose()), Grammar.text(form.space().behind()));
    }
    return Grammar.sequence(before, json(property, root), literal(form.after(xml)));
  }

  private static Grammar json(@Nullable Object property, Map<String, Object> root) {
    if (!(property instanceof Map<?, ?> map)) {
      return Grammar.ofJson();
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    map.forEach((key, value) -> schema.put(String.valueOf(key), value));
    for (String definitions : List.of("$defs", "definitions")) {
      if (root.get(definitions) instanceof Map<?, ?> shared) {
        schema.put(definitions, shared);
      }
    }
    return Grammar.ofJsonSchema(schema);
  }

  /** Text with the family's special tokens as tokens, and numbers where they belong. */
  private Grammar literal(String text) {
    List<Grammar> parts = new ArrayList<>();
    Input in = new Input();
    in.append(text);
    in.end();
    while (in.length() > 0) {
      Markers.Hit hit = specials.find(in);
      plain(in.take(hit.at()), parts);
      String marker = hit.marker();
      if (marker != null) {
        in.skip(marker.length());
        parts.add(reasoning.marker(marker));
      }
    }
    return parts.size() == 1 ? parts.getFirst() : join(parts);
  }

  private static Grammar join(List<Grammar> parts) {
    return parts.isEmpty() ? Grammar.text("") : Grammar.sequence(parts.toArray(Grammar[]::new));
  }

  private static void plain(String text, List<Grammar> parts) {
    int from = 0;
    while (from < text.length()) {
      int number = text.indexOf(CallForm.NUMBER, from);
      int to = number < 0 ? text.length() : number;
      if (to > from) {
        parts.add(Grammar.text(text.substring(from, to)));
      }
      if (number >= 0) {
        parts.add(Grammar.ofRegex("[0-9]{1,3}"));
        to++;
      }
      from = to;
    }
  }
}
