package io.moineau.server.api.ollama;

import io.moineau.ModelCard;
import io.moineau.ModelCard.TemplateSource;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufMetadata;
import io.moineau.format.GgufType;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import io.moineau.server.json.JsonObject;
import io.moineau.text.ChatTemplate;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code POST /api/show}: what is in the model's file. */
public final class Show implements Endpoint {
  private static final String TEMPLATE = "tokenizer.chat_template";

  private final Service service;

  /** For this server. */
  public Show(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/api/show";
  }

  @Override
  public String summary() {
    return "What is in the model's file";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OLLAMA;
  }

  @Override
  public List<Field> fields() {
    return OllamaFields.SHOW;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    JsonObject body = request.json();
    boolean old = body.has("name") && !body.has("model");
    String name = body.get(old ? "name" : "model").asString();
    service.checkModel(name);
    ModelCard card = service.moineau().card();
    try (GgufFile file = GgufFile.open(card.path())) {
      GgufMetadata metadata = file.metadata();
      String template = template(card, metadata);
      Map<String, Object> answer =
          JsonMap.of(
              "license",
              metadata.findString("general.license").orElse(""),
              "modelfile",
              "",
              "parameters",
              "",
              "template",
              template,
              "details",
              OllamaJson.details(card),
              "model_info",
              info(card, metadata),
              "capabilities",
              capabilities(template),
              "modified_at",
              Instant.ofEpochSecond(service.startedAt()).toString());
      reply.json(answer);
    }
  }

  /** The template in use; that of the server's options is not in the file and not shown. */
  private static String template(ModelCard card, GgufMetadata metadata) {
    if (card.chatTemplate() == TemplateSource.CHATML) {
      return ChatTemplate.CHATML;
    }
    return card.chatTemplate() == TemplateSource.MODEL
        ? metadata.findString(TEMPLATE).orElse("")
        : "";
  }

  /** The file's keys; lists, which are mostly tokens, and the template are left out. */
  private static Map<String, Object> info(ModelCard card, GgufMetadata metadata) {
    Map<String, Object> info = JsonMap.of();
    for (String key : metadata.keys()) {
      Optional<GgufType> type = metadata.type(key);
      if (type.isPresent() && type.get() != GgufType.ARRAY && !key.equals(TEMPLATE)) {
        metadata.find(key).filter(Show::writable).ifPresent(value -> info.put(key, value));
      }
    }
    info.put("general.parameter_count", card.parameters());
    return info;
  }

  private static boolean writable(Object value) {
    return !(value instanceof Double number) || Double.isFinite(number);
  }

  /** Words that clients look for. */
  private static List<String> capabilities(String template) {
    List<String> capabilities = new ArrayList<>(List.of("completion"));
    if (template.contains("tools")) {
      capabilities.add("tools");
    }
    if (template.contains("<think>") || template.contains("enable_thinking")) {
      capabilities.add("thinking");
    }
    return capabilities;
  }
}
