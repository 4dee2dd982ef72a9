package io.moineau.server.http.helidon;

import io.helidon.http.HeaderNames;
import io.helidon.http.RequestException;
import io.helidon.webserver.http.ServerRequest;
import io.moineau.server.http.HttpException;
import io.moineau.server.http.HttpLimits;
import io.moineau.server.http.HttpRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request by Helidon. */
final class HelidonRequest implements HttpRequest {
  private final ServerRequest request;
  private final GuardedConnection connection;
  private final HttpLimits limits;
  private final BodyBudget budget;
  private long taken;
  private byte @Nullable [] body;

  HelidonRequest(
      ServerRequest request, GuardedConnection connection, HttpLimits limits, BodyBudget budget) {
    this.budget = budget;
    this.request = request;
    this.connection = connection;
    this.limits = limits;
  }

  @Override
  public String method() {
    return request.prologue().method().text();
  }

  @Override
  public String path() {
    return request.path().path();
  }

  @Override
  public Optional<String> query(String name) {
    return request.query().contains(name)
        ? Optional.of(request.query().get(name))
        : Optional.empty();
  }

  @Override
  public List<String> queries(String name) {
    return request.query().contains(name) ? request.query().all(name) : List.of();
  }

  @Override
  public Set<String> queryNames() {
    return request.query().names();
  }

  @Override
  public Optional<String> header(String name) {
    return request.headers().first(HeaderNames.create(name));
  }

  @Override
  public List<String> headers(String name) {
    return request.headers().values(HeaderNames.create(name));
  }

  @Override
  public String remote() {
    return request.remotePeer().host();
  }

  @Override
  public byte[] body() {
    if (body == null) {
      body = readBody();
    }
    return body;
  }

  private byte[] readBody() {
    OptionalLong length = request.headers().contentLength();
    if (length.isPresent() && length.getAsLong() > limits.bodyBytes()) {
      throw tooLarge("Content-Length " + length.getAsLong());
    }
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try (InputStream in = request.content().inputStream()) {
      ByteArrayOutputStream all =
          new ByteArrayOutputStream((int) Math.min(length.orElse(8192), 1 << 20));
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (!budget.take(n)) {
          throw new HttpException(
              503,
              "bodies-too-large",
              "the requests that are being read are too large together",
              "",
              "",
              "try again in a while");
        }
        taken += n;
        all.write(buffer, 0, n);
        if (all.size() > limits.bodyBytes()) {
          throw tooLarge("more than " + limits.bodyBytes() + " bytes");
        }
      }
      connection.bodyRead();
      return all.toByteArray();
    } catch (HttpException e) {
      throw e;
    } catch (RequestException e) {
      boolean slow = e.status().code() == 408;
      throw new HttpException(
          slow ? 408 : 400,
          slow ? "body-too-slow" : "body-malformed",
          slow ? "the body of the request came too slowly" : "the body of the request is malformed",
          "",
          slow ? "the whole body within " + limits.bodyTime().toSeconds() + " s" : "",
          "send it again");
    } catch (IOException | RuntimeException e) {
      throw new HttpException(
          400, "body-cut-short", "the body of the request is cut short", "", "", "send it again");
    }
  }

  /** The request is answered, and nobody needs its body. */
  void answered() {
    budget.give(taken);
    taken = 0;
  }

  private HttpException tooLarge(String where) {
    return new HttpException(
        413,
        "body-too-large",
        "the body of the request is too large",
        where,
        "at most " + limits.bodyBytes() + " bytes",
        "send less, or start the server with a larger limit");
  }

  @Override
  public void onGone(Runnable action) {
    connection.answering(action);
  }
}
