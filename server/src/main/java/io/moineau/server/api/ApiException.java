package io.moineau.server.api;

import io.moineau.error.MoineauException;

/** A request that is refused, with the status and the words that APIs use. */
public final class ApiException extends MoineauException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final String parameter;
  private final int retryAfterSeconds;

  /**
   * An error of the four parts.
   *
   * @param status HTTP's
   * @param code in snake case, as OpenAI's API has them
   * @param parameter the field at fault; empty where there is none
   * @param retryAfterSeconds 0 for no such header
   */
  public ApiException(
      int status,
      String code,
      String parameter,
      int retryAfterSeconds,
      String what,
      String where,
      String allowed,
      String action) {
    super(code, what, where, allowed, action);
    this.status = status;
    this.parameter = parameter;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** HTTP's status. */
  public int status() {
    return status;
  }

  /** The field at fault; empty where there is none. */
  public String parameter() {
    return parameter;
  }

  /** When it is worth trying again; 0 where nothing is known. */
  public int retryAfterSeconds() {
    return retryAfterSeconds;
  }

  /** 400: a field whose value cannot be, though its type is right. */
  public static ApiException badValue(String parameter, String what, String where, String allowed) {
    return new ApiException(400, "invalid_value", parameter, 0, what, where, allowed, "");
  }

  /** 400: a field that would change the answer and is not supported. */
  public static ApiException unsupportedParameter(String parameter, String why) {
    return new ApiException(
        400,
        "unsupported_parameter",
        parameter,
        0,
        "a field is not supported",
        parameter + ": " + why,
        "",
        "leave it out");
  }

  /** 400: a value of a known field that is not supported. */
  public static ApiException unsupportedValue(String parameter, String where, String allowed) {
    return new ApiException(
        400, "unsupported_value", parameter, 0, "a value is not supported", where, allowed, "");
  }

  /** 400: a field that nobody knows. */
  public static ApiException unknownParameter(String parameter) {
    return new ApiException(
        400,
        "unknown_parameter",
        parameter,
        0,
        "a field is not known",
        parameter,
        "",
        "leave it out, or start the server with --ignore-unknown-fields");
  }

  /** 404: a model that is not served here. */
  public static ApiException unknownModel(String asked, String served) {
    return new ApiException(
        404,
        "model_not_found",
        "model",
        0,
        "the model is not served here",
        asked,
        served,
        "ask for that one");
  }

  /** 503: the server ends. */
  public static ApiException shuttingDown() {
    return new ApiException(
        503, "server_shutting_down", "", 5, "the server is shutting down", "", "", "ask again");
  }
}
