package io.moineau.text.grammar;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Formats of JSON Schema as regular expressions: RFC 3339 for times, RFC 1123, 5321, 2673, 4291,
 * 9562 and 3986 for the rest. Each is a little narrower than its source where that bounds its
 * length.
 */
final class StringFormats {
  private static final String DATE =
      "(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])"
          + "|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)"
          + "|02-(?:0[1-9]|1\\d|2[0-8]))"
          + "|(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";
  private static final String TIME =
      "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
  private static final String NUMBER = "\\d{1,9}";
  private static final String LABEL = "[A-Za-z0-9]{1,20}(?:-[A-Za-z0-9]{1,18}){0,2}";
  private static final String HOSTNAME = LABEL + "(?:\\." + LABEL + "){0,3}";
  private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final String IPV4 = OCTET + "(?:\\." + OCTET + "){3}";
  private static final String WORD16 = "[0-9A-Fa-f]{1,4}";
  private static final String ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]";
  private static final String URI_CHARACTER = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";

  private static final Map<String, String> FORMATS = formats();

  private StringFormats() {}

  private static Map<String, String> formats() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("date-time", DATE + "T" + TIME);
    all.put("date", DATE);
    all.put("time", TIME);
    all.put("duration", duration());
    all.put("email", ATOM + "{1,24}(?:\\." + ATOM + "{1,12}){0,3}@" + HOSTNAME);
    all.put("hostname", HOSTNAME);
    all.put("ipv4", IPV4);
    all.put("ipv6", ipv6());
    all.put("uuid", "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    all.put(
        "uri",
        "[A-Za-z][A-Za-z0-9+.-]{0,15}://"
            + HOSTNAME
            + "(?::\\d{1,5})?(?:/"
            + URI_CHARACTER
            + "*)*(?:\\?(?:"
            + URI_CHARACTER
            + "|[/?])*)?(?:#(?:"
            + URI_CHARACTER
            + "|[/?])*)?");
    return all;
  }

  private static String duration() {
    String seconds = NUMBER + "S";
    String minutes = NUMBER + "M(?:" + seconds + ")?";
    String time = "T(?:" + NUMBER + "H(?:" + minutes + ")?|" + minutes + "|" + seconds + ")";
    String days = NUMBER + "D";
    String months = NUMBER + "M(?:" + days + ")?";
    String date = "(?:" + NUMBER + "Y(?:" + months + ")?|" + months + "|" + days + ")";
    return "P(?:" + date + "(?:" + time + ")?|" + time + "|" + NUMBER + "W)";
  }

  /** Eight groups of 16 bits, of which a run of zeros may be left out once. */
  private static String ipv6() {
    StringBuilder out = new StringBuilder("(?:").append(WORD16).append("(?::").append(WORD16);
    out.append("){7}");
    for (int before = 0; before <= 6; before++) {
      for (int after = 0; after <= 6 - before; after++) {
        out.append('|').append(groups(before)).append("::").append(groups(after));
      }
    }
    return out.append(")").toString();
  }

  private static String groups(int n) {
    return n == 0 ? "" : WORD16 + (n == 1 ? "" : "(?::" + WORD16 + "){" + (n - 1) + "}");
  }

  /** The expression of a format, to be matched as a whole; null if the format is not known. */
  static @Nullable Regex find(String format) {
    String pattern = FORMATS.get(format);
    return pattern == null ? null : RegexParser.search("^(?:" + pattern + ")$");
  }

  static String names() {
    return String.join(", ", FORMATS.keySet());
  }
}
