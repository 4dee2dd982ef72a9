package io.moineau.text;

import io.moineau.text.jinja.PyError;
import io.moineau.text.jinja.SyntaxError;
import io.moineau.text.jinja.Template;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A model's chat template: turns messages into the prompt that the model was trained on.
 *
 * <p>Templates are Jinja2, rendered byte for byte as Python's Jinja2 3.1.6 does in the environment
 * that transformers builds: an immutable sandbox with {@code trim_blocks} and {@code
 * lstrip_blocks}, {@code break} and {@code continue}, the {@code generation} tag, {@code
 * raise_exception}, {@code strftime_now}, and a {@code tojson} without HTML escapes.
 *
 * <p>A template comes with a model file from anywhere, so the text that it builds, its loops, calls
 * and numbers have limits. The messages come from users, so their text is marked in the result: see
 * {@link MarkedText}. Compiled once, it may be rendered by several threads.
 */
public final class ChatTemplate {
  /** The keys of a context whose strings come from users and tools. */
  public static final Set<String> UNTRUSTED_KEYS = Set.of("messages", "tools", "documents");

  /** The longest source, in characters. */
  public static final int MAX_SOURCE = 4 << 20;

  /** The turns of ChatML, for models whose file has its tokens and no template. */
  public static final String CHATML =
      "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
          + "{{ message['content'] }}<|im_end|>\n"
          + "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n"
          + "{% endif %}";

  /**
   * What a template made.
   *
   * @param text the prompt
   * @param generations what {@code generation} tags wrote: the assistant's parts, in templates that
   *     mark them for training
   */
  public record Rendered(MarkedText text, List<Span> generations) {}

  private final Template template;
  private final Clock clock;

  private ChatTemplate(Template template, Clock clock) {
    this.template = template;
    this.clock = clock;
  }

  /**
   * Compiles a template that asks the system's clock for the time.
   *
   * @throws TextException {@code template-syntax} with the line if it is not Jinja
   */
  public static ChatTemplate compile(String source) {
    return compile(source, Clock.systemDefaultZone());
  }

  /**
   * Compiles a template.
   *
   * @param clock what {@code strftime_now} asks
   * @throws TextException {@code template-syntax} with the line if it is not Jinja
   */
  public static ChatTemplate compile(String source, Clock clock) {
    if (source.length() > MAX_SOURCE) {
      throw new TextException(
          "template-syntax",
          "the chat template is too long",
          source.length() + " characters",
          "at most " + MAX_SOURCE,
          "check that this is a chat template");
    }
    try {
      return new ChatTemplate(Template.compile(source), clock);
    } catch (SyntaxError e) {
      List<String> lines = source.lines().toList();
      String line = e.line() <= lines.size() ? lines.get(e.line() - 1).strip() : "";
      throw syntax(Objects.requireNonNullElse(e.getMessage(), ""), e.line(), line);
    } catch (StackOverflowError e) {
      throw syntax("nested too deeply", 1, "");
    }
  }

  private static TextException syntax(String message, int line, String text) {
    return new TextException(
        "template-syntax",
        message,
        "line " + line + " of the chat template: " + cut(text),
        "Jinja2 as transformers has it",
        "correct the template");
  }

  private static String cut(String line) {
    return line.length() > 200 ? line.substring(0, 200) + "..." : line;
  }

  /**
   * Renders with the strings below {@code messages}, {@code tools} and {@code documents} marked as
   * untrusted, but for the known roles, which templates write inside special tokens.
   *
   * @param context strings, booleans, numbers, nulls, lists and maps with string keys
   * @throws TextException as {@link #render(Map, Set)}
   */
  public MarkedText render(Map<String, ?> context) {
    return render(context, UNTRUSTED_KEYS);
  }

  /**
   * Renders.
   *
   * @param context strings, booleans, numbers, nulls, lists and maps with string keys
   * @param untrustedKeys the keys of {@code context} below which strings came from users
   * @throws TextException {@code template-raised} if the template itself refuses the messages
   *     ({@link TextException#what} is its very message), {@code template-runtime} if it fails,
   *     {@code template-limit} if it goes beyond a limit, {@code template-context} if the context
   *     holds another kind of value
   */
  public MarkedText render(Map<String, ?> context, Set<String> untrustedKeys) {
    return rendered(context, untrustedKeys).text();
  }

  /**
   * Renders as {@link #render(Map)}, and says where the assistant's parts are if the template does.
   *
   * @throws TextException as {@link #render(Map, Set)}
   */
  public Rendered renderMarked(Map<String, ?> context) {
    return rendered(context, UNTRUSTED_KEYS);
  }

  private Rendered rendered(Map<String, ?> context, Set<String> untrustedKeys) {
    Template.Result result;
    try {
      result = template.render(context, untrustedKeys, clock);
    } catch (IllegalArgumentException e) {
      throw new TextException(
          "template-context",
          "a value that a chat template cannot take",
          Objects.requireNonNullElse(e.getMessage(), ""),
          "strings, booleans, numbers, null, lists, maps with string keys",
          "");
    }
    if (result.failure() != null) {
      throw failed(result.failure());
    }
    Template.Output output = Objects.requireNonNull(result.output());
    MarkedText text = new MarkedText(output.text(), spans(output.untrusted()));
    return new Rendered(text, spans(output.generations()));
  }

  private static List<Span> spans(int[] marks) {
    List<Span> spans = new ArrayList<>(marks.length / 2);
    for (int i = 0; i < marks.length; i += 2) {
      spans.add(new Span(marks[i], marks[i + 1]));
    }
    return spans;
  }

  private TextException failed(Template.Failure failure) {
    PyError error = failure.error();
    String message = Objects.requireNonNullElse(error.getMessage(), "");
    String where =
        "line " + failure.line() + " of the chat template: " + template.line(failure.line());
    return switch (error.kind()) {
      case RAISED ->
          new TextException(
              "template-raised", message, where, "", "change the messages as the template asks");
      case LIMIT ->
          new TextException(
              "template-limit",
              "the chat template goes beyond a limit: " + message,
              where,
              "",
              "use a shorter chat or another template");
      default ->
          new TextException(
              "template-runtime",
              message,
              where,
              "",
              "these messages do not suit the template, or it has a fault");
    };
  }
}
