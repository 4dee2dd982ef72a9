package io.moineau.server.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates for localhost, made for a test. */
public final class TestCertificates {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final byte[] LOCALHOST =
      sequence(
          element(0x82, "localhost".getBytes(StandardCharsets.US_ASCII)),
          element(0x87, new byte[] {127, 0, 0, 1}));

  private final KeyPair keys;
  private final String name;
  private final List<X509Certificate> chain = new ArrayList<>();

  private TestCertificates(KeyPair keys, String name) {
    this.keys = keys;
    this.name = name;
  }

  /**
   * One that vouches for itself.
   *
   * @param algorithm RSA, EC or Ed25519
   */
  public static TestCertificates selfSigned(String algorithm) {
    return selfSigned(algorithm, Instant.now().plusSeconds(3600));
  }

  /** The same with an end. */
  public static TestCertificates selfSigned(String algorithm, Instant end) {
    TestCertificates own = new TestCertificates(keys(algorithm), "Test " + algorithm);
    own.chain.add(certificate(own, own, end));
    return own;
  }

  /** One for which another vouches. */
  public TestCertificates issue(String algorithm) {
    TestCertificates issued = new TestCertificates(keys(algorithm), "Leaf " + algorithm);
    issued.chain.add(certificate(issued, this, Instant.now().plusSeconds(3600)));
    issued.chain.addAll(chain);
    return issued;
  }

  private static KeyPair keys(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (!algorithm.equals("Ed25519")) {
        generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Certificate certificate(
      TestCertificates subject, TestCertificates issuer, Instant end) {
    String kind = issuer.keys.getPublic().getAlgorithm();
    byte[] algorithm =
        switch (kind) {
          case "RSA" -> sequence(oid("2a864886f70d01010b"), element(0x05));
          case "EC" -> sequence(oid("2a8648ce3d040302"));
          default -> sequence(oid("2b6570"));
        };
    byte[] authority = sequence(oid("551d13"), element(0x04, sequence(element(0x01, b(0xff)))));
    byte[] names = sequence(oid("551d11"), element(0x04, LOCALHOST));
    byte[] body =
        sequence(
            element(0xa0, element(0x02, b(2))),
            element(0x02, BigInteger.valueOf(System.nanoTime()).toByteArray()),
            algorithm,
            name(issuer.name),
            sequence(time(Instant.now().minusSeconds(7200)), time(end)),
            name(subject.name),
            subject.keys.getPublic().getEncoded(),
            element(0xa3, sequence(authority, names)));
    try {
      Signature signature =
          Signature.getInstance(
              switch (kind) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> "EdDSA";
              });
      signature.initSign(issuer.keys.getPrivate());
      signature.update(body);
      byte[] signed = element(0x03, b(0), signature.sign());
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(sequence(body, algorithm, signed)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] name(String common) {
    return sequence(
        element(
            0x31, sequence(oid("550403"), element(0x0c, common.getBytes(StandardCharsets.UTF_8)))));
  }

  private static byte[] time(Instant time) {
    return element(0x18, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] oid(String hex) {
    return element(0x06, java.util.HexFormat.of().parseHex(hex));
  }

  private static byte[] b(int value) {
    return new byte[] {(byte) value};
  }

  private static byte[] sequence(byte[]... contents) {
    return element(0x30, contents);
  }

  private static byte[] element(int tag, byte[]... contents) {
    ByteArrayOutputStream inner = new ByteArrayOutputStream();
    for (byte[] content : contents) {
      inner.writeBytes(content);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(tag);
    if (inner.size() < 0x80) {
      all.write(inner.size());
    } else if (inner.size() < 0x100) {
      all.write(0x81);
      all.write(inner.size());
    } else {
      all.write(0x82);
      all.write(inner.size() >> 8);
      all.write(inner.size());
    }
    all.writeBytes(inner.toByteArray());
    return all.toByteArray();
  }

  /** The certificates as a file has them. */
  public String chainPem() {
    StringBuilder text = new StringBuilder("what stands before is passed over\n");
    for (X509Certificate certificate : chain) {
      try {
        text.append(pem("CERTIFICATE", certificate.getEncoded()));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
    return text.toString();
  }

  /** The key in PKCS#8. */
  public String keyPem() {
    return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
  }

  /** The key as OpenSSL wrote it before: PKCS#1 or SEC 1. */
  public String oldKeyPem() {
    // What PKCS#8 wraps is the last of its elements.
    byte[] pkcs8 = keys.getPrivate().getEncoded();
    int at = content(pkcs8, 0);
    at = end(pkcs8, at); // version
    at = end(pkcs8, at); // algorithm
    byte[] key = java.util.Arrays.copyOfRange(pkcs8, content(pkcs8, at), end(pkcs8, at));
    String kind = keys.getPrivate().getAlgorithm();
    return (kind.equals("EC") ? pem("EC PARAMETERS", oid("2a8648ce3d030107")) : "")
        + pem(kind + " PRIVATE KEY", key);
  }

  private static int content(byte[] der, int at) {
    return at + (der[at + 1] >= 0 ? 2 : 2 + (der[at + 1] & 0x7f));
  }

  private static int end(byte[] der, int at) {
    int content = content(der, at);
    int length = content == at + 2 ? der[at + 1] : 0;
    for (int i = at + 2; i < content; i++) {
      length = length << 8 | der[i] & 0xff;
    }
    return content + length;
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  /** Writes both files into a folder and reads them as a server does. */
  public TlsFiles files(Path folder) throws IOException {
    write(folder);
    return TlsFiles.of(folder.resolve("cert.pem"), folder.resolve("key.pem"));
  }

  /** Writes {@code cert.pem} and {@code key.pem}. */
  public void write(Path folder) throws IOException {
    Files.writeString(folder.resolve("cert.pem"), chainPem());
    Files.writeString(folder.resolve("key.pem"), keyPem());
  }

  /** The server's own certificate. */
  public X509Certificate certificate() {
    return chain.getFirst();
  }

  /** For clients that trust the last of the chain, and nobody else. */
  public SSLContext trusting() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry("root", chain.getLast());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
