package io.moineau;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a chat template can take, found by rendering small conversations and looking for their
 * words: templates leave out silently what they do not know, or refuse it.
 *
 * @param system whether a system message shows
 * @param parts whether content must be a list of parts rather than a text
 * @param tools whether tools show
 * @param calls how the calls of an answer show
 * @param emptyContent whether calls show only if the content beside them is null
 * @param textWithCalls whether text beside calls shows
 * @param parallel whether two calls of one answer show
 * @param results whether the results of tools show
 */
record TemplateShape(
    boolean system,
    boolean parts,
    boolean tools,
    Calls calls,
    boolean emptyContent,
    boolean textWithCalls,
    boolean parallel,
    boolean results) {
  /** How the arguments of calls must be given. */
  enum Calls {
    /** As an object. */
    OBJECT,
    /** As its JSON text. */
    TEXT,
    /** They do not show. */
    NONE
  }

  /** Renders messages and tools; empty if the template refuses them. */
  interface Renderer {
    Optional<String> render(List<Map<String, Object>> messages, List<Map<String, Object>> tools);
  }

  /** A template that shows everything, as far as it matters. */
  static final TemplateShape FULL =
      new TemplateShape(true, false, true, Calls.OBJECT, false, true, true, true);

  /** No template: nothing but texts. */
  static final TemplateShape NONE =
      new TemplateShape(true, false, false, Calls.NONE, false, false, false, false);

  private static final String USER = "zqUser";
  private static final String SYSTEM = "zqSystem";
  private static final String TEXT = "zqText";
  private static final String RESULT = "zqResult";
  private static final String TOOL = "zqTool";
  private static final String OTHER = "zqOther";
  private static final String KEY = "zqKey";
  private static final String VALUE = "zqValue";
  private static final String JSON = "{\"" + KEY + "\": \"" + VALUE + "\"}";

  /** With tools told in words: the template's own way is one in which no answer can be read. */
  TemplateShape withoutTools() {
    return new TemplateShape(system, parts, false, Calls.NONE, false, false, false, false);
  }

  /** Finds out. */
  static TemplateShape probe(Renderer renderer) {
    Map<String, Object> user = message("user", USER);
    boolean parts =
        !shows(renderer, List.of(user), List.of(), USER)
            && shows(renderer, List.of(message("user", part(USER))), List.of(), USER);
    Object asked = parts ? part(USER) : USER;
    Object instructions = parts ? part(SYSTEM) : SYSTEM;
    List<Map<String, Object>> question = List.of(message("user", asked));
    boolean system =
        shows(
            renderer,
            List.of(message("system", instructions), message("user", asked)),
            List.of(),
            SYSTEM);
    List<Map<String, Object>> tools = List.of(tool(TOOL), tool(OTHER));
    boolean toolsShow = shows(renderer, question, tools, TOOL, KEY);
    Calls calls = Calls.NONE;
    boolean emptyContent = false;
    for (boolean empty : new boolean[] {false, true}) {
      if (calls == Calls.NONE) {
        calls = callsOf(renderer, asked, tools, empty);
        emptyContent = empty && calls != Calls.NONE;
      }
    }
    boolean text = false;
    boolean parallel = false;
    if (calls != Calls.NONE) {
      text = shows(renderer, called(asked, calls, TEXT, TOOL), tools, TEXT, VALUE);
      @Nullable Object content = emptyContent ? null : "";
      parallel = shows(renderer, called(asked, calls, content, TOOL, OTHER), tools, TOOL, OTHER);
      // Both names are among the tools, so they must show twice.
      parallel =
          parallel
              && count(renderer, called(asked, calls, content, TOOL, OTHER), tools, OTHER)
                  > count(renderer, called(asked, calls, content, TOOL), tools, OTHER);
    }
    boolean results =
        calls != Calls.NONE
            && shows(renderer, called(asked, calls, emptyContent ? null : "", TOOL), tools, RESULT);
    return new TemplateShape(
        system, parts, toolsShow, calls, emptyContent, text, parallel, results);
  }

  private static Calls callsOf(
      Renderer renderer, Object asked, List<Map<String, Object>> tools, boolean empty) {
    @Nullable Object content = empty ? null : "";
    Optional<String> object = renderer.render(called(asked, Calls.OBJECT, content, TOOL), tools);
    // A template that wants a text prints an object as Python does, with single quotes.
    if (object.isPresent()
        && object.get().contains(VALUE)
        && !object.get().contains("'" + KEY + "'")) {
      return Calls.OBJECT;
    }
    return shows(renderer, called(asked, Calls.TEXT, content, TOOL), tools, JSON)
        ? Calls.TEXT
        : Calls.NONE;
  }

  private static boolean shows(
      Renderer renderer,
      List<Map<String, Object>> messages,
      List<Map<String, Object>> tools,
      String... words) {
    Optional<String> text = renderer.render(messages, tools);
    if (text.isEmpty()) {
      return false;
    }
    for (String word : words) {
      if (!text.get().contains(word)) {
        return false;
      }
    }
    return true;
  }

  private static int count(
      Renderer renderer,
      List<Map<String, Object>> messages,
      List<Map<String, Object>> tools,
      String word) {
    String text = renderer.render(messages, tools).orElse("");
    return text.split(word, -1).length - 1;
  }

  /** A question, an answer that calls, the results, another question. */
  private static List<Map<String, Object>> called(
      Object asked, Calls calls, @Nullable Object content, String... names) {
    List<Map<String, Object>> messages = new ArrayList<>();
    messages.add(message("user", asked));
    List<Map<String, Object>> list = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      Object arguments = calls == Calls.OBJECT ? Map.of(KEY, VALUE) : JSON;
      Map<String, Object> function = new LinkedHashMap<>();
      function.put("name", names[i]);
      function.put("arguments", arguments);
      Map<String, Object> call = new LinkedHashMap<>();
      call.put("id", "zqcall00" + i);
      call.put("type", "function");
      call.put("function", function);
      list.add(call);
    }
    Map<String, Object> answer = message("assistant", content);
    answer.put("tool_calls", list);
    messages.add(answer);
    for (int i = 0; i < names.length; i++) {
      Map<String, Object> result = message("tool", RESULT);
      result.put("tool_call_id", "zqcall00" + i);
      result.put("name", names[i]);
      messages.add(result);
    }
    return messages;
  }

  @SuppressWarnings("NullAway") // a template tells null from a text
  private static Map<String, Object> message(String role, @Nullable Object content) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }

  private static Object part(String text) {
    return List.of(Map.of("type", "text", "text", text));
  }

  private static Map<String, Object> tool(String name) {
    Map<String, Object> property = new LinkedHashMap<>();
    property.put("type", "string");
    property.put("description", "zq");
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("type", "object");
    parameters.put("properties", Map.of(KEY, property));
    parameters.put("required", List.of(KEY));
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", name);
    function.put("description", "zq");
    function.put("parameters", parameters);
    Map<String, Object> tool = new LinkedHashMap<>();
    tool.put("type", "function");
    tool.put("function", function);
    return tool;
  }
}
