package io.moineau;

import io.moineau.TemplateShape.Calls;
import io.moineau.text.Json;
import io.moineau.text.TextException;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import io.moineau.text.answer.AnswerFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Messages and tools in the form in which a chat template can show all of them. What a template
 * does not know is put into the text of a message instead, so that nothing is lost silently.
 */
final class PromptContext {
  private final TemplateShape shape;
  private final AnswerFormat format;
  private final List<Map<String, Object>> entries = new ArrayList<>();

  private PromptContext(TemplateShape shape, AnswerFormat format) {
    this.shape = shape;
    this.format = format;
  }

  /** Tools that a request tells the model of. */
  static List<Tool> offered(ChatRequest request) {
    return request.toolChoice().kind() == ToolChoice.Kind.NONE ? List.of() : request.tools();
  }

  /** Whether a request holds something that not every template can show. */
  static boolean needsShape(ChatRequest request) {
    if (!offered(request).isEmpty()) {
      return true;
    }
    for (Message message : request.messages()) {
      if (message.role() == Role.SYSTEM
          || message.role() == Role.TOOL
          || !message.toolCalls().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** The messages as a template takes them. */
  static List<Map<String, Object>> messages(
      ChatRequest request, TemplateShape shape, AnswerFormat format) {
    PromptContext context = new PromptContext(shape, format);
    List<Message> messages = context.instructed(request);
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      if (message.role() == Role.TOOL) {
        context.result(message);
      } else if (message.toolCalls().isEmpty()) {
        context.add(context.entry(message, message.content()));
      } else {
        int end = i + 1;
        while (end < messages.size() && messages.get(end).role() == Role.TOOL) {
          end++;
        }
        context.called(message, messages.subList(i + 1, end));
        i = end - 1;
      }
    }
    return context.entries;
  }

  /** The tools as a template takes them. */
  static List<Map<String, Object>> tools(List<Tool> tools) {
    return tools.stream().map(PromptContext::entry).toList();
  }

  /** One message of instructions at the beginning, or, where there is no such role, a user's. */
  private List<Message> instructed(ChatRequest request) {
    List<Message> rest = new ArrayList<>(request.messages());
    List<String> instructions = new ArrayList<>();
    while (!rest.isEmpty() && rest.getFirst().role() == Role.SYSTEM) {
      instructions.add(rest.removeFirst().content());
    }
    List<Tool> tools = offered(request);
    if (!tools.isEmpty() && !shape.tools()) {
      instructions.add(format.instructions(tools));
    }
    if (instructions.isEmpty()) {
      return rest;
    }
    String text = String.join("\n\n", instructions);
    if (shape.system()) {
      rest.addFirst(Message.system(text));
    } else if (!rest.isEmpty() && rest.getFirst().role() == Role.USER) {
      Message first = rest.removeFirst();
      rest.addFirst(
          Message.user(text.isEmpty() ? first.content() : text + "\n\n" + first.content()));
    } else {
      rest.addFirst(Message.user(text));
    }
    return rest;
  }

  /** An answer that calls tools, and what they gave. */
  private void called(Message message, List<Message> results) {
    if (shape.calls() == Calls.NONE) {
      String said = message.content().isEmpty() ? "" : message.content() + "\n";
      add(entry(message, said + format.write(message.toolCalls())));
      results.forEach(this::result);
      return;
    }
    boolean apart =
        !message.content().isEmpty()
            && (!shape.textWithCalls()
                || (!format.joinsCallsWithText() && !message.reasoning().isEmpty()));
    if (apart) {
      add(entry(Message.assistant(message.content()), message.content()));
    }
    String text = apart ? "" : message.content();
    if (shape.parallel() || message.toolCalls().size() == 1) {
      add(calling(message, text, message.toolCalls()));
      results.forEach(this::result);
      return;
    }
    // The template takes one call in an answer: one after the other, each with its result.
    List<Message> left = new ArrayList<>(results);
    for (int i = 0; i < message.toolCalls().size(); i++) {
      ToolCall call = message.toolCalls().get(i);
      add(calling(message, i == 0 ? text : "", List.of(call)));
      for (int j = 0; j < left.size(); j++) {
        if (left.get(j).toolCallId().equals(call.id())) {
          result(left.remove(j));
          break;
        }
      }
    }
    left.forEach(this::result);
  }

  @SuppressWarnings("NullAway") // a template tells null from a text
  private Map<String, Object> calling(Message message, String text, List<ToolCall> calls) {
    Map<String, Object> entry = entry(message, text);
    if (text.isEmpty() && shape.emptyContent()) {
      entry.put("content", null);
    }
    entry.put("tool_calls", calls.stream().map(this::entry).toList());
    return entry;
  }

  private void result(Message message) {
    if (shape.results()) {
      add(entry(message, message.content()));
      return;
    }
    String text = "<tool_response>\n" + message.content() + "\n</tool_response>";
    if (!entries.isEmpty()
        && Role.USER.word().equals(entries.getLast().get("role"))
        && entries.getLast().get("content") instanceof String before
        && before.endsWith("</tool_response>")) {
      entries.removeLast();
      text = before + "\n" + text;
    }
    add(entry(Message.user(text), text));
  }

  private void add(Map<String, Object> entry) {
    entries.add(entry);
  }

  private Map<String, Object> entry(Message message, String content) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("role", message.role().word());
    entry.put(
        "content", shape.parts() ? List.of(Map.of("type", "text", "text", content)) : content);
    if (!message.reasoning().isEmpty()) {
      entry.put("reasoning_content", message.reasoning());
      entry.put("thinking", message.reasoning()); // gpt-oss' name for it
    }
    if (!message.toolCallId().isEmpty()) {
      entry.put("tool_call_id", format.templateId(message.toolCallId()));
    }
    if (!message.name().isEmpty()) {
      entry.put("name", message.name());
    }
    return entry;
  }

  private Map<String, Object> entry(ToolCall call) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", call.name());
    function.put(
        "arguments", shape.calls() == Calls.TEXT ? call.arguments() : object(call.arguments()));
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("id", format.templateId(call.id()));
    entry.put("type", "function");
    entry.put("function", function);
    return entry;
  }

  /** Arguments as a template can go through them, those that a model spoilt included. */
  private static Object object(String arguments) {
    @Nullable Object value;
    try {
      value = arguments.isBlank() ? Map.of() : Json.parse(arguments);
    } catch (TextException e) {
      value = null;
    }
    return value instanceof Map<?, ?> ? value : Map.of("arguments", arguments);
  }

  private static Map<String, Object> entry(Tool tool) {
    Map<String, Object> parameters = new LinkedHashMap<>(tool.parameters());
    parameters.putIfAbsent("type", "object");
    parameters.putIfAbsent("properties", Map.of());
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", tool.name());
    function.put("description", tool.description());
    function.put("parameters", parameters);
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("type", "function");
    entry.put("function", function);
    return entry;
  }
}
