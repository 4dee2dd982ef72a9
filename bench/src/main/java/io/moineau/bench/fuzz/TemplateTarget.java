package io.moineau.bench.fuzz;

import io.moineau.testkit.SharedFiles;
import io.moineau.testkit.TinyModels;
import io.moineau.text.ChatTemplate;
import io.moineau.text.Json;
import io.moineau.text.MarkedText;
import io.moineau.text.Span;
import io.moineau.text.TextException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Chat templates: compiles one and renders a chat with tools. */
final class TemplateTarget implements FuzzTarget {
  private static final int LONGEST_SAMPLE = 6_000;
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

  /** A template that uses a little of everything. */
  private static final String RICH =
      """
      {%- set ns = namespace(found=false, n=0) -%}
      {%- macro show(m, level=1) -%}
        {{- '#' * level ~ ' ' ~ m.role | upper ~ ': ' ~ (m.content or '') | trim }}
      {%- endmacro -%}
      {%- if tools is defined and tools -%}
        {%- for tool in tools %}{{ tool | tojson(indent=2) }}
        {%- for name, p in tool.function.parameters.properties.items() %}
          {{- loop.index ~ ') ' ~ name ~ ': ' ~ p.type | default('any', true) }}
        {%- endfor %}{% endfor -%}
      {%- endif -%}
      {% for message in messages if message.role != 'none' %}
        {%- if message['role'] == 'system' and loop.first %}{% set ns.found = true %}
          {{- '<<' ~ message.content.split('.')[0].strip() ~ '>>' }}
        {%- elif message.tool_calls is iterable and message.tool_calls is not string %}
          {%- for call in message.tool_calls | selectattr('function') | list %}
            {{- call.function.name ~ '(' ~ call.function.arguments | tojson ~ ')' }}
            {%- if not loop.last %}, {% endif %}{% endfor %}
        {%- else %}{{ show(message, level=loop.index0 % 3 + 1) }}{% set ns.n = ns.n + 1 %}
        {%- endif %}
      {%- endfor %}
      {{ messages | map(attribute='role') | unique | join('|') }} {{ messages[-1:] | length }}
      {{ '%s-%03d' | format('a', ns.n) }} {{ strftime_now('%d %b %Y') }} {{ (1, 2)[::-1] | sum }}
      {%- if ns.n > 100 %}{{ raise_exception('too many') }}{% endif %}
      """;

  private static final String CONTEXT =
      """
      {"bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": true, "documents": null,
       "tools": [{"type": "function", "function": {"name": "weather", "description": "Says it.",
         "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
         "required": ["city"]}}}],
       "messages": [{"role": "system", "content": "Be kind. Always."},
        {"role": "user", "content": "Is it \u00e9t\u00e9 in <b>Paris</b>?"},
        {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "id": "c1",
          "function": {"name": "weather", "arguments": {"city": "Paris", "days": 1.5}}}]},
        {"role": "tool", "name": "weather", "tool_call_id": "c1", "content": "sun"},
        {"role": "assistant", "content": "<think>hm</think>It is."},
        {"role": "user", "content": "Thanks"}]}
      """;

  private final List<Sample> samples = new ArrayList<>();
  private final Map<String, Object> context;

  TemplateTarget() {
    context = context();
    add(TinyModels.CHAT_TEMPLATE);
    add(RICH);
    SharedFiles.oracles().map(folder -> folder.resolve("templates")).ifPresent(this::addAll);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> context() {
    return (Map<String, Object>) Objects.requireNonNull(Json.parse(CONTEXT));
  }

  private void add(String source) {
    samples.add(new Sample(source.getBytes(StandardCharsets.UTF_8), List.of(), Damage.WORDS));
  }

  private void addAll(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*.jinja")) {
      stream.forEach(files::add);
      files.sort(null);
      for (Path file : files) {
        if (Files.size(file) < LONGEST_SAMPLE && takesContext(Files.readAllBytes(file))) {
          add(Files.readString(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Some templates refuse chats with tools, as they should. */
  private boolean takesContext(byte[] source) {
    try {
      read(source);
      return true;
    } catch (TextException e) {
      return false;
    }
  }

  @Override
  public String name() {
    return "template";
  }

  @Override
  public List<Sample> samples() {
    return samples;
  }

  /** A template may loop and build text up to the limits of the interpreter. */
  @Override
  public long mostMillis() {
    return 20_000;
  }

  @Override
  public long mostBytes(byte[] input) {
    return 16L << 30;
  }

  @Override
  public void read(byte[] input) {
    String source = new String(input, StandardCharsets.UTF_8);
    MarkedText text = ChatTemplate.compile(source, CLOCK).render(context);
    int end = 0;
    for (Span span : text.untrusted()) {
      if (span.start() < end || span.end() < span.start() || span.end() > text.text().length()) {
        throw new AssertionError("marks out of order or outside: " + span);
      }
      end = span.end();
    }
  }
}
