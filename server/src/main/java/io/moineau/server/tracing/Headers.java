package io.moineau.server.tracing;

import io.moineau.server.http.HttpRequest;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The headers of a request, as propagators look for them. */
final class Headers implements TextMapGetter<HttpRequest> {
  static final Headers GETTER = new Headers();

  private Headers() {}

  /** Propagators ask by name; none that the variables can choose looks through all. */
  @Override
  public Iterable<String> keys(HttpRequest request) {
    return List.of();
  }

  @Override
  public @Nullable String get(@Nullable HttpRequest request, String name) {
    return request == null ? null : request.header(name).orElse(null);
  }
}
