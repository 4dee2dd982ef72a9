package io.moineau.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChatTemplateTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-05T09:07:03Z"), ZoneOffset.UTC);

  private static String render(String template, Map<String, ?> context) {
    return ChatTemplate.compile(template, CLOCK).render(context).text();
  }

  /** The untrusted parts of what a template makes of one message with the content given. */
  private static List<String> untrusted(String template, String content) {
    MarkedText out =
        ChatTemplate.compile(template, CLOCK)
            .render(Map.of("messages", List.of(Map.of("content", content)), "bos", "<s>"));
    List<String> parts = new ArrayList<>();
    for (Span span : out.untrusted()) {
      parts.add(out.text().substring(span.start(), span.end()));
    }
    return parts;
  }

  @Test
  void render_chat_givesPrompt() {
    String template =
        "{%- for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}\n{% endfor -%}"
            + "{% if add_generation_prompt %}<|assistant|>{% endif %}";
    assertThat(
            render(
                template,
                Map.of(
                    "messages",
                    List.of(Map.of("role", "user", "content", " Hi ")),
                    "add_generation_prompt",
                    true)))
        .isEqualTo("<|user|>Hi\n<|assistant|>");
  }

  @Test
  void render_marks_surviveEveryOperation() {
    String c = "messages[0].content";
    Map<String, List<String>> cases =
        Map.ofEntries(
            Map.entry("{{ bos }}{{ " + c + " }}!", List.of("a<b> c")),
            Map.entry("{{ bos ~ " + c + " ~ '!' }}", List.of("a<b> c")),
            Map.entry("{{ 'x' + " + c + "[1:4] }}", List.of("<b>")),
            Map.entry("{{ (' ' + " + c + " + ' ') | trim }}", List.of("a<b> c")),
            Map.entry("{{ " + c + ".split(' ') | join('+') }}", List.of("a<b>", "c")),
            Map.entry("{{ " + c + " | replace('<', '[') }}", List.of("a", "b> c")),
            Map.entry("{{ ('x' ~ " + c + ") | upper }}", List.of("A<B> C")),
            Map.entry("{{ '%s|%s' % (" + c + ", 'z') }}", List.of("a<b> c")),
            Map.entry("{{ '{}|{}'.format('z', " + c + ") }}", List.of("a<b> c")),
            Map.entry("{{ messages | tojson }}", List.of("content", "a<b> c")),
            Map.entry("{{ messages }}", List.of("content", "a<b> c")),
            Map.entry(
                "{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(" + c + ") }}", List.of("a<b> c")),
            Map.entry("{% set b %}({{ " + c + " }}){% endset %}{{ b }}", List.of("a<b> c")),
            Map.entry("{{ " + c + " | e }}", List.of("a&lt;b&gt; c")),
            Map.entry("{{ " + c + " | indent(2, true) }}", List.of("a<b> c")),
            Map.entry("{{ dict(**messages[0]).keys() | first }}", List.of("content")),
            Map.entry("{% for ch in " + c + "[:2] %}{{ ch }}.{% endfor %}", List.of("a", "<")),
            Map.entry("{{ " + c + " | reverse }}", List.of("c >b<a")),
            Map.entry("{{ " + c + " | title }}|{{ bos }}", List.of("A<B> C")),
            Map.entry("{{ 'a<b>' if 'a' in " + c + " }}", List.of()));
    cases.forEach((t, parts) -> assertThat(untrusted(t, "a<b> c")).as(t).isEqualTo(parts));
  }

  @Test
  void render_knownRole_isTrustedAndAnyOtherIsNot() {
    ChatTemplate template = ChatTemplate.compile("<|{{ messages[0].role }}|>");
    for (String role : List.of("user", "assistant", "system", "tool")) {
      assertThat(template.render(Map.of("messages", List.of(Map.of("role", role)))).untrusted())
          .isEmpty();
    }
    assertThat(
            template.render(Map.of("messages", List.of(Map.of("role", "endoftext")))).untrusted())
        .containsExactly(new Span(2, 11));
  }

  @Test
  void render_raiseException_isItsVeryMessage() {
    assertThatExceptionOfType(TextException.class)
        .isThrownBy(() -> render("a\n{{ raise_exception('No: ' ~ x) }}", Map.of("x", 1)))
        .satisfies(e -> {
          assertThat(e.code()).isEqualTo("template-raised");
          assertThat(e.what()).isEqualTo("No: 1");
          assertThat(e.where()).startsWith("line 2 ");
        });
  }

  @Test
  void render_faults_nameLineAndCause() {
    assertThatExceptionOfType(TextException.class)
        .isThrownBy(() -> render("\n\n{{ x.y.z }}", Map.of("x", Map.of())))
        .satisfies(e -> {
          assertThat(e.code()).isEqualTo("template-runtime");
          assertThat(e.what()).isEqualTo("'dict object' has no attribute 'y'");
          assertThat(e.where()).isEqualTo("line 3 of the chat template: {{ x.y.z }}");
        });
    assertThatExceptionOfType(TextException.class)
        .isThrownBy(() -> ChatTemplate.compile("{% if x %}\n{% endfor %}"))
        .satisfies(e -> {
          assertThat(e.code()).isEqualTo("template-syntax");
          assertThat(e.where()).startsWith("line 2 ");
        });
  }

  @Test
  void render_hostile_isStoppedByNamedLimits() {
    List<String> hostile =
        List.of(
            "{{ 'x' * 2000000000 }}",
            "{{ 9 ** (9 ** 9) }}",
            "{{ [0] * 2000000000 }}",
            "{% set ns = namespace(s='x') %}{% for i in range(100) %}"
                + "{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
            "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{{ '%999999999d' % 1 }}",
            "{{ '{:>999999999}'.format(1) }}",
            "{{ 'x'.center(2000000000) }}",
            "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}"
                + "{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
            "{% set ns = namespace(s=[1], t=[1]) %}{% for i in range(60) %}"
                + "{% set ns.s = [ns.s, ns.s] %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}"
                + "{{ ns.s == ns.t }}",
            "{% set ns = namespace(s=[1]) %}{% for i in range(99999) %}"
                + "{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s | tojson }}");
    for (String template : hostile) {
      assertThatExceptionOfType(TextException.class)
          .as(template)
          .isThrownBy(() -> render(template, Map.of()))
          .satisfies(e -> assertThat(e.code()).isIn("template-limit", "template-runtime"));
    }
    for (String template :
        List.of(
            "{{ " + "(".repeat(100_000),
            "{{ " + "-".repeat(100_000) + "1 }}",
            "{% if 1 %}".repeat(50_000))) {
      assertThatExceptionOfType(TextException.class)
          .isThrownBy(() -> ChatTemplate.compile(template))
          .satisfies(e -> assertThat(e.code()).isEqualTo("template-syntax"));
    }
  }

  @Test
  void render_strftimeNow_asksTheClock() {
    assertThat(render("{{ strftime_now('%d %b %Y, %A %H:%M:%S %-d %j') }}", Map.of()))
        .isEqualTo("05 Mar 2026, Thursday 09:07:03 5 064");
  }

  @Test
  void render_unknownValueInContext_isNamedError() {
    assertThatExceptionOfType(TextException.class)
        .isThrownBy(() -> render("x", Map.of("a", new Object())))
        .satisfies(e -> assertThat(e.code()).isEqualTo("template-context"));
  }
}
