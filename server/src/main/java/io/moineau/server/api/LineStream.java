package io.moineau.server.api;

import io.moineau.text.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** JSON values, one a line, each sent as soon as it is written. */
public final class LineStream {
  private final OutputStream out;

  LineStream(OutputStream out) {
    this.out = out;
  }

  /** Sends a value. */
  public void line(Object json) throws IOException {
    out.write((Json.write(json) + "\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
