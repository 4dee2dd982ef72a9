package io.moineau.server.api.moineau;

import io.moineau.ExpertActivity;
import io.moineau.MemoryReport;
import io.moineau.ModelCard;
import io.moineau.ModelCard.TemplateSource;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code GET /moineau/model}: what is served and how it runs. No path of the host is told. */
public final class Model implements Endpoint {
  private static final String GENERIC = "generic"; // no form of calls in the template

  private final Service service;

  /** For this server. */
  public Model(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/moineau/model";
  }

  @Override
  public String summary() {
    return "The model: its size, its experts, its context, what its template can say, and how it runs";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    ModelCard card = service.moineau().card();
    MemoryReport memory = card.memory();
    List<Integer> moeLayers =
        service.moineau().experts().map(ExpertActivity::layers).stream()
            .flatMapToInt(Arrays::stream)
            .boxed()
            .toList();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("id", service.modelId());
    body.put("name", card.name());
    body.put("architecture", card.architecture());
    body.put("quantisation", card.quantization());
    body.put("parameters", card.parameters());
    body.put("active_parameters", card.activeParameters());
    body.put("bytes", card.fileBytes());
    body.put("layers", card.numLayers());
    body.put("moe_layers", moeLayers);
    body.put("experts", card.numExperts());
    body.put("experts_per_token", card.numExpertsPerTok());
    body.put("vocabulary", card.vocabularySize());
    body.put("context", card.contextLength());
    body.put("trained_context", card.trainedContextLength());
    body.put("chat", card.chatTemplate() != TemplateSource.PLAIN);
    body.put("tools", !card.answerFormat().equals(GENERIC));
    body.put("reasoning", card.reasoning());
    body.put("answer_format", card.answerFormat());
    body.put("provider", card.provider());
    body.put("threads", card.threads());
    body.put("demonstration", card.demonstration());
    Map<String, Object> bytes = new LinkedHashMap<>();
    bytes.put("weights_bytes", memory.weightsBytes());
    bytes.put("kv_bytes", memory.kvBytes());
    bytes.put("scratch_bytes", memory.scratchBytes());
    bytes.put("total_bytes", memory.totalBytes());
    bytes.put("available_bytes", memory.availableBytes());
    bytes.put("kv_tokens", memory.kvTokens());
    bytes.put("kv_type", memory.kvType().name());
    body.put("memory", bytes);
    body.put("memory_bytes", memory.totalBytes());
    body.put("load_seconds", card.loadNanos() / 1e9);
    reply.json(body);
  }
}
