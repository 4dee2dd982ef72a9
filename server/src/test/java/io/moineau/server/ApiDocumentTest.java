package io.moineau.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.Field;
import io.moineau.server.api.FieldTable;
import io.moineau.server.api.ScriptedService;
import io.moineau.server.api.common.ApiTables;
import io.moineau.server.api.common.OpenApi;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** docs/api.md and /openapi.json say what the tables of the endpoints say. */
class ApiDocumentTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("moineau.root", "..")).resolve("docs/api.md");
  private static final String MARK = "<!-- From here on made from the tables of the endpoints. -->";
  private static final Set<String> METHODS = Set.of("get", "post", "put", "delete");
  private static final Set<String> TYPES =
      Set.of("string", "integer", "number", "boolean", "object", "array");

  private static List<Endpoint> endpoints() {
    return Endpoints.all(new ScriptedService());
  }

  @Test
  void document_isWhatTheTablesSay() throws IOException {
    String document = Files.readString(DOCUMENT);
    int mark = document.indexOf(MARK);
    assertThat(mark).as("the mark in " + DOCUMENT).isPositive();
    String wanted = document.substring(0, mark) + MARK + "\n" + ApiTables.markdown(endpoints());
    if (Boolean.getBoolean("moineau.record.api")) {
      Files.writeString(DOCUMENT, wanted);
    } else {
      assertThat(document)
          .as(
              "renew docs/api.md: ./mvnw -pl server -am test -Dtest=ApiDocumentTest"
                  + " -Dsurefire.failIfNoSpecifiedTests=false -Dmoineau.record.api=true")
          .isEqualTo(wanted);
    }
  }

  @Test
  void tables_nameAFieldOnce_andSayWhy() {
    for (Endpoint endpoint : endpoints()) {
      table(endpoint.path(), endpoint.fields());
      table(endpoint.path() + " query", endpoint.query());
      for (FieldTable part : endpoint.parts()) {
        table(endpoint.path() + " " + part.where(), part.fields());
      }
    }
  }

  private static void table(String where, List<Field> fields) {
    Set<String> names = new HashSet<>();
    for (Field field : fields) {
      assertThat(names.add(field.name())).as(where + " " + field.name()).isTrue();
      if (field.support() != Field.Support.SUPPORTED) {
        assertThat(field.note()).as(where + " " + field.name()).isNotEmpty();
      }
    }
  }

  /** What the specification of OpenAPI 3.1 demands of the parts that are used here. */
  @Test
  void openApi_keepsToTheSpecification() {
    Map<?, ?> document = map(Json.parse(Json.write(OpenApi.describe(endpoints()))));
    assertThat(document.get("openapi")).isEqualTo("3.1.0");
    assertThat((String) map(document.get("info")).get("title")).isNotEmpty();
    assertThat((String) map(document.get("info")).get("version")).isNotEmpty();
    Map<?, ?> schemas = map(map(document.get("components")).get("schemas"));
    Set<String> ids = new HashSet<>();
    int operations = 0;
    for (Map.Entry<?, ?> path : map(document.get("paths")).entrySet()) {
      assertThat((String) path.getKey()).startsWith("/");
      for (Map.Entry<?, ?> method : map(path.getValue()).entrySet()) {
        assertThat(METHODS).contains((String) method.getKey());
        operation((String) path.getKey(), map(method.getValue()), ids, schemas);
        operations++;
      }
    }
    assertThat(operations).isEqualTo(endpoints().size());
    schemas.values().forEach(schema -> schema(schema, schemas));
  }

  private static void operation(
      String path, Map<?, ?> operation, Set<String> ids, Map<?, ?> schemas) {
    String id = (String) operation.get("operationId");
    assertThat(ids.add(id)).as("operationId " + id + " is there once").isTrue();
    assertThat(map(operation.get("responses"))).isNotEmpty();
    for (Object response : map(operation.get("responses")).values()) {
      assertThat((String) map(response).get("description")).isNotEmpty();
      content(map(response), schemas);
    }
    Set<String> named = new HashSet<>();
    Set<Object> asked = new HashSet<>();
    if (operation.get("parameters") instanceof List<?> parameters) {
      for (Object parameter : parameters) {
        schema(map(parameter).get("schema"), schemas);
        if (map(parameter).get("in").equals("query")) {
          assertThat(map(parameter).get("required")).isEqualTo(false);
          assertThat(asked.add(map(parameter).get("name"))).as("once").isTrue();
          continue;
        }
        assertThat(map(parameter).get("in")).isEqualTo("path");
        assertThat(map(parameter).get("required")).isEqualTo(true);
        named.add("{" + map(parameter).get("name") + "}");
      }
    }
    assertThat(path.replaceAll("[^{}]*(\\{[^}]*})?[^{}]*", "$1"))
        .as("parameters of " + path)
        .isEqualTo(String.join("", named));
    if (operation.get("requestBody") instanceof Map<?, ?> body) {
      assertThat(body.get("content")).isNotNull();
      content(body, schemas);
    }
  }

  private static void content(Map<?, ?> holder, Map<?, ?> schemas) {
    if (holder.get("content") instanceof Map<?, ?> content) {
      assertThat(content.get("application/json")).isNotNull();
      schema(map(content.get("application/json")).get("schema"), schemas);
    }
  }

  private static void schema(Object value, Map<?, ?> schemas) {
    Map<?, ?> schema = map(value);
    if (schema.get("$ref") instanceof String reference) {
      assertThat(reference).startsWith("#/components/schemas/");
      assertThat(schemas.get(reference.substring("#/components/schemas/".length()))).isNotNull();
    }
    if (schema.get("type") instanceof String type) {
      assertThat(TYPES).contains(type);
    }
    if (schema.get("anyOf") instanceof List<?> any) {
      assertThat(any).isNotEmpty();
      any.forEach(one -> schema(one, schemas));
    }
    if (schema.get("items") != null) {
      schema(schema.get("items"), schemas);
    }
    if (schema.get("additionalProperties") != null) {
      schema(schema.get("additionalProperties"), schemas);
    }
    if (schema.get("properties") instanceof Map<?, ?> properties) {
      properties.values().forEach(property -> schema(property, schemas));
      if (schema.get("required") instanceof List<?> required) {
        required.forEach(name -> assertThat(properties.get(name)).isNotNull());
      }
    }
  }

  private static Map<?, ?> map(Object value) {
    assertThat(value).isInstanceOf(Map.class);
    return (Map<?, ?>) value;
  }
}
