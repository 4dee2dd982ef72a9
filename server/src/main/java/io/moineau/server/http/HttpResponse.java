package io.moineau.server.http;

import java.io.IOException;
import java.io.OutputStream;

/**
 * An answer in the making. Status and headers come first, then one of {@link #send} and {@link
 * #stream}.
 */
public interface HttpResponse {
  /** Sets the status; 200 unless set. */
  void status(int status);

  /** The status set. */
  int status();

  /** Sets a header, replacing its value. */
  void header(String name, String value);

  /** Ends the connection after this answer. */
  void close();

  /** Sends a whole body. */
  void send(byte[] body) throws IOException;

  /**
   * Begins a body whose length is not known. What is written waits in a buffer until a flush. A
   * write fails if the client is gone or takes nothing for too long.
   */
  OutputStream stream() throws IOException;

  /** Whether status and headers are on their way and cannot be changed. */
  boolean started();
}
