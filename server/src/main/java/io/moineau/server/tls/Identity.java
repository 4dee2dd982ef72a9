package io.moineau.server.tls;

import io.moineau.server.ServerException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** What a server shows of itself: its certificates, and the key of the first one. */
record Identity(List<X509Certificate> chain, PrivateKey key) {
  /**
   * Reads both files' texts.
   *
   * @throws ServerException {@code tls-cert-malformed}, {@code tls-key-malformed}, {@code
   *     tls-key-encrypted}, {@code tls-key-mismatch}
   */
  static Identity read(Path certFile, byte[] certText, Path keyFile, byte[] keyText) {
    List<X509Certificate> chain = certificates(certFile, certText);
    PublicKey publicKey = chain.getFirst().getPublicKey();
    PrivateKey key = privateKey(keyFile, keyText, publicKey);
    if (!belong(publicKey, key)) {
      throw new ServerException(
          "tls-key-mismatch",
          "the private key is not that of the certificate",
          keyFile + " and the first certificate of " + certFile,
          "a key and its certificate, which comes first in its file",
          "give the two files that were made together");
    }
    return new Identity(chain, key);
  }

  private static List<X509Certificate> certificates(Path file, byte[] text) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Pem.Block block : Pem.blocks(new String(text, StandardCharsets.ISO_8859_1))) {
        if (block.label().equals("CERTIFICATE")) {
          chain.add(
              (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
        }
      }
    } catch (CertificateException | IllegalArgumentException e) {
      throw badCertificate(file, "certificate " + (chain.size() + 1) + " cannot be read");
    }
    if (chain.isEmpty()) {
      throw badCertificate(file, "it has no block CERTIFICATE");
    }
    return chain;
  }

  private static ServerException badCertificate(Path file, String why) {
    return new ServerException(
        "tls-cert-malformed",
        "the certificate cannot be read",
        file + ": " + why,
        "PEM: blocks CERTIFICATE, the server's own first, then those that vouch for it",
        "");
  }

  private static PrivateKey privateKey(Path file, byte[] text, PublicKey publicKey) {
    try {
      for (Pem.Block block : Pem.blocks(new String(text, StandardCharsets.ISO_8859_1))) {
        if (!block.label().endsWith("PRIVATE KEY")) {
          continue;
        }
        if (block.encrypted()) {
          throw new ServerException(
              "tls-key-encrypted",
              "the private key needs a password",
              file.toString(),
              "a key without a password, in a file that only this user can read",
              "openssl pkey -in " + file.getFileName() + " -out plain.pem");
        }
        byte[] pkcs8 =
            block.label().equals("PRIVATE KEY")
                ? block.der()
                : Der.pkcs8(publicKey.getEncoded(), block.der());
        return KeyFactory.getInstance(publicKey.getAlgorithm())
            .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw badKey(file, "it is no " + publicKey.getAlgorithm() + " key as its certificate's is");
    }
    throw badKey(file, "it has no block PRIVATE KEY");
  }

  private static ServerException badKey(Path file, String why) {
    return new ServerException(
        "tls-key-malformed",
        "the private key cannot be read",
        file + ": " + why,
        "PEM: PRIVATE KEY (PKCS#8), RSA PRIVATE KEY (PKCS#1) or EC PRIVATE KEY (SEC 1)",
        "");
  }

  /** Whether what one signs the other knows. */
  private static boolean belong(PublicKey publicKey, PrivateKey key) {
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "EdDSA" -> "EdDSA";
          default -> "";
        };
    if (algorithm.isEmpty()) {
      return true; // the first client would tell
    }
    try {
      byte[] nonce = new byte[32];
      new SecureRandom().nextBytes(nonce);
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(nonce);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(nonce);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** For connections of its own. */
  SSLContext context() {
    try {
      char[] none = new char[0]; // the store lives in memory only
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, none);
      store.setKeyEntry("server", key, none, chain.toArray(X509Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, none);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new ServerException(
          "tls-unavailable",
          "TLS cannot be set up with this key",
          key.getAlgorithm() + ": " + e.getMessage(),
          "RSA, EC and Ed25519 keys",
          "");
    }
  }
}
