package io.moineau.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTest {
  @Test
  void parse_everyKind_givesPlainValues() {
    Object value = Json.parse("{\"b\":[1,-2.5,1e2,true,null,\"\\u00e9\\n\"],\"a\":{}}");
    assertThat(value)
        .isEqualTo(Map.of("b", Arrays.asList(1L, -2.5, 100.0, true, null, "é\n"), "a", Map.of()));
    assertThat(((Map<?, ?>) value).keySet().toString()).isEqualTo("[b, a]");
    assertThat(Json.parse("123456789012345678901"))
        .isEqualTo(new BigInteger("123456789012345678901"));
    assertThat(Json.parse("\"é\"".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isEqualTo("é");
  }

  @Test
  void write_nested_readsBackEqual() {
    Object value = Json.parse("{\"b\":[1,2.5,[],{}],\"a\":{\"x\":\"\\\"\\u0001é\"},\"n\":null}");
    assertThat(Json.write(value))
        .isEqualTo("{\"b\":[1,2.5,[],{}],\"a\":{\"x\":\"\\\"\\u0001é\"},\"n\":null}");
    assertThat(Json.parse(Json.writeIndented(value))).isEqualTo(value);
    assertThat(Json.writeIndented(Map.of("a", List.of(1, 2))))
        .isEqualTo("{\n  \"a\": [\n    1,\n    2\n  ]\n}");
  }

  @Test
  void parse_badText_isNamedError() {
    for (String bad :
        List.of(
            "", " ", "{", "[1,]", "nul", "1 2", "{\"a\"}", "'a'", "NaN", "\"a", "[1}", "\"\n\"")) {
      assertThatExceptionOfType(TextException.class)
          .as(bad)
          .isThrownBy(() -> Json.parse(bad))
          .satisfies(e -> assertThat(e.code()).isEqualTo("json-malformed"));
    }
  }

  @Test
  void parse_deepOrLong_isNamedError() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    for (String bad : List.of(deep, "1".repeat(100_000))) {
      assertThatExceptionOfType(TextException.class)
          .isThrownBy(() -> Json.parse(bad))
          .satisfies(e -> assertThat(e.code()).isEqualTo("json-too-large"));
    }
  }

  @Test
  void write_unknownValues_isNamedError() {
    for (Object bad : List.of(Double.NaN, new Object(), Map.of(1, 2))) {
      assertThatExceptionOfType(TextException.class)
          .isThrownBy(() -> Json.write(bad))
          .satisfies(e -> assertThat(e.code()).isEqualTo("json-unwritable"));
    }
  }

  @Test
  void parse_file_missingOrFolder_isNamedError(@TempDir Path folder) throws IOException {
    for (Path bad : List.of(folder, folder.resolve("none.json"))) {
      assertThatExceptionOfType(TextException.class)
          .isThrownBy(() -> Json.parse(bad))
          .satisfies(e -> assertThat(e.code()).isEqualTo("json-unreadable"));
    }
    Path good = folder.resolve("a.json");
    Files.writeString(good, "[1]");
    assertThat(Json.parse(good)).isEqualTo(List.of(1L));
  }
}
