package io.moineau.text.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.text.Json;
import io.moineau.text.TextException;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonSchemaTest {
  private record Golden(String schema, List<String> accepted, List<String> rejected) {}

  /** JSON with ' for ". */
  private static Golden golden(String schema, List<String> accepted, List<String> rejected) {
    return new Golden(
        quotes(schema),
        accepted.stream().map(JsonSchemaTest::quotes).toList(),
        rejected.stream().map(JsonSchemaTest::quotes).toList());
  }

  private static String quotes(String text) {
    return text.replace('\'', '"');
  }

  private static final List<Golden> SCALARS =
      List.of(
          golden("true", List.of("1", "[{'a': null}]"), List.of("", "nul")),
          golden("{'type': 'boolean'}", List.of("true", "false"), List.of("'true'", "1")),
          golden("{'type': 'null'}", List.of("null"), List.of("0")),
          golden("{'type': ['string', 'null']}", List.of("null", "'a'"), List.of("1")),
          golden("{'type': 'string', 'nullable': true}", List.of("null", "''"), List.of("false")),
          golden("{'type': 'integer'}", List.of("0", "-12"), List.of("01", "1.5", "-")),
          golden("{'type': 'number'}", List.of("0", "-1.25e+3"), List.of("1.", ".5", "+1")),
          golden(
              "{'enum': ['a', 1, null, {'b': [2]}]}",
              List.of("'a'", "1", "null", "{'b': [2]}", "{'b':[2]}"),
              List.of("'b'", "2", "{}")),
          golden("{'type': 'string', 'enum': ['a', 1]}", List.of("'a'"), List.of("1")),
          golden("{'enum': ['ab', 'abc'], 'minLength': 3}", List.of("'abc'"), List.of("'ab'")),
          golden("{'enum': [1, 5, 9], 'minimum': 3}", List.of("5", "9"), List.of("1")),
          golden("{'const': 'x\\\"y'}", List.of("'x\\\"y'"), List.of("'x'")),
          golden("{'minimum': 3, 'type': 'integer'}", List.of("3", "1000"), List.of("2", "-3")),
          golden(
              "{'type': 'integer', 'minimum': -7, 'maximum': 120}",
              List.of("-7", "-1", "0", "9", "10", "99", "120"),
              List.of("-8", "-10", "121", "200", "1000", "-0")),
          golden(
              "{'type': 'integer', 'exclusiveMinimum': 99, 'exclusiveMaximum': 101}",
              List.of("100"),
              List.of("99", "101", "10")),
          golden("{'type': 'integer', 'maximum': -3}", List.of("-3", "-40"), List.of("-2", "3")),
          golden(
              "{'type': 'number', 'minimum': 0.5, 'exclusiveMaximum': 2}",
              List.of("0.5", "0.75", "1", "1.99", "0.500"),
              List.of("0.4", "0.49", "2", "2.0", "0", "10")),
          golden(
              "{'type': 'number', 'exclusiveMinimum': -1.5, 'maximum': 0}",
              List.of("-1.4", "-1.49", "-0.001", "0", "0.0"),
              List.of("-1.5", "-1.50", "-2", "0.1")),
          golden(
              "{'type': 'number', 'minimum': 0, 'exclusiveMinimum': true}",
              List.of("0.1", "3"),
              List.of("0", "0.0", "-1")),
          golden(
              "{'type': 'integer', 'multipleOf': 7}",
              List.of("0", "7", "-14", "7000000000000007"),
              List.of("1", "8", "-13")),
          golden(
              "{'type': 'integer', 'multipleOf': 2.5, 'minimum': 1}",
              List.of("5", "100"),
              List.of("2", "0", "12")),
          golden(
              "{'type': 'number', 'multipleOf': 0.25, 'minimum': 1, 'maximum': 3}",
              List.of("1", "1.25", "2.5", "3.00"),
              List.of("1.2", "0.75", "3.25", "1.251")),
          golden(
              "{'type': 'number', 'multipleOf': 0.01}",
              List.of("12.34", "-0.05", "7", "7.5"),
              List.of("1.234")),
          golden(
              "{'type': 'number', 'minimum': -1e308, 'maximum': 1e308}",
              List.of("0", "-99999.5"),
              List.of("x")));

  private static final List<Golden> STRINGS =
      List.of(
          golden(
              "{'type': 'string'}",
              List.of("''", "'h\u00e9 \\n \\u00e9 \\ud83d\\ude00'"),
              List.of("'a", "'\n'", "'\\x'", "'\\ud83d'", "'\\ude00'")),
          golden(
              "{'type': 'string', 'minLength': 2, 'maxLength': 3}",
              List.of("'ab'", "'a\\n\u20ac'", "'\\ud83d\\ude00x'"),
              List.of("'a'", "'abcd'")),
          golden(
              "{'type': 'string', 'minLength': 90, 'maxLength': 100}",
              List.of("'" + "a".repeat(90) + "'", "'" + "\u00e9".repeat(100) + "'"),
              List.of("'" + "a".repeat(89) + "'", "'" + "a".repeat(101) + "'")),
          golden(
              "{'pattern': '^[a-z]+(-[a-z]+)*$'}", List.of("'a-b'"), List.of("'a-'", "'A'", "''")),
          golden("{'pattern': 'b'}", List.of("'abc'", "'b'"), List.of("'ac'")),
          golden(
              "{'pattern': '^[a-z\\\"]+$', 'maxLength': 3}",
              List.of("'a\\\"b'"),
              List.of("'abcd'", "''")),
          golden(
              "{'allOf': [{'pattern': '^a'}, {'pattern': 'z$'}], 'type': 'string'}",
              List.of("'az'", "'abz'"),
              List.of("'ab'", "'bz'")),
          golden(
              "{'format': 'date-time'}",
              List.of("'2024-02-29T23:59:59.5Z'", "'1999-12-31T00:00:00+02:00'"),
              List.of("'2023-02-29T00:00:00Z'", "'2024-01-01'", "'2024-01-01T24:00:00Z'")),
          golden(
              "{'format': 'date'}",
              List.of("'2000-02-29'", "'2024-04-30'"),
              List.of("'1900-02-29'", "'2024-04-31'", "'2024-13-01'")),
          golden("{'format': 'time'}", List.of("'10:00:00Z'"), List.of("'10:00'", "'25:00:00Z'")),
          golden(
              "{'format': 'duration'}",
              List.of("'P3D'", "'PT1H30M'", "'P1Y2M3DT4H'", "'P2W'"),
              List.of("'P'", "'PT'", "'P1H'", "'1D'")),
          golden(
              "{'format': 'email'}", List.of("'a.b@c.de'"), List.of("'a@'", "'@b'", "'a b@c.d'")),
          golden(
              "{'format': 'hostname'}", List.of("'a-b.example'"), List.of("'-a'", "'a..b'", "''")),
          golden("{'format': 'ipv4'}", List.of("'255.0.1.10'"), List.of("'256.0.0.1'", "'1.2.3'")),
          golden(
              "{'format': 'ipv6'}",
              List.of("'::'", "'2001:db8::1'", "'1:2:3:4:5:6:7:8'", "'::ffff'", "'1::'"),
              List.of("'1:2:3'", "'1::2::3'", "':::'", "'12345::'")),
          golden(
              "{'format': 'uuid'}",
              List.of("'123e4567-e89b-12d3-a456-426614174000'"),
              List.of("'123e4567'")),
          golden(
              "{'format': 'uri'}",
              List.of("'https://a.example:80/b/c?d=e#f'"),
              List.of("'a'", "'http://'", "'http://a b'")));

  private static final List<Golden> COMPOUND =
      List.of(
          golden(
              "{'type': 'object', 'properties': {'a': {'type': 'integer'}, 'b': {'const': 1}},"
                  + "'required': ['a', 'b'], 'additionalProperties': false}",
              List.of("{'a': 3, 'b': 1}", "{'a':3,'b':1}", "{\n  'a': 3,\n  'b': 1\n}"),
              List.of("{'a': 3}", "{'b': 1, 'a': 3}", "{'a': 3, 'b': 1, 'c': 2}", "{}")),
          golden(
              "{'type': 'object', 'properties': {'a': {'const': 1}, 'b': {'const': 2}, 'c': "
                  + "{'const': 3}}, 'required': ['b']}",
              List.of("{'b': 2}", "{'a': 1, 'b': 2}", "{'b': 2, 'c': 3}", "{'a':1,'b':2,'c':3}"),
              List.of("{}", "{'a': 1}", "{'a': 1, 'c': 3}", "{'b': 2,}", "{,'b': 2}")),
          golden(
              "{'properties': {'a': {'const': 1}, 'b': {'const': 2}}}",
              List.of("{}", "{ }", "{'a': 1}", "{'b': 2}", "{'a': 1, 'b': 2}"),
              List.of("{'c': 1}", "{  }", "1")),
          golden(
              "{'type': 'object', 'additionalProperties': {'type': 'integer'}}",
              List.of("{}", "{'x': 1, 'y': 2}"),
              List.of("{'x': 'a'}", "{'x'}")),
          golden(
              "{'type': 'object', 'properties': {'ab': {'const': 1}}, 'additionalProperties': "
                  + "{'type': 'string'}}",
              List.of("{'ab': 1, 'abc': 'x'}", "{'a': 'x', '': 'y'}", "{'b\\\"': 'z'}"),
              List.of("{'ab': 'x'}", "{'a': 1}", "{'a': 'x', 'ab': 1}")),
          golden(
              "{'type': 'object', 'additionalProperties': true, 'maxProperties': 2}",
              List.of("{}", "{'a': 1, 'b': [2]}"),
              List.of("{'a': 1, 'b': 2, 'c': 3}")),
          golden(
              "{'type': 'object', 'patternProperties': {'^x': {'type': 'integer'}}, "
                  + "'properties': {'xa': {'minimum': 5}}, 'additionalProperties': false}",
              List.of("{'xa': 5}", "{'x': 1, 'xb': 2}"),
              List.of("{'xa': 4}", "{'y': 1}", "{'xb': 'a'}")),
          golden(
              "{'type': 'object', 'propertyNames': {'type': 'string', 'pattern': '^x'}, "
                  + "'additionalProperties': {'type': 'integer'}, 'properties': {'y': {}}}",
              List.of("{}", "{'x': 1, 'xy': 2}"),
              List.of("{'y': 1}", "{'ax': 1}", "{'x': 'a'}")),
          golden(
              "{'type': 'object', 'propertyNames': {'enum': ['a', 'b']}, "
                  + "'additionalProperties': {}}",
              List.of("{'a': 1, 'b': null}"),
              List.of("{'c': 1}", "{'ab': 1}")),
          golden(
              "{'type': 'object', 'required': ['q']}",
              List.of("{'q': [1, 'a']}"),
              List.of("{}", "{'r': 1}")),
          golden("{'type': 'object'}", List.of("{}", "{'a': {'b': 1}}"), List.of("[]")),
          golden(
              "{'type': 'array', 'items': {'type': 'boolean'}, 'minItems': 1, 'maxItems': 3}",
              List.of("[true]", "[ true, false,\n true ]"),
              List.of("[]", "[true, true, true, true]", "[1]", "[true,]")),
          golden("{'type': 'array', 'maxItems': 0}", List.of("[]"), List.of("[1]")),
          golden("{'type': 'array'}", List.of("[]", "[1, 'a']"), List.of("{}")),
          golden(
              "{'type': 'array', 'prefixItems': [{'const': 1}, {'const': 2}], 'minItems': 1}",
              List.of("[1]", "[1, 2]"),
              List.of("[]", "[2]", "[1, 2, 3]")),
          golden(
              "{'prefixItems': [{'const': 1}], 'items': {'const': 2}, 'minItems': 2, "
                  + "'maxItems': 3}",
              List.of("[1, 2]", "[1, 2, 2]"),
              List.of("[1]", "[1, 1]", "[1, 2, 2, 2]")),
          golden(
              "{'anyOf': [{'type': 'integer'}, {'type': 'string', 'maxLength': 1}]}",
              List.of("1", "'a'"),
              List.of("'ab'", "true")),
          golden(
              "{'type': 'object', 'properties': {'a': {'type': 'integer'}}, 'required': ['a'], "
                  + "'anyOf': [{'properties': {'b': {'const': 1}}, 'required': ['b']}, "
                  + "{'properties': {'a': {'minimum': 10}}}]}",
              List.of("{'a': 1, 'b': 1}", "{'a': 12}"),
              List.of("{'a': 1}")),
          golden(
              "{'oneOf': [{'type': 'object', 'properties': {'k': {'const': 'x'}}, 'required': "
                  + "['k']}, {'type': 'object', 'properties': {'k': {'enum': ['y', 'z']}}, "
                  + "'required': ['k']}, {'type': 'null'}]}",
              List.of("{'k': 'x'}", "{'k': 'z'}", "null"),
              List.of("{'k': 'w'}", "{}")),
          golden(
              "{'allOf': [{'type': 'object', 'properties': {'a': {'type': 'number'}}}, "
                  + "{'properties': {'a': {'type': 'integer'}, 'b': {'const': 2}}, "
                  + "'required': ['a']}]}",
              List.of("{'a': 1}", "{'a': 1, 'b': 2}"),
              List.of("{'a': 1.5}", "{'b': 2}")),
          golden(
              "{'allOf': [{'properties': {'a': {}}, 'additionalProperties': false}, "
                  + "{'properties': {'b': {}}}], 'type': 'object'}",
              List.of("{}", "{'a': 1}"),
              List.of("{'b': 1}")),
          golden(
              "{'$ref': '#/$defs/node', '$defs': {'node': {'type': 'object', 'properties': "
                  + "{'v': {'type': 'integer'}, 'next': {'anyOf': [{'$ref': '#/$defs/node'}, "
                  + "{'type': 'null'}]}}, 'required': ['v', 'next'], "
                  + "'additionalProperties': false}}}",
              List.of("{'v': 1, 'next': null}", "{'v': 1, 'next': {'v': 2, 'next': null}}"),
              List.of("{'v': 1}", "{'v': 1, 'next': {}}")),
          golden(
              "{'type': 'object', 'properties': {'c': {'type': 'array', 'items': {'$ref': '#'}}}}",
              List.of("{}", "{'c': [{}, {'c': []}]}"),
              List.of("{'c': [1]}")),
          golden(
              "{'$defs': {'a/b': {'type': 'integer'}}, '$ref': '#/$defs/a~1b', 'minimum': 3}",
              List.of("3"),
              List.of("2")),
          golden(
              "{'title': 'T', 'description': 'd', 'default': 1, 'examples': [1], '$comment': 'c', "
                  + "'x-own': 1, 'type': 'integer'}",
              List.of("1"),
              List.of("'a'")),
          golden(
              "{'type': 'object', 'properties': {'a': false, 'b': {'const': 1}}}",
              List.of("{}", "{'b': 1}"),
              List.of("{'a': 1}")));

  @Test
  void accepts_scalars_goldenTable() {
    check(SCALARS);
  }

  @Test
  void accepts_strings_goldenTable() {
    check(STRINGS);
  }

  @Test
  void accepts_compound_goldenTable() {
    check(COMPOUND);
  }

  private static void check(List<Golden> table) {
    for (Golden golden : table) {
      Object schema = Json.parse(golden.schema());
      Grammar grammar = Grammar.ofJsonSchema(schema);
      for (String text : golden.accepted()) {
        assertThat(grammar.accepts(text)).as(golden.schema() + " on " + text).isTrue();
        assertThat(SchemaValidator.isValid(schema, Json.parse(text)))
            .as("the oracle: " + golden.schema() + " on " + text)
            .isTrue();
      }
      for (String text : golden.rejected()) {
        assertThat(grammar.accepts(text)).as(golden.schema() + " on " + text).isFalse();
      }
    }
  }

  @Test
  void accepts_enumOfThousands_eachAndNoOther() {
    List<Object> values = new java.util.ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      values.add("value-" + i);
      values.add((long) i);
    }
    values.add("\uD83D\uDE00");
    values.add("\uD83D\uDE01");
    Grammar grammar = Grammar.ofJsonSchema(java.util.Map.of("enum", values));
    for (Object value : values) {
      assertThat(grammar.accepts(Json.write(value))).isTrue();
    }
    assertThat(grammar.accepts("\"value-2500\"")).isFalse();
    assertThat(grammar.accepts("\"value-\"")).isFalse();
    assertThat(grammar.accepts("2500")).isFalse();
    assertThat(grammar.accepts("\"\uD83D\uDE02\"")).isFalse();
  }

  @Test
  void ofJsonSchema_whatCannotBeKept_refusedWithPointerAndKeyword() {
    assertRefused("{'properties': {'a': {'not': {}}}}", "#/properties/a/not");
    assertRefused("{'if': {}, 'then': {}}", "if");
    assertRefused("{'type': 'array', 'uniqueItems': true}", "#/uniqueItems");
    assertRefused("{'type': 'array', 'contains': {}}", "#/contains");
    assertRefused(
        "{'type': 'object', 'propertyNames': {'format': 'email'}}", "#/propertyNames/format");
    assertRefused("{'type': 'object', 'minProperties': 1}", "#/minProperties");
    assertRefused("{'type': 'object', 'dependentRequired': {}}", "#/dependentRequired");
    assertRefused("{'type': 'string', 'format': 'iri'}", "#/format");
    assertRefused("{'type': 'string', 'pattern': '(?=a)'}", "#/pattern");
    assertRefused("{'maxlength': 3}", "#/maxlength");
    assertRefused("{'type': 'text'}", "#/type");
    assertRefused("{'type': 'string', 'maxLength': 'a'}", "#/maxLength");
    assertRefused("{'oneOf': [{'type': 'integer'}, {'type': 'number'}]}", "#/oneOf");
    assertRefused("{'$ref': 'https://example.org/x'}", "#/$ref");
    assertRefused("{'$ref': '#/$defs/none'}", "leads nowhere");
    assertRefused("{'$ref': '#'}", "refers to itself");
    assertRefused("{'anyOf': [{'$ref': '#'}, {'type': 'null'}]}", "refers to itself");
    assertRefused(
        "{'type': 'object', 'properties': {'a': {'$ref': '#'}}, 'required': ['a']}",
        "refers to itself");
    assertRefused("false", "no value");
    assertRefused("{'type': 'integer', 'minimum': 3, 'maximum': 2}", "no value");
    assertRefused("{'type': 'integer', 'multipleOf': 100000}", "#/multipleOf");
    assertRefused("{'type': 'object', 'properties': {'a': false}, 'required': ['a']}", "no value");
    assertRefused("{'enum': [1], 'type': 'string'}", "no value");
    assertThatThrownBy(() -> Grammar.ofJsonSchema("x")).isInstanceOf(TextException.class);
  }

  private static void assertRefused(String schema, String says) {
    Object value = Json.parse(quotes(schema));
    assertThatThrownBy(() -> Grammar.ofJsonSchema(value))
        .as(schema)
        .isInstanceOfSatisfying(
            TextException.class, e -> assertThat(e.code()).isEqualTo("schema-unsupported"))
        .hasMessageContaining(says);
  }
}
