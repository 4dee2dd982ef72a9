package io.moineau.server;

import io.moineau.server.tls.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.io.TempDir;

/** The same manners with TLS in between: deadlines, clients that vanish, clients that are slow. */
class TlsMannersTest extends MannersTest {
  @TempDir static Path folder;

  private final TestCertificates certificates = TestCertificates.selfSigned("EC");

  @Override
  ServerOptions options() {
    try {
      return super.options().withTls(certificates.files(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  SSLContext trusting() {
    return certificates.trusting();
  }

  /**
   * Handshakes are among what the deadlines are for, and take their time where much is going on.
   */
  @Override
  int patience() {
    return 3;
  }
}
