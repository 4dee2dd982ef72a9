package io.moineau.server.tls;

import io.moineau.error.MoineauException;
import io.moineau.server.ServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * A certificate and its key in PEM files. They are read again when they change: connections that
 * are open keep what they began with, new ones get the new; what cannot be read is told in the log,
 * and the last good one stays in use.
 *
 * <p>Files are looked at when a connection is opened, at most every two seconds. Their bytes are
 * compared, not their times: certificates are renewed by links that are turned, copies with older
 * times, and files written one after the other.
 */
public final class TlsFiles {
  private static final System.Logger LOG = System.getLogger("io.moineau.server.tls");
  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
  private static final int MOST_BYTES = 1 << 20;
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final String[] APPLICATION_PROTOCOLS = {"http/1.1"};

  private final Path certFile;
  private final Path keyFile;
  private final ReentrantLock lock = new ReentrantLock();
  private byte[] certText;
  private byte[] keyText;
  private volatile SSLContext context;
  private volatile long lookedAt;

  private TlsFiles(Path certFile, Path keyFile) {
    this.certFile = certFile;
    this.keyFile = keyFile;
    this.certText = bytes(certFile, "certificate");
    this.keyText = bytes(keyFile, "private key");
    this.context = read(certText, keyText);
    this.lookedAt = System.nanoTime();
  }

  /**
   * Reads both.
   *
   * @param certFile the server's certificate, then those that vouch for it
   * @param keyFile its private key: PKCS#8, PKCS#1 or SEC 1, without a password
   * @throws ServerException {@code tls-file-unreadable}, {@code tls-cert-malformed}, {@code
   *     tls-key-malformed}, {@code tls-key-encrypted}, {@code tls-key-mismatch}
   */
  public static TlsFiles of(Path certFile, Path keyFile) {
    return new TlsFiles(certFile, keyFile);
  }

  /** For one connection: TLS 1.3 or 1.2, HTTP/1.1 within. */
  public SSLEngine newEngine() {
    look();
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setUseCipherSuitesOrder(true);
    parameters.setApplicationProtocols(APPLICATION_PROTOCOLS);
    engine.setSSLParameters(parameters);
    return engine;
  }

  private void look() {
    // One connection looks; others that open meanwhile take what there is.
    if (System.nanoTime() - lookedAt < LOOK_EVERY.toNanos() || !lock.tryLock()) {
      return;
    }
    try {
      lookedAt = System.nanoTime();
      byte[] cert = bytes(certFile, "certificate");
      byte[] key = bytes(keyFile, "private key");
      if (Arrays.equals(cert, certText) && Arrays.equals(key, keyText)) {
        return;
      }
      certText = cert; // whatever becomes of it: the same is told once
      keyText = key;
      context = read(cert, key);
      LOG.log(System.Logger.Level.INFO, "the TLS certificate was read again: " + certFile);
    } catch (MoineauException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the new TLS certificate is not used, the one before it is: " + e.getMessage());
    } finally {
      lock.unlock();
    }
  }

  private SSLContext read(byte[] cert, byte[] key) {
    Identity identity = Identity.read(certFile, cert, keyFile, key);
    X509Certificate own = identity.chain().getFirst();
    try {
      own.checkValidity();
    } catch (CertificateException e) {
      boolean over = e instanceof CertificateExpiredException;
      LOG.log(
          System.Logger.Level.WARNING,
          "the TLS certificate "
              + certFile
              + (over
                  ? " expired at " + own.getNotAfter().toInstant()
                  : " is not valid before " + own.getNotBefore().toInstant())
              + ": clients will refuse it");
    }
    return identity.context();
  }

  private static byte[] bytes(Path file, String what) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw unreadable(file, what, "larger than " + MOST_BYTES + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw unreadable(file, what, "there is no such file");
    } catch (IOException e) {
      throw unreadable(file, what, String.valueOf(e.getMessage()));
    }
  }

  private static ServerException unreadable(Path file, String what, String why) {
    return new ServerException(
        "tls-file-unreadable",
        "the " + what + " for TLS cannot be read",
        file + ": " + why,
        "a PEM file that this user can read",
        "");
  }
}
