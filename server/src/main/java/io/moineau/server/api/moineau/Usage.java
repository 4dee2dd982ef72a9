package io.moineau.server.api.moineau;

import io.moineau.server.access.KeyUsage;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import io.moineau.store.ApiKey;
import io.moineau.store.DayUsage;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** {@code GET /moineau/usage}: what the caller's key has used. */
public final class Usage implements Endpoint {
  private final Service service;

  /** For this server. */
  public Usage(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/moineau/usage";
  }

  @Override
  public String summary() {
    return "What the key of this request has used: today, its budget and when that begins anew, the"
        + " last 30 days; days are those of UTC";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    Optional<KeyUsage> usage = service.gatekeeper().usage(request.caller());
    reply.json(usage.map(Usage::json).orElseGet(() -> JsonMap.of("keys", false)));
  }

  private static Map<String, Object> json(KeyUsage usage) {
    ApiKey key = usage.key();
    Map<String, Object> body = JsonMap.of("keys", true, "name", key.name(), "hint", key.hint());
    key.tokensPerDay().ifPresent(most -> body.put("tokens_per_day", most));
    key.requestsPerMinute().ifPresent(most -> body.put("requests_per_minute", most));
    if (!key.models().isEmpty()) {
      body.put("models", key.models());
    }
    key.expires().ifPresent(time -> body.put("expires", time.toString()));
    body.put("today", json(usage.today()));
    body.put("reset", usage.reset().toString());
    body.put("days", usage.days().stream().map(Usage::json).toList());
    return body;
  }

  private static Map<String, Object> json(DayUsage day) {
    return JsonMap.of(
        "day",
        day.day().toString(),
        "prompt_tokens",
        day.promptTokens(),
        "completion_tokens",
        day.completionTokens(),
        "requests",
        day.requests());
  }
}
