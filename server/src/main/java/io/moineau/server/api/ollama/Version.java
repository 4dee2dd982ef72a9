package io.moineau.server.api.ollama;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.json.JsonMap;
import java.io.IOException;

/** {@code GET /api/version}: Moineau's own, which is not one of Ollama's. */
public final class Version implements Endpoint {
  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/api/version";
  }

  @Override
  public String summary() {
    return "The version of Moineau";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OLLAMA;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    String version = Version.class.getPackage().getImplementationVersion();
    reply.json(JsonMap.of("version", version == null ? "development" : version));
  }
}
