package io.moineau.clients;

import io.moineau.ServingOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** A server with one place and no queue, and somebody in that place who does not leave. */
final class BusyServer implements AutoCloseable {
  private static final String ENDLESS =
      """
      {"model": "%s", "prompt": "Once upon a time", "max_tokens": %d, "ignore_eos": true, "stream": true}
      """
          .formatted(LiveServer.MODEL, LiveServer.CONTEXT - 100);

  private final LiveServer server;
  private final HttpClient client = HttpClient.newHttpClient();
  private final InputStream stream;

  BusyServer() throws IOException, InterruptedException {
    server =
        LiveServer.start(options ->
            options.withMaxSequences(1).withServing(ServingOptions.defaults().withMaxWaiting(0)));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.v1() + "/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(ENDLESS))
            .build();
    stream = client.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
    stream.readNBytes(64); // it has begun
  }

  LiveServer server() {
    return server;
  }

  @Override
  public void close() throws IOException {
    stream.close();
    client.shutdownNow();
    server.close();
  }
}
