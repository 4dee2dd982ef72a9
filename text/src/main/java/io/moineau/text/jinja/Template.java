package io.moineau.text.jinja;

import java.math.BigInteger;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A compiled template; safe for several threads. */
public final class Template {
  private static final int MAX_CONTEXT_DEPTH = 500;

  private final String source;
  private final Compiler.Program program;

  private Template(String source, Compiler.Program program) {
    this.source = source;
    this.program = program;
  }

  /**
   * Compiles a template.
   *
   * @throws SyntaxError if it is not one
   */
  public static Template compile(String source) {
    return new Template(source, Compiler.compile(Parser.parse(source)));
  }

  /**
   * A text, its untrusted parts and those that {@code generation} tags wrote: pairs of start and
   * end in UTF-16 units.
   */
  public record Output(String text, int[] untrusted, int[] generations) {}

  /** An error with the line at which the template was. */
  public record Failure(PyError error, int line) {}

  /** What a run gave: a text or a failure. */
  public record Result(@Nullable Output output, @Nullable Failure failure) {}

  /**
   * Runs the template.
   *
   * @param untrusted the keys of {@code context} whose strings came from users
   * @throws IllegalArgumentException if the context holds something that is no JSON value
   */
  public Result render(Map<String, ?> context, Set<String> untrusted, Clock clock) {
    Map<String, Object> values = new HashMap<>();
    for (Map.Entry<String, ?> e : context.entrySet()) {
      values.put(e.getKey(), convert(e.getValue(), untrusted.contains(e.getKey()), 0));
    }
    Render render = new Render(values, clock, program.blocks());
    StrBuilder out = new StrBuilder(render);
    render.root(out);
    PyError error;
    try {
      program.root().run(render, out);
      Str text = out.build();
      return new Result(new Output(text.chars, text.marks, render.generations()), null);
    } catch (PyError e) {
      error = e;
    } catch (StackOverflowError e) {
      error = PyError.limit("nested too deeply for the stack of this thread");
    } catch (RuntimeException e) { // a fault of ours: still an error with a name and a line
      error = PyError.runtime("the interpreter failed: " + e);
    } catch (OutOfMemoryError e) {
      error = PyError.limit("more memory than there is");
    }
    return new Result(null, new Failure(error, render.line));
  }

  /** The line {@code number} of the source, without space around it, cut where it is long. */
  public String line(int number) {
    List<String> lines = source.lines().toList();
    String line = number >= 1 && number <= lines.size() ? lines.get(number - 1).strip() : "";
    return line.length() > 200 ? line.substring(0, 200) + "..." : line;
  }

  /**
   * The known roles are no user's text: templates write them inside special tokens ({@code '<|' +
   * message.role + '|>'}), which must be recognised. Any other role stays untrusted.
   */
  private static final Set<Object> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool", "function");

  private static Object convert(@Nullable Object value, boolean untrusted, int depth) {
    if (depth > MAX_CONTEXT_DEPTH) {
      throw new IllegalArgumentException("nested deeper than " + MAX_CONTEXT_DEPTH);
    }
    return switch (value) {
      case null -> None.NONE;
      case String s -> untrusted ? Str.untrusted(s) : Str.of(s);
      case Boolean b -> b;
      case Long l -> l;
      case Double d -> d;
      case BigInteger b -> b.bitLength() < 64 ? (Object) b.longValue() : b;
      case Integer i -> (long) i;
      case Short i -> (long) i;
      case Byte i -> (long) i;
      case Float f -> (double) f;
      case Map<?, ?> map -> {
        PyDict out = new PyDict();
        for (Map.Entry<?, ?> e : map.entrySet()) {
          if (!(e.getKey() instanceof String key)) {
            throw new IllegalArgumentException("a key that is no string: " + e.getKey());
          }
          boolean role = key.equals("role") && ROLES.contains(e.getValue());
          out.put(
              untrusted ? Str.untrusted(key) : Str.of(key),
              convert(e.getValue(), untrusted && !role, depth + 1));
        }
        yield out;
      }
      case Iterable<?> list -> {
        PyList out = new PyList(8);
        for (Object item : list) {
          out.items.add(convert(item, untrusted, depth + 1));
        }
        yield out;
      }
      default -> throw new IllegalArgumentException("a value of " + value.getClass().getName());
    };
  }
}
