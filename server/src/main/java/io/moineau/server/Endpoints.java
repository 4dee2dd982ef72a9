package io.moineau.server;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.Service;
import io.moineau.server.api.common.Detokenize;
import io.moineau.server.api.common.Health;
import io.moineau.server.api.common.Tokenize;
import io.moineau.server.api.openai.ChatCompletions;
import io.moineau.server.api.openai.Completions;
import io.moineau.server.api.openai.Models;
import java.util.ArrayList;
import java.util.List;

/** All endpoints: a line for each. */
final class Endpoints {
  private Endpoints() {}

  static List<Endpoint> all(Service service) {
    List<Endpoint> all = new ArrayList<>();
    all.addAll(Health.endpoints(service));
    all.add(new Models.All(service));
    all.add(new Models.One(service));
    all.add(new ChatCompletions(service));
    all.add(new Completions(service));
    all.add(new Tokenize(service));
    all.add(new Detokenize(service));
    return all;
  }
}
