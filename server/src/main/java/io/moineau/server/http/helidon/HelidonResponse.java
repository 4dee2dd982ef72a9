package io.moineau.server.http.helidon;

import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerResponse;
import io.moineau.server.http.HttpResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** An answer by Helidon. */
final class HelidonResponse implements HttpResponse {
  private final ServerResponse response;
  private final boolean headersOnly;
  private final Runnable beforeSend;
  private int status = 200;
  private boolean started;
  private boolean last;
  private @Nullable OutputStream stream;

  HelidonResponse(ServerResponse response, boolean headersOnly, Runnable beforeSend) {
    this.beforeSend = beforeSend;
    this.response = response;
    this.headersOnly = headersOnly;
  }

  @Override
  public void status(int value) {
    status = value;
    response.status(value);
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public void header(String name, String value) {
    response.headers().set(HeaderValues.create(name, value));
  }

  @Override
  public void close() {
    last = true;
    response.headers().set(HeaderValues.CONNECTION_CLOSE);
  }

  /** Whether the connection ends with it. */
  boolean isLast() {
    return last;
  }

  @Override
  public void send(byte[] body) throws IOException {
    started = true;
    beforeSend.run();
    try {
      response.send(headersOnly ? new byte[0] : body);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException e) {
      throw new IOException("the answer could not be sent", e);
    }
  }

  @Override
  public OutputStream stream() {
    started = true;
    stream = new Chunks(response.outputStream());
    return stream;
  }

  @Override
  public boolean started() {
    return started;
  }

  /** Ends a stream that was begun. */
  void end() throws IOException {
    if (stream != null) {
      stream.close();
    }
  }

  /** A stream whose failures are all {@link IOException}s. */
  private static final class Chunks extends OutputStream {
    private final OutputStream to;

    Chunks(OutputStream to) {
      this.to = to;
    }

    private interface Step {
      void run() throws IOException;
    }

    private static void run(Step step) throws IOException {
      try {
        step.run();
      } catch (UncheckedIOException e) {
        throw e.getCause();
      } catch (RuntimeException e) {
        throw new IOException("the client is gone", e);
      }
    }

    @Override
    public void write(int b) throws IOException {
      run(() -> to.write(b));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      run(() -> to.write(bytes, offset, length));
    }

    @Override
    public void flush() throws IOException {
      run(to::flush);
    }

    @Override
    public void close() throws IOException {
      run(to::close);
    }
  }
}
