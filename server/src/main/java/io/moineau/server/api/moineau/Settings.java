package io.moineau.server.api.moineau;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import java.io.IOException;

/** {@code GET /moineau/settings}: what a page must know before it has a key. */
public final class Settings implements Endpoint {
  private final Service service;

  /** For this server. */
  public Settings(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/moineau/settings";
  }

  @Override
  public String summary() {
    return "Whether keys are asked for and conversations kept, the model's name, the version;"
        + " needs no key";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public boolean open() {
    return true;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    String version = Settings.class.getPackage().getImplementationVersion();
    reply.json(
        JsonMap.of(
            "keys",
            service.gatekeeper().asksForKeys(),
            "conversations",
            service.conversations().isPresent(),
            "model",
            service.modelId(),
            "version",
            version == null ? "development" : version));
  }
}
