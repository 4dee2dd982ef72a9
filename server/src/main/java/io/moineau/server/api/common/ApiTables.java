package io.moineau.server.api.common;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.FieldTable;
import io.moineau.text.Json;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The tables of {@code docs/api.md}: every field of every endpoint and what is made of it. */
public final class ApiTables {
  private ApiTables() {}

  /** Markdown for some endpoints, a chapter for each API. */
  public static String markdown(List<Endpoint> endpoints) {
    StringBuilder text = new StringBuilder();
    for (ErrorForm form : ErrorForm.values()) {
      text.append("\n## ").append(title(form)).append('\n');
      Set<List<FieldTable>> told = new LinkedHashSet<>();
      for (Endpoint endpoint : endpoints) {
        if (endpoint.errors() == form) {
          endpoint(endpoint, told, text);
        }
      }
    }
    return text.toString();
  }

  private static String title(ErrorForm form) {
    return switch (form) {
      case OPENAI -> "OpenAI's API, and what no other API has";
      case ANTHROPIC -> "Anthropic's API";
      case OLLAMA -> "Ollama's API";
    };
  }

  private static void endpoint(Endpoint endpoint, Set<List<FieldTable>> told, StringBuilder text) {
    text.append("\n### `").append(endpoint.method()).append(' ').append(endpoint.path());
    text.append("`\n\n").append(endpoint.summary()).append(".\n");
    if (!endpoint.query().isEmpty()) {
      text.append("\nIn the query:\n");
      table(endpoint.query(), text);
    }
    table(endpoint.fields(), text);
    if (endpoint.parts().isEmpty()) {
      return;
    }
    if (!told.add(endpoint.parts())) {
      text.append("\nThe tables of what is inside are those above.\n");
      return;
    }
    for (FieldTable part : endpoint.parts()) {
      text.append("\nIn `").append(part.where()).append("`:\n");
      table(part.fields(), text);
    }
  }

  private static void table(List<Field> fields, StringBuilder text) {
    if (fields.isEmpty()) {
      return;
    }
    text.append("\n| field | type | | |\n| --- | --- | --- | --- |\n");
    for (Field field : fields) {
      text.append("| `").append(field.name()).append("` | ").append(field.type()).append(" | ");
      text.append(
          switch (field.support()) {
            case SUPPORTED -> "supported";
            case IGNORED -> "no effect";
            case REFUSED -> "**refused**";
          });
      text.append(" | ").append(note(field).replace("|", "\\|")).append(" |\n");
    }
  }

  private static String note(Field field) {
    if (field.neutral().isEmpty()) {
      return field.note();
    }
    List<String> neutral = field.neutral().stream().map(Json::write).toList();
    return field.note() + "; let through: `" + String.join("`, `", neutral) + "`";
  }
}
