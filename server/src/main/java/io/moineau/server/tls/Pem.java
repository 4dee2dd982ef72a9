package io.moineau.server.tls;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The blocks of a PEM file (RFC 7468); what stands between them is passed over. */
final class Pem {
  private static final String BEGIN = "-----BEGIN ";
  private static final String DASHES = "-----";

  private Pem() {}

  /**
   * A block.
   *
   * @param label such as {@code CERTIFICATE}
   * @param encrypted whether a password is needed to read it
   * @param der its bytes; none if it is encrypted
   */
  record Block(String label, boolean encrypted, byte[] der) {}

  /**
   * The blocks in order.
   *
   * @throws IllegalArgumentException if one has no end or is not base64
   */
  static List<Block> blocks(String text) {
    List<Block> blocks = new ArrayList<>();
    String label = "";
    boolean encrypted = false;
    StringBuilder base64 = new StringBuilder();
    for (String line : text.lines().map(String::strip).toList()) {
      if (label.isEmpty()) {
        if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
          label = line.substring(BEGIN.length(), line.length() - DASHES.length());
          encrypted = label.startsWith("ENCRYPTED ");
          base64.setLength(0);
        }
      } else if (line.equals("-----END " + label + DASHES)) {
        byte[] der = encrypted ? new byte[0] : Base64.getDecoder().decode(base64.toString());
        blocks.add(new Block(label, encrypted, der));
        label = "";
      } else if (line.contains(":")) {
        encrypted |= line.contains("ENCRYPTED"); // as OpenSSL wrote keys before PKCS#8
      } else {
        base64.append(line);
      }
    }
    if (!label.isEmpty()) {
      throw new IllegalArgumentException("no end of " + label);
    }
    return blocks;
  }
}
