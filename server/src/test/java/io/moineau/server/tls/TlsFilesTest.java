package io.moineau.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.server.ServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What PEM files are read, and what is said of others. */
class TlsFilesTest {
  @TempDir Path folder;
  private Path cert;
  private Path key;

  @BeforeEach
  void name() {
    cert = folder.resolve("cert.pem");
    key = folder.resolve("key.pem");
  }

  @ParameterizedTest
  @CsvSource({"RSA,false", "RSA,true", "EC,false", "EC,true", "Ed25519,false"})
  void keysOfEachForm_areRead(String algorithm, boolean old) throws IOException {
    TestCertificates certificates = TestCertificates.selfSigned(algorithm);
    certificates.write(folder);
    if (old) {
      Files.writeString(key, certificates.oldKeyPem());
    }
    assertThat(TlsFiles.of(cert, key).newEngine().getUseClientMode()).isFalse();
  }

  private void isRefused(String code, String... said) {
    assertThatThrownBy(() -> TlsFiles.of(cert, key))
        .isInstanceOf(ServerException.class)
        .hasFieldOrPropertyWithValue("code", code)
        .hasMessageContainingAll(said);
  }

  @Test
  void filesThatAreNotThere_areNamed() throws IOException {
    isRefused("tls-file-unreadable", "cert.pem", "no such file");
    Files.writeString(cert, TestCertificates.selfSigned("EC").chainPem());
    isRefused("tls-file-unreadable", "key.pem", "private key");
  }

  @Test
  void contentsThatAreNoPem_areNamed() throws IOException {
    TestCertificates.selfSigned("EC").write(folder);
    String good = Files.readString(cert);
    Files.writeString(cert, "hello");
    isRefused("tls-cert-malformed", "CERTIFICATE");
    Files.writeString(cert, good.replace("-----END", "!!!!!END"));
    isRefused("tls-cert-malformed", "certificate 1");
    Files.writeString(cert, good);
    Files.writeString(key, good);
    isRefused("tls-key-malformed", "no block PRIVATE KEY");
  }

  @Test
  void keyOfAnotherCertificate_isRefused() throws IOException {
    TestCertificates.selfSigned("EC").write(folder);
    Files.writeString(key, TestCertificates.selfSigned("EC").keyPem());
    isRefused("tls-key-mismatch", "key.pem", "cert.pem");
    Files.writeString(key, TestCertificates.selfSigned("RSA").keyPem());
    isRefused("tls-key-malformed", "EC");
  }

  @ParameterizedTest
  @CsvSource({
    "'-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----'",
    "'-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n"
        + "-----END RSA PRIVATE KEY-----'"
  })
  void keyWithAPassword_isRefusedWithTheCure(String text) throws IOException {
    TestCertificates.selfSigned("RSA").write(folder);
    Files.writeString(key, text.replace("\\n", "\n"));
    isRefused("tls-key-encrypted", "openssl pkey");
  }

  @Test
  void certificateThatExpired_isServedAllTheSame() throws IOException {
    // The log says it; a server that does not start would help nobody.
    TestCertificates.selfSigned("EC", Instant.now().minusSeconds(60)).files(folder);
    assertThat(TlsFiles.of(cert, key).newEngine()).isNotNull();
  }
}
