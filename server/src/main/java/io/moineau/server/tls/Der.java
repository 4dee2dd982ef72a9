package io.moineau.server.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** As much of ASN.1's distinguished encoding as turns older forms of private keys into PKCS#8. */
final class Der {
  private static final int SEQUENCE = 0x30;
  private static final int INTEGER = 0x02;
  private static final int OCTET_STRING = 0x04;

  private Der() {}

  /**
   * PKCS#8 of a key in the form of PKCS#1 (RSA) or SEC 1 (EC). Both leave out, or may leave out,
   * what kind of key it is; the certificate's public key says it.
   *
   * @param publicKey as {@link java.security.PublicKey#getEncoded()} gives it
   */
  static byte[] pkcs8(byte[] publicKey, byte[] key) {
    byte[] algorithm = firstWithin(publicKey);
    return element(
        SEQUENCE, element(INTEGER, new byte[] {0}), algorithm, element(OCTET_STRING, key));
  }

  /** The first element, header and all, of those in a sequence. */
  private static byte[] firstWithin(byte[] sequence) {
    int start = headerLength(sequence, 0);
    return Arrays.copyOfRange(sequence, start, start + length(sequence, start));
  }

  private static int headerLength(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    return 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  /** Bytes of an element with its header. */
  private static int length(byte[] der, int at) {
    int header = headerLength(der, at);
    int content = header == 2 ? der[at + 1] & 0xff : 0;
    for (int i = 2; i < header; i++) {
      content = (content << 8) | (der[at + i] & 0xff);
    }
    return header + content;
  }

  private static byte[] element(int tag, byte[]... contents) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] content : contents) {
      all.writeBytes(content);
    }
    ByteArrayOutputStream element = new ByteArrayOutputStream();
    element.write(tag);
    int length = all.size();
    if (length < 0x80) {
      element.write(length);
    } else {
      int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
      element.write(0x80 | bytes);
      for (int i = bytes - 1; i >= 0; i--) {
        element.write(length >> (8 * i));
      }
    }
    element.writeBytes(all.toByteArray());
    return element.toByteArray();
  }
}
