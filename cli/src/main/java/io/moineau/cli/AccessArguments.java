package io.moineau.cli;

import io.moineau.server.Cors;
import io.moineau.server.ServerOptions;
import io.moineau.server.tls.TlsFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who may use a server, and how what they say is protected on its way. */
final class AccessArguments {
  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "Speak HTTPS with the certificate in this PEM file, and those that vouch for it; read"
              + " again when it changes.")
  private @Nullable Path tlsCert;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its private key in PEM, without a password.")
  private @Nullable Path tlsKey;

  @Option(
      names = "--cors-origin",
      paramLabel = "ORIGIN",
      description =
          "Let web pages of this origin use the server too, such as https://chat.example; may be"
              + " given several times, * for all.")
  private List<String> corsOrigins = new ArrayList<>();

  /** Reads the certificate now, so that a server that cannot start says so before it loads. */
  ServerOptions addTo(ServeCommand job, ServerOptions options) {
    if ((tlsCert == null) != (tlsKey == null)) {
      throw job.usage(
          tlsCert == null ? "--tls-key needs --tls-cert" : "--tls-cert needs --tls-key");
    }
    for (String origin : corsOrigins) {
      if (!Cors.isOrigin(origin)) {
        throw job.usage(
            "--cors-origin is "
                + origin
                + ", but must be scheme://host or scheme://host:port without a path, or *");
      }
    }
    ServerOptions with = options.withCorsOrigins(corsOrigins);
    return tlsCert == null || tlsKey == null ? with : with.withTls(TlsFiles.of(tlsCert, tlsKey));
  }
}
