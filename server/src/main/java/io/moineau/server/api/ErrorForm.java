package io.moineau.server.api;

import java.util.LinkedHashMap;
import java.util.Map;

/** How an API tells errors. */
public enum ErrorForm {
  /** {@code {"error": {"message", "type", "param", "code"}}}. */
  OPENAI {
    @Override
    public Map<String, Object> body(ApiError error, String requestId) {
      Map<String, Object> inner = new LinkedHashMap<>();
      inner.put("message", error.message());
      inner.put(
          "type",
          switch (error.status()) {
            case 401, 403 -> "authentication_error";
            case 429 -> "rate_limit_error";
            case 500, 503 -> "server_error";
            default -> "invalid_request_error";
          });
      putOrNull(inner, "param", error.parameter());
      inner.put("code", error.code());
      return wrap("error", inner);
    }
  },
  /** {@code {"type": "error", "error": {"type", "message"}, "request_id"}}. */
  ANTHROPIC {
    @Override
    public Map<String, Object> body(ApiError error, String requestId) {
      Map<String, Object> inner = new LinkedHashMap<>();
      inner.put(
          "type",
          switch (error.status()) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503 -> "overloaded_error";
            case 500 -> "api_error";
            default -> "invalid_request_error";
          });
      inner.put("message", error.message());
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("type", "error");
      body.put("error", inner);
      body.put("request_id", requestId);
      return body;
    }
  },
  /** {@code {"error": "message"}}. */
  OLLAMA {
    @Override
    public Map<String, Object> body(ApiError error, String requestId) {
      return wrap("error", error.message());
    }
  };

  /** The body of an answer that tells an error. */
  public abstract Map<String, Object> body(ApiError error, String requestId);

  private static Map<String, Object> wrap(String name, Object value) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(name, value);
    return map;
  }

  @SuppressWarnings("NullAway") // JSON's null is part of the form
  private static void putOrNull(Map<String, Object> map, String name, String value) {
    map.put(name, value.isEmpty() ? null : value);
  }
}
