package io.moineau.server;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds the endpoint of a method and a path. */
final class Routes {
  /** An endpoint and what stood in the braces of its path. */
  record Match(Endpoint endpoint, Map<String, String> parameters) {}

  private record Pattern(List<String> parts) {
    static Pattern of(String path) {
      return new Pattern(List.of(path.substring(1).split("/")));
    }

    Optional<Map<String, String>> match(String path) {
      if (!path.startsWith("/")) {
        return Optional.empty();
      }
      String rest = path.substring(1);
      Map<String, String> parameters = new HashMap<>();
      for (int i = 0; i < parts.size(); i++) {
        String part = parts.get(i);
        boolean last = i == parts.size() - 1;
        boolean variable = part.startsWith("{");
        int slash = rest.indexOf('/');
        String here = slash < 0 || (last && variable) ? rest : rest.substring(0, slash);
        if (variable ? here.isEmpty() : !here.equals(part)) {
          return Optional.empty();
        }
        if (variable) {
          parameters.put(part.substring(1, part.length() - 1), here);
        }
        rest = here.length() == rest.length() ? "" : rest.substring(here.length() + 1);
      }
      return rest.isEmpty() ? Optional.of(parameters) : Optional.empty();
    }
  }

  private final Map<Endpoint, Pattern> patterns = new LinkedHashMap<>();

  Routes(List<Endpoint> endpoints) {
    endpoints.forEach(endpoint -> patterns.put(endpoint, Pattern.of(endpoint.path())));
  }

  List<Endpoint> endpoints() {
    return new ArrayList<>(patterns.keySet());
  }

  /** The endpoint; {@code HEAD} finds that of {@code GET}. */
  Optional<Match> find(String method, String path) {
    String wanted = method.equals("HEAD") ? "GET" : method;
    for (Map.Entry<Endpoint, Pattern> entry : patterns.entrySet()) {
      if (entry.getKey().method().equals(wanted)) {
        Optional<Map<String, String>> parameters = entry.getValue().match(path);
        if (parameters.isPresent()) {
          return Optional.of(new Match(entry.getKey(), parameters.get()));
        }
      }
    }
    return Optional.empty();
  }

  /** The methods that a path has; none if there is no such path. */
  Set<String> methods(String path) {
    Set<String> methods = new TreeSet<>();
    patterns.forEach((endpoint, pattern) -> {
      if (pattern.match(path).isPresent()) {
        methods.add(endpoint.method());
      }
    });
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
    if (!methods.isEmpty()) {
      methods.add("OPTIONS");
    }
    return methods;
  }

  /** How errors look where no endpoint is found. */
  static ErrorForm form(String path) {
    if (path.startsWith("/api/")) {
      return ErrorForm.OLLAMA;
    }
    return path.startsWith("/v1/messages") ? ErrorForm.ANTHROPIC : ErrorForm.OPENAI;
  }
}
