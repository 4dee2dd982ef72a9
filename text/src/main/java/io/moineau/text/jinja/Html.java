package io.moineau.text.jinja;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Jinja's filters do for HTML: escaping, tags, entities, links. */
final class Html {
  private static final Pattern ENTITY =
      Pattern.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[a-zA-Z]+;?)");

  private Html() {}

  static Str escape(Render render, Str s) {
    if (s.markup) {
      return s;
    }
    StrBuilder out = new StrBuilder(render);
    int plain = 0;
    for (int i = 0; i < s.chars.length(); i++) {
      String entity =
          switch (s.chars.charAt(i)) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '"' -> "&#34;";
            case '\'' -> "&#39;";
            default -> "";
          };
      if (!entity.isEmpty()) {
        out.append(s, plain, i).append(entity, s.isUntrusted(i, i + 1));
        plain = i + 1;
      }
    }
    return out.append(s, plain, s.chars.length()).build().withMarkup(true);
  }

  /** Without comments and tags, with runs of white space as one space and entities decoded. */
  static Str stripTags(Str s) {
    String text = s.chars;
    text = without(text, "<!--", "-->");
    text = without(text, "<", ">");
    StringBuilder out = new StringBuilder();
    boolean space = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Chars.isSpace(c)) {
        space = true;
      } else {
        if (space && !out.isEmpty()) {
          out.append(' ');
        }
        space = false;
        out.append(c);
      }
    }
    return Str.derived(unescape(out.toString()), s);
  }

  private static String without(String text, String open, String close) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (true) {
      int start = text.indexOf(open, at);
      int end = start < 0 ? -1 : text.indexOf(close, start);
      if (end < 0) {
        return out.append(text, at, text.length()).toString();
      }
      out.append(text, at, start);
      at = end + close.length();
    }
  }

  private static String unescape(String text) {
    Matcher m = ENTITY.matcher(text);
    StringBuilder out = new StringBuilder();
    while (m.find()) {
      m.appendReplacement(out, Matcher.quoteReplacement(entity(m.group(), m.group(1))));
    }
    return m.appendTail(out).toString();
  }

  private static String entity(String whole, String body) {
    String name = body.endsWith(";") ? body.substring(0, body.length() - 1) : body;
    if (name.startsWith("#")) {
      boolean hex = name.length() > 1 && (name.charAt(1) | 32) == 'x';
      String digits = name.substring(hex ? 2 : 1);
      int c = digits.length() > 8 ? -1 : (int) Long.parseLong(digits, hex ? 16 : 10);
      return c <= 0 || c > 0x10ffff || c >= 0xd800 && c < 0xe000 ? "\ufffd" : Character.toString(c);
    }
    return switch (name) {
      case "lt", "LT" -> "<";
      case "gt", "GT" -> ">";
      case "amp", "AMP" -> "&";
      case "quot", "QUOT" -> "\"";
      case "nbsp" -> "\u00a0";
      case "copy", "COPY" -> "©";
      case "reg", "REG" -> "®";
      default -> {
        if (!body.endsWith(";")) {
          yield whole;
        }
        yield switch (name) {
          case "apos" -> "'";
          case "hellip" -> "…";
          case "mdash" -> "—";
          case "ndash" -> "–";
          case "euro" -> "€";
          default -> whole;
        };
      }
    };
  }

  static String urlQuote(Str s, boolean query) {
    StringBuilder out = new StringBuilder();
    for (byte b : s.chars.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
      int c = b & 255;
      if (c >= '0' && c <= '9'
          || (c | 32) >= 'a' && (c | 32) <= 'z' && c < 128
          || "_.-~".indexOf(c) >= 0
          || c == '/' && !query) {
        out.append((char) c);
      } else if (c == ' ' && query) {
        out.append('+');
      } else {
        out.append(String.format("%%%02X", c));
      }
    }
    return out.toString();
  }

  private static final Pattern HTTP =
      Pattern.compile(
          "^((https?://|www\\.)(([\\w%-]+\\.)+)?([a-z]{2,63}|xn--[\\w%]{2,59})"
              + "|([\\w%-]{2,63}\\.)+(com|net|int|edu|gov|org|info|mil)"
              + "|(https?://)((([\\d]{1,3})(\\.[\\d]{1,3}){3})"
              + "|(\\[([\\da-f]{0,4}:){2}([\\da-f]{0,4}:?){1,6}])))"
              + "(?::[\\d]{1,5})?(?:[/?#]\\S*)?$",
          Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern EMAIL =
      Pattern.compile("^\\S+@\\w[\\w.-]*\\.\\w+$", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern HEAD = Pattern.compile("^([(<]|&lt;)+");
  private static final Pattern TAIL = Pattern.compile("([)>.,\\n]|&gt;)+$");
  private static final Pattern SPACE =
      Pattern.compile("(\\s+)|(\\S+)", Pattern.UNICODE_CHARACTER_CLASS);

  /** Links in place of addresses; {@code limit} cuts what is shown, -1 for no cut. */
  static String urlize(
      String escaped, int limit, String rel, String target, java.util.List<String> schemes) {
    StringBuilder out = new StringBuilder();
    Matcher words = SPACE.matcher(escaped);
    while (words.find()) {
      out.append(
          words.group(1) != null || words.group().length() > 4000
              ? words.group()
              : link(words.group(), limit, rel + target, schemes));
    }
    return out.toString();
  }

  private static String link(
      String word, int limit, String attributes, java.util.List<String> schemes) {
    String head = "";
    String middle = word;
    String tail = "";
    Matcher m = HEAD.matcher(middle);
    if (m.find()) {
      head = m.group();
      middle = middle.substring(m.end());
    }
    m = TAIL.matcher(middle);
    if (m.find()) {
      tail = m.group();
      middle = middle.substring(0, m.start());
    }
    for (String[] pair : new String[][] {{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}}) {
      int starts = count(middle, pair[0]);
      if (starts <= count(middle, pair[1])) {
        continue;
      }
      int moves = Math.min(starts, count(tail, pair[1]));
      for (int i = 0; i < moves; i++) {
        int end = tail.indexOf(pair[1]) + pair[1].length();
        middle += tail.substring(0, end);
        tail = tail.substring(end);
      }
    }
    String shown =
        limit >= 0 && middle.length() > limit ? middle.substring(0, limit) + "..." : middle;
    if (HTTP.matcher(middle).find()) {
      String prefix =
          middle.startsWith("https://") || middle.startsWith("http://") ? "" : "https://";
      middle = "<a href=\"" + prefix + middle + "\"" + attributes + ">" + shown + "</a>";
    } else if (middle.startsWith("mailto:") && EMAIL.matcher(middle.substring(7)).find()) {
      middle = "<a href=\"" + middle + "\">" + middle.substring(7) + "</a>";
    } else if (middle.contains("@")
        && !middle.startsWith("www.")
        && !middle.startsWith("@")
        && !middle.contains(":")
        && EMAIL.matcher(middle).find()) {
      middle = "<a href=\"mailto:" + middle + "\">" + middle + "</a>";
    } else {
      for (String scheme : schemes) {
        if (!middle.equals(scheme) && middle.startsWith(scheme)) {
          middle = "<a href=\"" + middle + "\"" + attributes + ">" + middle + "</a>";
        }
      }
    }
    return head + middle + tail;
  }

  private static int count(String text, String part) {
    int n = 0;
    for (int i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length())) {
      n++;
    }
    return n;
  }
}
